"""``speccheck report``: render a stored run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccheck.cli.common import complain, no_exit
from speccheck.cli.exit_codes import ExitCode
from speccheck.cli.reports import format_option, reporters_of, write_report

if TYPE_CHECKING:
    from speccheck.model.run import Run
    from speccheck.sdk.reporting import Reporter


@click.command("report")
@click.argument("run", default="latest")
@format_option
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file (one format) or folder (several).")
def command(run: str, formats: tuple[str, ...], out: Path | None) -> None:
    """Render the stored RUN: an id, a folder, a run.json or `latest`. Executes no code of a spec."""
    from speccheck.engine.rejudge import as_far_as_it_got
    from speccheck.registry import discover
    from speccheck.store import RunStore, project_root, read_run

    registry = discover()
    reporters = reporters_of(formats, registry)
    file = RunStore(project_root(Path.cwd())).find(run)
    stored = as_far_as_it_got(read_run(file))
    for reporter in reporters:
        path = None
        if out is None:
            _print(stored, reporter)
        else:
            path = out if len(reporters) == 1 and not out.is_dir() else out / f"report{reporter.suffix}"
            with no_exit():
                write_report(stored, reporter, path)
        if reporter.links and (path is None or path.resolve().parent != file.resolve().parent):
            _note_on_links(stored, file.parent)


def _print(run: Run, reporter: Reporter) -> None:
    """Print a report; where standard output takes none, the exit code is 3, as that of `run` and `judge`."""
    try:
        with no_exit():
            reporter.render(run, sys.stdout)
        sys.stdout.flush()
    except BrokenPipeError:
        return  # the reader has seen enough
    except OSError as error:
        complain(f"cannot write the report: {error.strerror or error}")
        sys.exit(ExitCode.ERROR)


def _note_on_links(run: Run, folder: Path) -> None:
    """Note that links work in the run's folder alone: they are relative, so that the folder can be moved as a whole."""
    if any(measured.evidence and measured.evidence.artifacts for measured in run.measurements.values()):
        click.echo(f"note: links to pictures and files are relative to {folder}; write it there with --out", err=True)
