"""A baseline: metrics accepted from an earlier run, by whom, when, why and from which run."""

from __future__ import annotations

from typing import Literal

import msgspec

from speccheck.model.values import Json, Value, from_wire, to_wire

FORMAT = 1


class AcceptedEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metrics of one entry (in wire form), the digest of what was measured, and who took them on."""

    measurement: str
    metrics: dict[str, Json]
    run: str
    owner: str
    reason: str
    accepted: str

    def values(self) -> dict[str, Value]:
        """The metrics as values."""
        return {name: from_wire(value) for name, value in self.metrics.items()}


class Baseline(msgspec.Struct, frozen=True):
    """A baseline file: its format version and entries by id."""

    speccheck_baseline: Literal[1]
    entries: dict[str, AcceptedEntry] = {}

    def to_bytes(self) -> bytes:
        """Sorted, indented JSON: the same baseline gives the same bytes."""
        return msgspec.json.format(msgspec.json.encode(self, order="sorted"), indent=2) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Baseline:
        """Read a file; msgspec.DecodeError (a ValueError) names the place where it is not a baseline."""
        return msgspec.json.decode(data, type=cls)


class BaselineEntry(msgspec.Struct, frozen=True):
    """What the judge sees of the baseline for one entry: its metrics, or the reason why there are none."""

    metrics: dict[str, Value] | None = None
    reason: str = ""


def accepted_metrics(metrics: dict[str, Value]) -> dict[str, Json]:
    """The wire form of an entry's metrics, keys sorted."""
    return {name: to_wire(metrics[name]) for name in sorted(metrics)}
