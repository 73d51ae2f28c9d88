"""``speccheck run``: measure and judge the entries of a spec."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from speccheck.cli.common import complain, environ, executor_of, executor_option, load_or_exit, no_exit, now, set_option
from speccheck.cli.exit_codes import ExitCode, of_decision
from speccheck.cli.reports import TERMINAL, format_option, only_terminal, reporters_of, write_report

if TYPE_CHECKING:
    from speccheck.engine.session import Request
    from speccheck.model.run import Run
    from speccheck.registry import Registry
    from speccheck.sdk.executing import Executor
    from speccheck.sdk.reporting import Reporter
    from speccheck.store import RunFolder


@click.command("run")
@click.argument("spec", type=click.Path())
@click.option(
    "--only",
    "selection",
    multiple=True,
    metavar="ID|GLOB|TAG",
    help="Run these entries and those that they need. Repeatable.",
)
@set_option
@click.option("--out", type=click.Path(path_type=Path), help="Keep the run and its reports in this new folder.")
@format_option
@click.option(
    "--fail-on",
    type=click.Choice(["fail", "warn"]),
    default="fail",
    show_default=True,
    help="The least severity that fails a run.",
)
@executor_option
@click.option("-x", "stop_first", is_flag=True, help="Stop at the first entry that fails or is an error.")
def command(spec: str, out: Path | None, formats: tuple[str, ...], stop_first: bool, **recorded: Any) -> None:
    """Measure and judge the entries of SPEC. This executes the code that the spec names.

    The run is kept in .speccheck/runs of the project, for `report`, `judge` and `baseline accept`.
    """
    from speccheck.engine.plan import select
    from speccheck.engine.session import Request
    from speccheck.model.run import Options
    from speccheck.registry import discover
    from speccheck.store import load_baseline

    # Each option that goes on record has the name of its field.
    options = Options(command=("speccheck", *sys.argv[1:]), **recorded)
    registry = discover()
    reporters, executor = reporters_of(formats, registry), executor_of(options.executor, registry)
    loaded = load_or_exit(spec, registry, options.overrides, environ())
    request = Request(
        spec=loaded,
        entries=select(loaded, options.selection),
        baseline=load_baseline(loaded.baseline, Path(loaded.folder)),
        options=options,
        stop_first=stop_first,
    )
    live = only_terminal(formats) or out is not None
    with no_exit():
        run, folder = _run(request, registry, executor, out, live=live)
        del loaded, request  # the record has all of them that reports show; of a large spec two copies take much memory
        _tell_what_was_not_kept(folder)
        told = _told(run, reporters, registry, folder, out, live=live)
    if not told or run.ending != "whole":
        sys.exit(ExitCode.ERROR)
    # The record is on disk, and whoever waits for the report has it: only now may the exit code say PASS.
    sys.exit(of_decision(run.decision, interrupted=run.interrupted))


def _run(
    request: Request, registry: Registry, executor: Executor, out: Path | None, *, live: bool
) -> tuple[Run, RunFolder]:
    from speccheck.cli.interrupts import Interrupts
    from speccheck.cli.progress import Progress
    from speccheck.engine.session import Services, run_spec
    from speccheck.sdk.executing import Job
    from speccheck.store import Redactor, RunStore, StoreError, project_root

    spec, variables, interrupts = request.spec, environ(), Interrupts()
    store = RunStore(project_root(Path(spec.folder)).resolve())
    with interrupts():
        redactor, salt = Redactor(spec.redact, variables), os.urandom(2).hex()
        folder = store.create(now(), spec.digest, redactor, out and out.resolve(), salt)
        try:
            store.mark_latest(folder)
        except StoreError as error:  # the run itself is kept, and its decision holds
            complain(f"warning: {error}")
        progress = Progress(len(request.entries), live=live, redactor=redactor, clock=time.monotonic)
        job = Job(spec, registry, variables, folder, time.perf_counter, progress.tell, lambda: interrupts.asked)
        run: Run | None = None
        try:
            with executor.open(job) as measuring:
                services = Services(
                    executor=measuring,
                    registry=registry,
                    folder=folder,
                    now=now,
                    environ=variables,
                    on_result=progress.result,
                )
                run = run_spec(request, services)
        except OSError as error:
            if run is None:
                raise
            complain(f"warning: the processes of the run could not be ended: {error.strerror or error}")
        progress.close()
    return run, folder


def _tell_what_was_not_kept(folder: RunFolder) -> None:
    """Say what could not be written, and where."""
    if folder.lost:
        complain(f"error: the run could not be kept: {folder.lost}")
    if folder.unjournaled:
        kept = "" if folder.lost else "; the record was written at the end, and is whole"
        complain(f"warning: not all evidence was kept while the run went on: {folder.unjournaled}{kept}")


def _told(
    run: Run, reporters: Sequence[Reporter], registry: Registry, folder: RunFolder, out: Path | None, *, live: bool
) -> bool:
    """Write the reports and return whether all are written; if not, show the verdicts on the terminal if it can."""
    try:
        _show(run, reporters, out and folder.path, live=live)
        sys.stdout.flush()
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        kept = "" if folder.lost else f"; the run is kept in {folder.path}"
        complain(f"cannot write the report{where}: {error.strerror or error}{kept}")
    else:
        return True
    if out is not None:  # what is printed was a part of the reports
        with contextlib.suppress(OSError):
            registry.load_reporter(TERMINAL).render(run, sys.stdout)
            sys.stdout.flush()
    return False


def _show(run: Run, reporters: Sequence[Reporter], out: Path | None, *, live: bool) -> None:
    """Write the reports into the folder ``out``, all but the terminal's; without one, print them all.

    The terminal's lacks the table of entries when they were shown ``live``, each on its line.
    """
    from speccheck.reporters.terminal import render_after_lines
    from speccheck.store import RUN_FILE

    for reporter in reporters:
        if out is not None and reporter.name != TERMINAL:
            write_report(run, reporter, out / f"report{reporter.suffix}", out / RUN_FILE)
        elif live and reporter.name == TERMINAL:
            render_after_lines(run, sys.stdout)
        else:
            reporter.render(run, sys.stdout)
    if out is not None and all(reporter.name != TERMINAL for reporter in reporters):
        click.echo(f"{run.decision.value} ({run.coverage})")
