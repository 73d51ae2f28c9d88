"""Redaction: values of variables named in ``redact:`` never reach a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from speccheck.model.baseline import AcceptedEntry, accepted_metrics
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.evidence import Artifact
from speccheck.model.run import BaselineUse, Coverage, EntryResult, Measured, Run
from speccheck.model.spec import Entry, Measurement
from speccheck.model.texts import map_text
from speccheck.model.values import Json, TensorDescription
from speccheck.model.verdict import ConstraintVerdict, LimitSource
from speccheck.store.errors import StoreError

MASK = "***"

SHORTEST = 4
"""The shortest secret, in characters: a shorter one is part of too many words, which would be masked with it."""

_SHORTEST_LINE = 8

# Fields that speccheck writes and reads again: digests, ids, days, names of checks, and words of a fixed choice. To
# mask a part of these would break the record and hide nothing.
_KEPT: Mapping[type, frozenset[str]] = {
    Run: frozenset({"id", "spec_digest", "started", "finished", "fail_on", "checks", "loaders"}),
    EntryResult: frozenset({"measured"}),
    Entry: frozenset({"check", "severity"}),
    Measurement: frozenset({"check"}),
    Coverage: frozenset({"outcomes"}),
    ConstraintVerdict: frozenset({"name", "nesting", "severity", "demanded_by"}),
    LimitSource: frozenset({"kind", "op"}),
    Diagnostic: frozenset({"code", "severity"}),
    Artifact: frozenset({"sha256"}),
    BaselineUse: frozenset({"sha256"}),
    AcceptedEntry: frozenset({"measurement", "metrics", "run", "accepted"}),
    TensorDescription: frozenset({"dtype"}),
}

_FACTS = frozenset({"device", "git", "packages", "platform", "python"})

_JSON_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"')

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
        forms = {form for value in values.values() for form in _forms(value)}
        # The longest first: one secret may be part of another.
        self._forms = sorted(forms, key=lambda form: (-len(form), form))
        self._encoded = [msgspec.json.encode(form)[1:-1] for form in self._forms if _is_text(form)]
        carried = {form.encode("utf-8", "surrogateescape") for form in self._forms if _is_carried(form)}
        self._bytes = sorted(carried | set(self._encoded), key=lambda form: (-len(form), form))

    def __bool__(self) -> bool:
        return bool(self._forms)

    def text(self, text: str) -> str:
        """Return the text with every secret masked: as it is, and as repr, JSON and a single line show it."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text

    def data(self, data: bytes) -> bytes:
        """Return the bytes of a text file with every secret masked; of JSON, in its texts alone."""
        if not self._forms:
            return data
        if _is_json(data):
            return _JSON_TEXT.sub(lambda found: b'"' + self._masked(found[0][1:-1]) + b'"', data)
        return self._masked(data)

    def value(self, value: T) -> T:
        """Return the value with every text in it masked, keys of mappings included; numbers stay."""
        return value if self._is_clean(value) else map_text(value, self.text, _KEPT)

    def measured(self, measured: Measured) -> Measured:
        """Return the measurement with every text of its evidence or failure masked."""
        return self.value(measured)

    def run(self, run: Run) -> Run:
        """Return the run with every text masked, except what speccheck itself writes and reads again."""
        if self._is_clean(run):
            return run
        replace = msgspec.structs.replace
        rest = self.value(replace(run, measurements={}, entries=(), environment={}))
        return replace(
            rest,
            measurements={digest: self.value(measured) for digest, measured in run.measurements.items()},
            entries=tuple(self.value(result) for result in run.entries),
            environment=self._environment(run.environment),
            baseline=rest.baseline and self._baseline(rest.baseline),
        )

    def _environment(self, facts: dict[str, Json]) -> dict[str, Json]:
        """Return the facts masked; those that speccheck gathers keep their names, by which a dirty tree is known."""
        masked = self.value({name: fact for name, fact in facts.items() if name not in _FACTS})
        for name in _FACTS & facts.keys():
            fact = facts[name]
            whole = isinstance(fact, dict)
            masked[name] = {key: self.value(item) for key, item in fact.items()} if whole else self.value(fact)
        return masked

    def _baseline(self, use: BaselineUse) -> BaselineUse:
        entries = {
            name: msgspec.structs.replace(entry, metrics=accepted_metrics(self.value(entry.values())))
            for name, entry in use.entries.items()
        }
        return msgspec.structs.replace(use, entries=entries)

    def _masked(self, data: bytes) -> bytes:
        for form in self._bytes:
            data = data.replace(form, MASK.encode())
        return data

    def _is_clean(self, value: Any) -> bool:
        """Return whether the value surely holds no secret: a search in its JSON is quicker than a walk."""
        if not self._forms:
            return True
        try:
            data = msgspec.json.encode(value)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False
        return not any(form in data for form in self._encoded)


def _forms(secret: str) -> Iterator[str]:
    """Yield the forms that a secret may take in text; each line of a long one counts."""
    lines = [line.strip() for line in secret.splitlines()]
    found = {secret, secret.strip(), *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    found |= {_decoded(part) for part in found}
    found |= {" ".join(part.split()) for part in found} | {re.sub(r"[\r\n]", " ", part) for part in found}
    for _ in range(2):  # the repr of a message that has the repr of a value
        found |= {form for part in found for form in _escaped(part)}
    return (form for form in found if len(form.strip()) >= SHORTEST)


def _escaped(text: str) -> Iterator[str]:
    import json
    from urllib.parse import quote

    yield repr(text)[1:-1]
    yield repr(text + "'\"")[1:-4]  # in the repr of a longer text with quotes of both kinds
    yield ascii(text)[1:-1]
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield text.encode("utf-8", "backslashreplace").decode()
    yield quote(text, safe="", errors="surrogatepass")


def _decoded(text: str) -> str:
    """Return the text as output that was decoded has it: bytes that are not UTF-8 are replaced there."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if _is_carried(text) else text


def _is_text(form: str) -> bool:
    try:
        form.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_carried(form: str) -> bool:
    """Return whether a file can hold the form: surrogates of undecodable bytes it can, others it cannot."""
    try:
        form.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
        msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return False
    return True
