"""``speccheck build``: build subjects, and show the type, shape and source file of each."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from speccheck.cli.common import environ, load_or_exit, set_option, show_table
from speccheck.cli.exit_codes import ExitCode


@click.command("build")
@click.argument("spec", type=click.Path())
@click.argument("names", nargs=-1)
@set_option
def command(spec: str, names: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Build the subjects of SPEC (all, or NAMES) and print their type, shape and source file. This executes code.

    A subject that is built per matrix cell is built without a cell.
    """
    from speccheck.engine.local import subject_factory
    from speccheck.executors.containment import Ground, HardExit
    from speccheck.loading.diagnostics import did_you_mean
    from speccheck.registry import discover
    from speccheck.reporters._text import visible
    from speccheck.sdk.errors import SubjectError
    from speccheck.subjects import audited_traceback, describe

    registry = discover()
    variables = environ()
    loaded = load_or_exit(spec, registry, overrides, variables)
    for name in sorted(set(names) - set(loaded.subjects)):
        hint = did_you_mean(name, sorted(loaded.subjects), offer="it declares none")
        raise click.UsageError(f"{spec} does not declare subject {name!r}; {hint}")
    rows: list[list[str]] = []
    failures: list[str] = []
    ground = Ground()
    with subject_factory(loaded, registry, variables) as factory:
        scope = factory.scope(loaded.subjects)
        for name in names or sorted(loaded.subjects):
            try:
                with ground.contained():
                    description = describe(scope.get(name))
            except (SubjectError, HardExit) as error:
                failures.append(visible(f"{_at_fault(name, error)}\n{audited_traceback(error)}".rstrip(), keep="\n"))
            else:
                source = _from_here(description.source)
                rows.append([name, *map(visible, (description.type, description.shape, source))])
    for failure in failures:
        click.echo(failure, err=True)
    show_table(["subject", "type", "shape", "source"], rows)
    sys.exit(ExitCode.ERROR if failures else ExitCode.PASS)


def _at_fault(name: str, error: BaseException) -> str:
    """Return the error after the name asked for and, where another subject failed, the name of that one."""
    culprit = getattr(error, "name", "")
    return f"{name}: {error}" if culprit in ("", name) else f"{name}: subject {culprit}: {error}"


def _from_here(source: str) -> str:
    """Return the path of a source file, relative to the working folder if it is inside."""
    path = Path(source)
    return str(path.relative_to(Path.cwd())) if source and path.is_relative_to(Path.cwd()) else source
