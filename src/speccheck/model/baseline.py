"""A baseline: metrics accepted from an earlier run, by whom, when, why and from which run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

import msgspec

from speccheck.model.cause import Cause
from speccheck.model.repeated import refuse_repeated_keys
from speccheck.model.values import Json, Value, from_wire, plain, to_wire

FORMAT = 1


class AcceptedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metrics of one entry (in wire form), the digest of what was measured, and who took them on.

    ``files`` are those that the subjects were built from, with the digests of their content. ``digest`` is that of the
    measurement, the metrics and the files when they were accepted; older entries lack these two.
    """

    measurement: str
    metrics: dict[str, Json]
    run: str
    owner: str
    reason: str
    accepted: str
    digest: str = ""
    files: dict[str, str] = {}

    def sealed(self) -> AcceptedEntry:
        """Return the entry with the digest of what it holds."""
        return msgspec.structs.replace(self, digest=self._digest())

    @property
    def edited(self) -> bool:
        """Whether the measurement, the metrics or the files are not those that were accepted."""
        return bool(self.digest) and self.digest != self._digest()

    def _digest(self) -> str:
        # An entry without files has the digest that it had before files were recorded.
        whole = (self.measurement, self.metrics, *([self.files] if self.files else []))
        return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()

    def values(self) -> dict[str, Value]:
        """Return the metrics as values."""
        return {name: from_wire(value) for name, value in self.metrics.items()}


class Baseline(msgspec.Struct, frozen=True):
    """A baseline file: its format version and entries by id."""

    speccheck_baseline: Literal[1]
    entries: dict[str, AcceptedEntry] = {}

    def to_bytes(self) -> bytes:
        """Return sorted, indented JSON: the same baseline gives the same bytes."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Baseline:
        """Read a file; a ValueError (mostly msgspec.DecodeError) names the place where it is not a baseline.

        RepeatedKeyError for a key that is there twice.
        """
        try:
            baseline = msgspec.json.decode(data, type=cls)
        except RecursionError:
            raise msgspec.DecodeError("it is nested too deep") from None
        if baseline.to_bytes() != data:
            refuse_repeated_keys(data)
        check_metrics(baseline.entries)
        return baseline


def check_metrics(entries: Mapping[str, AcceptedEntry]) -> None:
    """Raise ValueError, with the entry and metric, when a metric is not in wire form."""
    for name, entry in entries.items():
        for metric, value in entry.metrics.items():
            try:
                if not plain(value):
                    from_wire(value)
            except ValueError as error:
                raise ValueError(f"metric {metric!r} of entry {name!r}: {error}") from None


class BaselineEntry(msgspec.Struct, frozen=True):
    """The baseline of one entry as the judge gets it: its metrics, or the cause why they are absent."""

    metrics: dict[str, Value] | None = None
    cause: Cause | None = None


def accepted_metrics(metrics: dict[str, Value]) -> dict[str, Json]:
    """Return the wire form of an entry's metrics, keys sorted."""
    return {name: to_wire(metrics[name]) for name in sorted(metrics)}
