"""The reporters that speccheck itself registers, by name."""

from __future__ import annotations

from speccheck.sdk.hooks import ReporterRef

REPORTERS: tuple[ReporterRef, ...] = (
    ReporterRef("terminal", "speccheck.reporters.terminal:reporter"),
    ReporterRef("markdown", "speccheck.reporters.markdown:reporter"),
    ReporterRef("json", "speccheck.reporters.json:reporter"),
)
