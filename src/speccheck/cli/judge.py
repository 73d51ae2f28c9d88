"""``speccheck judge``: judge stored evidence again, by an edited spec."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from speccheck.cli.common import complain, environ, load_or_exit, no_exit, now, set_option
from speccheck.cli.exit_codes import ExitCode, of_decision
from speccheck.cli.reports import format_option, only_terminal, reporters_of

if TYPE_CHECKING:
    from speccheck.engine.rejudge import Rejudged
    from speccheck.model.run import Run
    from speccheck.store import RunStore


@click.command("judge")
@click.argument("run", default="latest")
@click.option("--spec", "spec_path", type=click.Path(), help="Judge by this spec instead of the run's own.")
@set_option
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The UTC day on which to judge. Default: today.")
@format_option
def command(
    run: str, spec_path: str | None, overrides: tuple[str, ...], as_of: datetime | None, formats: tuple[str, ...]
) -> None:
    """Judge the evidence of the stored RUN again, and show the effect of each changed threshold.

    Imports nothing that a spec names. The exit codes are those of `run`.
    """
    from speccheck.engine.rejudge import RunDeclarations, rejudge
    from speccheck.registry import discover
    from speccheck.store import BaselineFile, RunStore, load_baseline, project_root

    if overrides and spec_path is None:
        raise click.UsageError("--set changes a spec, not a run: name the spec with --spec")
    registry = discover()
    reporters = reporters_of(formats, registry)
    stored = _stored(RunStore(project_root(Path.cwd())), run, spec_path)
    spec, baseline = None, BaselineFile.recorded(stored.baseline)
    if spec_path is not None:
        _remark(stored, spec_path, overrides)
        spec = load_or_exit(spec_path, RunDeclarations(stored), overrides, environ())
        baseline = load_baseline(spec.baseline, Path(spec.folder))
    judged = rejudge(stored, spec, baseline, (as_of or now()).date())
    try:
        for reporter in reporters:
            with no_exit():
                reporter.render(judged.run, sys.stdout)
        _show_changes(judged, err=not only_terminal(formats))
        sys.stdout.flush()
    except OSError as error:  # a PASS that nobody got is none
        complain(f"cannot write the report: {error.strerror or error}")
        sys.exit(ExitCode.ERROR)
    sys.exit(of_decision(judged.run.decision, interrupted=judged.run.interrupted))


def _stored(store: RunStore, name: str, spec_path: str | None) -> Run:
    """Return the run of that name; with a spec, ``latest`` is the last run of that spec if it was run."""
    from speccheck.store import LATEST, read_run

    found = read_run(store.find(name))
    if spec_path is None or name != LATEST or Path(found.spec).name == Path(spec_path).name:
        return found
    newest = store.newest_of(spec_path)
    return found if newest is None else read_run(newest)


def _remark(stored: Run, spec_path: str, overrides: tuple[str, ...]) -> None:
    """Note what may make the evidence that of another measurement, so that unknown verdicts do not surprise."""
    if Path(stored.spec).name != Path(spec_path).name:
        click.echo(f"note: run {stored.id} is a run of {stored.spec}, not of {spec_path}", err=True)
    left_out = [override for override in stored.overrides if override not in overrides]
    if left_out:
        repeat = " ".join(f"--set {shlex.quote(override)}" for override in left_out)
        click.echo(f"note: run {stored.id} was made with {repeat}; without it, measurements may differ", err=True)


def _show_changes(judged: Rejudged, *, err: bool) -> None:
    for name in judged.dropped:
        click.echo(f"dropped: {name} is in the run but not in the spec", err=err)
    for change in judged.changes:
        verdict = _moved(change.verdict_before, change.verdict_after)
        outcome = _moved(change.outcome_before, change.outcome_after)
        what = f"{change.entry} {change.metric}: {change.before} -> {change.after}"
        click.echo(f"changed: {what}; verdict {verdict}; entry {outcome}", err=err)


def _moved(before: str, after: str) -> str:
    return f"{before} -> {after}" if before != after else f"{after} as before"
