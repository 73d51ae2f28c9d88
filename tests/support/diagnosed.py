"""Diagnostics in the short form that tests compare."""

from __future__ import annotations

from collections.abc import Iterable

from speccheck.model.diagnostic import Diagnostic


def codes(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """The code of each, in order."""
    return [item.code for item in diagnostics]


def places(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """``CODE line:column`` of each, in order; ``CODE`` alone without a position."""
    return [
        f"{item.code} {item.position.line}:{item.position.column}" if item.position is not None else item.code
        for item in diagnostics
    ]


def marked(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """``CODE text`` of each, in order, the text being what is underlined in the source line."""
    found = []
    for item in diagnostics:
        start = item.position.column - 1 if item.position is not None else 0
        found.append(f"{item.code} {item.source[start : start + item.length]}".rstrip())
    return found
