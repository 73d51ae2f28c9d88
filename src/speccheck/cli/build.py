"""``speccheck build``: build subjects, and show the type, shape and source file of each."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccheck.cli.common import (
    environ,
    executor_of,
    executor_option,
    load_or_exit,
    no_exit,
    now,
    set_option,
    show_table,
)
from speccheck.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from speccheck.model.run import Failure


@click.command("build")
@click.argument("spec", type=click.Path())
@click.argument("names", nargs=-1)
@set_option
@executor_option
def command(spec: str, names: tuple[str, ...], overrides: tuple[str, ...], executor: str) -> None:
    """Build the subjects of SPEC (all, or NAMES) and print their type, shape and source file. This executes code.

    A subject that is built per matrix cell is built without a cell.
    """
    from speccheck.loading.diagnostics import did_you_mean
    from speccheck.registry import discover
    from speccheck.reporters._text import visible
    from speccheck.sdk.executing import Description, Job
    from speccheck.store import Redactor, RunStore

    registry = discover()
    variables = environ()
    opening = executor_of(executor, registry)
    loaded = load_or_exit(spec, registry, overrides, variables)
    for name in sorted(set(names) - set(loaded.subjects)):
        hint = did_you_mean(name, sorted(loaded.subjects), offer="it declares none")
        raise click.UsageError(f"{spec} does not declare subject {name!r}; {hint}")
    rows: list[list[str]] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = RunStore(Path(scratch)).create(now(), loaded.digest, Redactor(loaded.redact, variables))
        with no_exit(), opening.open(Job(loaded, registry, variables, folder, time.perf_counter)) as measuring:
            for name in names or sorted(loaded.subjects):
                found = measuring.describe(loaded.subjects, name)
                if isinstance(found, Description):
                    rows.append([name, *map(visible, (found.type, found.shape, _from_here(found.source)))])
                else:
                    failures.append(visible(f"{_at_fault(name, found)}\n{found.traceback}".rstrip(), keep="\n"))
    for failure in failures:
        click.echo(failure, err=True)
    show_table(["subject", "type", "shape", "source"], rows)
    sys.exit(ExitCode.ERROR if failures else ExitCode.PASS)


def _at_fault(name: str, failure: Failure) -> str:
    """Return the error after the name asked for and, where another subject failed, the name of that one."""
    culprit = failure.subject
    return f"{name}: {failure.message}" if culprit in ("", name) else f"{name}: subject {culprit}: {failure.message}"


def _from_here(source: str) -> str:
    """Return the path of a source file, relative to the working folder if it is inside."""
    path = Path(source)
    return str(path.relative_to(Path.cwd())) if source and path.is_relative_to(Path.cwd()) else source
