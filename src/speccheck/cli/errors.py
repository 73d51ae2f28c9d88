"""Errors that users can remedy, shown as diagnostics on standard error."""

from __future__ import annotations

from collections.abc import Sequence

import click

from speccheck.model.diagnostic import Diagnostic


def as_diagnostics(error: Exception) -> Sequence[Diagnostic] | None:
    """Return the diagnostics of an error that a user can remedy, or None for any other error."""
    from speccheck.engine.plan import SelectionError
    from speccheck.registry import RegistryError
    from speccheck.store import StoreError

    if isinstance(error, RegistryError):
        return error.diagnostics
    if isinstance(error, SelectionError):
        return [error.diagnostic]
    if isinstance(error, StoreError):
        return [Diagnostic(error.code, str(error), hint=error.hint)]
    if isinstance(error, OSError):
        return [Diagnostic("SC806", f"{error.strerror or error}: {error.filename or 'standard output'}")]
    return None


def show(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics to standard error."""
    from speccheck.loading import render_diagnostics

    click.echo(render_diagnostics(diagnostics), err=True)
