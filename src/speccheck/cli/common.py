"""Parts that several commands share: the ``--set`` option, loading a spec, the environment and the clock."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from speccheck.cli.errors import show
from speccheck.cli.exit_codes import ExitCode
from speccheck.model.declaration import Declarations
from speccheck.model.spec import Spec

if TYPE_CHECKING:
    from speccheck.registry import Registry
    from speccheck.sdk.executing import Executor

F = TypeVar("F", bound=Callable[..., Any])


def set_option(function: F) -> F:
    """Add the ``--set`` option, repeatable."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="PATH=VALUE",
        help="Override a value of the spec, e.g. checks.ID.expect.snr_db.min=3 or vars.mode=fast; VALUE is YAML.",
    )(function)


def executor_option(function: F) -> F:
    """Add the ``--executor`` option."""
    return click.option(
        "--executor",
        default="process",
        show_default=True,
        metavar="NAME",
        help="Where to measure: process (of its own, which may die or hang) or inline (here, for debuggers).",
    )(function)


def executor_of(name: str, registry: Registry) -> Executor:
    """Return the executor of that name; a usage error lists those that exist."""
    if name not in registry.executors:
        raise click.UsageError(f"unknown executor {name!r}; choose from {', '.join(registry.executor_names())}")
    return registry.load_executor(name)


def load_or_exit(path: str, declarations: Declarations, overrides: Sequence[str], environ: Mapping[str, str]) -> Spec:
    """Return the spec and show its warnings; if it has errors, show all of them and exit with code 2."""
    from speccheck.loading import load_spec

    # A spec is many small objects that live until the end. Searching them for garbage again and again costs more than a
    # quarter of the time of a run of 10,000 entries.
    gc.disable()
    try:
        loaded = load_spec(path, declarations, environ=environ, overrides=tuple(overrides))
    finally:
        gc.enable()
        gc.freeze()
    if loaded.diagnostics:
        show(loaded.diagnostics)
    if loaded.spec is None:
        sys.exit(ExitCode.INVALID)
    return loaded.spec


@contextlib.contextmanager
def no_exit() -> Iterator[None]:
    """Make an error of a SystemExit inside: a plugin does not choose the exit code of a command."""
    try:
        yield
    except SystemExit as error:
        raise RuntimeError(f"a plugin tried to end the command with exit code {error.code!r}") from error


def complain(text: str) -> None:
    """Print to standard error; whether that can be written to must not decide how the command ends."""
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def environ() -> Mapping[str, str]:
    """Return the environment variables; a command reads them once."""
    return dict(os.environ)


def now() -> datetime:
    """Return the time of the wall clock, in UTC."""
    return datetime.now(UTC)


def show_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that is no wider than the terminal or COLUMNS: long cells are wrapped.

    Anywhere else a row is one line, as a program reads it.
    """
    from speccheck.reporters._layout import aligned, width_of

    fits = sys.stdout.isatty() or os.environ.get("COLUMNS")
    click.echo("\n".join(aligned(headers, rows, width_of(sys.stdout) if fits else sys.maxsize)))
