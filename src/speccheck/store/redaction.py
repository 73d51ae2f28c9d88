"""Redaction: values of variables named in ``redact:`` never reach a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from speccheck.model.baseline import AcceptedEntry, accepted_metrics
from speccheck.model.run import BaselineUse, Measured, Run
from speccheck.model.values import Json
from speccheck.store.errors import StoreError
from speccheck.store.masking import MASK, Masker, masked_ids
from speccheck.store.secret_forms import SHORTEST, Detector, Secrets

_FACTS = frozenset({"device", "git", "packages", "platform", "python"})

_JSON_PART = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*')

T = TypeVar("T")


class Redactor:
    """Masks the values of secret variables in text, in records and in text files.

    A value that is too short to be masked without destroying the text around it is a StoreError (SC805).
    """

    def __init__(self, names: Sequence[str], environ: Mapping[str, str]) -> None:
        values = {name: environ[name] for name in names if environ.get(name)}
        for name, value in values.items():
            if len(value.strip()) < SHORTEST:
                raise StoreError(
                    f"the value of {name}, which 'redact' names, has fewer than {SHORTEST} characters and cannot be "
                    "masked",
                    "SC805",
                    f"give {name} a longer value, unset it, or take it out of 'redact'",
                )
        self._secrets = Secrets(values.values()) if values else None
        self._detector = Detector(self._secrets) if self._secrets else None

    def __bool__(self) -> bool:
        return self._secrets is not None

    def text(self, text: str) -> str:
        """Return the text with every secret masked: in any case, and as other encodings show it."""
        spans = self._secrets.spans(text) if self._secrets else []
        if not spans:
            return text
        ends = [0, *(end for _, end in spans)]
        starts = [*(start for start, _ in spans), len(text)]
        return MASK.join(text[end:start] for end, start in zip(ends, starts, strict=True))

    def data(self, data: bytes) -> bytes:
        """Return the bytes of a text file with every secret masked; of JSON, in its texts and numbers alone."""
        if not self:
            return data
        text = data.decode("utf-8", "surrogateescape")
        masked = _JSON_PART.sub(self._json_part, text) if _is_json(data) else self.text(text)
        return data if masked == text else masked.encode("utf-8", "surrogateescape")

    def value(self, value: T) -> T:
        """Return the value with every text in it masked, keys of mappings included.

        Of what is judged or was measured, numbers too, and what is masked is marked.
        """
        if self._is_clean(value):
            return value
        return self._masker().record(value)

    def measured(self, measured: Measured) -> Measured:
        """Return the measurement with its evidence or failure masked."""
        return self.value(measured)

    def run(self, run: Run) -> Run:
        """Return the run masked, except what speccheck itself writes and reads again."""
        if self._is_clean(run):
            return run
        replace = msgspec.structs.replace
        use = run.baseline
        masker = self._masker([result.entry.id for result in run.entries] + sorted(use.entries if use else ()))
        rest = masker.record(replace(run, measurements={}, entries=(), environment={}, baseline=None))
        return replace(
            rest,
            measurements={
                digest: measured if self._is_clean(measured) else masker.record(measured)
                for digest, measured in run.measurements.items()
            },
            entries=tuple(result if self._is_clean(result) else masker.record(result) for result in run.entries),
            environment=self._environment(run.environment, masker),
            baseline=use and _baseline(use, masker),
        )

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the names that entries of these ids have in the record, where one of them is masked; else nothing."""
        return masked_ids(list(ids), self.text) if self else {}

    def _masker(self, ids: Iterable[str] = ()) -> Masker:
        assert self._secrets is not None
        return Masker(self.text, self._secrets.is_number, self.names(ids))

    def _environment(self, facts: dict[str, Json], masker: Masker) -> dict[str, Json]:
        """Return the facts masked; those that speccheck gathers keep their names, by which a dirty tree is known."""
        masked = dict(masker.shown({name: fact for name, fact in facts.items() if name not in _FACTS}))
        for name in _FACTS & facts.keys():
            fact = facts[name]
            whole = isinstance(fact, dict)
            masked[name] = {key: masker.shown(item) for key, item in fact.items()} if whole else masker.shown(fact)
        return masked

    def _json_part(self, found: re.Match[str]) -> str:
        value = msgspec.json.decode(found[0])
        masked = self._masker().shown(value)
        return found[0] if masked is value else msgspec.json.encode(masked).decode()

    def _is_clean(self, value: Any) -> bool:
        """Return whether the value surely holds no secret: a search in its JSON is quicker than a walk."""
        if self._detector is None:
            return True
        try:
            data = msgspec.json.encode(value)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False
        return self._detector.is_clean(data)


def _baseline(use: BaselineUse, masker: Masker) -> BaselineUse:
    """Return the baseline masked, its entries under the names that they have in the record."""
    rest = masker.record(msgspec.structs.replace(use, entries={}))
    entries = {masker.ids.get(name, name): _accepted(entry, masker) for name, entry in use.entries.items()}
    return msgspec.structs.replace(rest, entries=entries)


def _accepted(entry: AcceptedEntry, masker: Masker) -> AcceptedEntry:
    """Return an entry of a baseline masked, and sealed over what it holds now, unless it had been edited."""
    values = entry.values()
    metrics = masker.named(values)
    masked = masker.record(entry)
    if metrics is not values:
        masked = msgspec.structs.replace(masked, metrics=accepted_metrics(metrics))
    return masked if masked is entry or entry.edited or not entry.digest else masked.sealed()


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
        msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return False
    return True
