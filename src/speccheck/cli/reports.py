"""Reports of a run: the ``--format`` option, the reporters that it names, and the files that they are written to."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from speccheck.model.run import Run
from speccheck.sdk.reporting import Reporter

if TYPE_CHECKING:
    from speccheck.registry import Registry

F = TypeVar("F", bound=Callable[..., Any])

TERMINAL = "terminal"
"""The format of a report when none is named."""


class _FormatOption(click.Option):
    """The option whose help names the reporters that are installed."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the option and its help text; broken plugins must not break ``--help``."""
        from speccheck.registry import RegistryError, discover

        shown = copy.copy(self)
        try:
            shown.help = f"{', '.join(discover().reporter_names())}; repeatable. Default: {TERMINAL}."
        except RegistryError:
            shown.help = f"Report format; repeatable. Default: {TERMINAL}."
        return super(_FormatOption, shown).get_help_record(ctx)


def format_option(function: F) -> F:
    """Add the ``--format`` option, repeatable."""
    return click.option("--format", "formats", cls=_FormatOption, multiple=True, metavar="NAME")(function)


def reporters_of(formats: Sequence[str], registry: Registry) -> list[Reporter]:
    """Return the reporters of these formats, of the terminal without any; a usage error lists those that exist."""
    for name in formats:
        if name not in registry.reporters:
            raise click.UsageError(f"unknown format {name!r}; choose from {', '.join(registry.reporter_names())}")
    return [registry.load_reporter(name) for name in formats or (TERMINAL,)]


def only_terminal(formats: Sequence[str]) -> bool:
    """Whether standard output holds the report for the terminal alone, so that other lines may be printed there too."""
    return set(formats) <= {TERMINAL}


def write_report(run: Run, reporter: Reporter, path: Path, record: Path | None = None) -> None:
    """Render a run into a file, make its folder, and print its path.

    ``record`` is the run's file if it was written in this form: a report that is the record is a copy of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if record is not None and reporter.record:
        shutil.copyfile(record, path)
    else:
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            reporter.render(run, stream)
    click.echo(f"wrote {path}")
