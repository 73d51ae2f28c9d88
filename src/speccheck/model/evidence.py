"""Evidence: what a check returns. It holds measurements only, never a limit and never a verdict."""

from __future__ import annotations

from typing import Any

import msgspec

from speccheck.model.values import Value


class Table(msgspec.Struct, frozen=True, omit_defaults=True):
    """Rows of plain values under named columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    title: str = ""


class Series(msgspec.Struct, frozen=True, omit_defaults=True):
    """Values ``y`` (in ``unit``) at the places ``x``, a loss per step for instance; both of one length.

    None in ``y`` replaces a value that was not finite.
    """

    x: tuple[float, ...]
    y: tuple[float | None, ...]
    x_name: str = "step"
    unit: str = ""


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """A located remark: what was found, and in which file, line (1-based) or symbol."""

    message: str
    file: str = ""
    line: int | None = None
    symbol: str = ""


class Artifact(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file kept with the run: its path inside the run's folder, sha256, size in bytes and media type."""

    path: str
    sha256: str
    size: int
    media_type: str = "application/octet-stream"


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True):
    """Named metrics (a tree of plain values), tables, series, findings, artifacts and captured output."""

    metrics: dict[str, Value] = {}
    tables: dict[str, Table] = {}
    series: dict[str, Series] = {}
    findings: tuple[Finding, ...] = ()
    artifacts: dict[str, Artifact] = {}
    log: str = ""
