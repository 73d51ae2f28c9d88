"""A resolved spec: what the engine runs and the judge judges. Built by :mod:`speccheck.loading`, read by everyone."""

from __future__ import annotations

import hashlib
from typing import Any, Literal, TypeAlias

import msgspec

from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.values import Json, is_masked, wired

EntrySeverity: TypeAlias = Literal["fail", "warn"]


class Measurement(msgspec.Struct, frozen=True, omit_defaults=True):
    """A measurement without its expectations: the key by which evidence is shared, stored and compared.

    ``params`` and ``subjects`` are in portable form: ``${vars}`` and ``${matrix}`` are resolved, while ``${here}`` (the
    folder of the root spec) and ``${env.NAME}`` stay as written, and so do references such as ``$clip.samples``.
    ``subjects`` holds the definitions of every subject that the parameters reach, directly or through another.
    """

    check: str
    version: int
    params: dict[str, Json] = {}
    seed: int = 0
    subjects: dict[str, Json] = {}

    @property
    def masked(self) -> bool:
        """Whether redaction hid a part of it in the record, so that its digest cannot be recomputed."""
        return is_masked(self.params) or is_masked(self.subjects)

    def digest(self) -> str:
        """sha256 (hex) of the canonical JSON of this measurement."""
        whole = (self.check, self.version, wired(self.params), self.seed, wired(self.subjects))
        return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()


class Requires(msgspec.Struct, frozen=True, omit_defaults=True):
    """The requirements of an entry: importable packages, files, a device (``cpu``, ``cuda``)."""

    packages: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    device: str = ""


class ExpectedFailure(msgspec.Struct, frozen=True, omit_defaults=True):
    """The metrics (paths as written; all of the entry when empty) that must fail, why, and the last day (UTC)."""

    reason: str
    metrics: tuple[str, ...] = ()
    until: str | None = None


class Waiver(msgspec.Struct, frozen=True, omit_defaults=True):
    """A failing entry let through: by whom, why, until which day (UTC), and what must still hold."""

    owner: str
    reason: str
    until: str
    worst: dict[str, Json] = {}


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry, or one cell of a matrix entry, with every reference but ``here`` and ``env`` resolved.

    ``id`` is that of the cell (``probe[a=1]``), ``base`` that of the entry as written. Entries of the same ``section``
    are together in a report. ``expect`` is as written, plain data. ``references`` are the ids that
    ``checks.ID.METRIC`` mentions, which run before. ``positions`` gives the place of each metric path of ``expect``, by
    its text.
    """

    id: str
    base: str
    check: str
    measurement: Measurement
    title: str = ""
    section: str = ""
    expect: dict[str, Json] = {}
    observe: bool = False
    needs: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    cell: dict[str, Json] = {}
    severity: EntrySeverity = "fail"
    timeout: float | None = None
    requires: Requires | None = None
    skip: str | None = None
    expected_failure: ExpectedFailure | None = None
    waiver: Waiver | None = None
    position: Position | None = None
    positions: dict[str, Position] = {}


class Spec(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole spec, resolved. ``file`` is its path as given; ``folder`` that of the root file, absolute.

    ``code`` maps the name of a code folder (``""`` for the only one) to its absolute path. ``subjects`` are portable
    definitions. ``seed`` is ``defaults.seed``, from which each subject's own derives. ``digest`` is sha256 over the
    portable form of everything, so the same spec elsewhere has the same.
    """

    title: str
    file: str
    folder: str
    entries: tuple[Entry, ...]
    code: dict[str, str] = {}
    baseline: str | None = None
    redact: tuple[str, ...] = ()
    subjects: dict[str, Json] = {}
    digest: str = ""
    warnings: tuple[Diagnostic, ...] = ()
    vars: dict[str, Any] = {}
    seed: int = 0
