"""``speccheck baseline``: accept metrics of a run as the baseline, and show them."""

from __future__ import annotations

from pathlib import Path

import click

from speccheck.cli.common import now, show_table


@click.group("baseline")
def command() -> None:
    """Accept a run's metrics as the baseline of later runs, and show what was accepted."""


@command.command("accept")
@click.argument("run", default="latest")
@click.option("--owner", required=True, help="The person who accepts the metrics.")
@click.option("--reason", required=True, help="Why later runs are compared with these metrics.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="The baseline file. Default: the file that the run's spec names."
)
@click.option("--partial", is_flag=True, help="Accept a run of selected entries (--only).")
@click.option("--dirty", is_flag=True, help="Accept a run of a tree with uncommitted changes.")
def accept(run: str, owner: str, reason: str, file: Path | None, partial: bool, dirty: bool) -> None:
    """Merge the metrics of RUN's entries that passed, or lack only a baseline, into the baseline file."""
    from speccheck.engine.rejudge import unconfirmed
    from speccheck.model.formatting import counted
    from speccheck.sdk.wording import judgement_text
    from speccheck.store import RunStore, StoreError, project_root, read_run
    from speccheck.store import accept as accept_run

    found = RunStore(project_root(Path.cwd())).find(run)
    stored = read_run(found)
    wrong = unconfirmed(stored) if stored.ending == "whole" else ()
    if wrong:
        message = f"{found}: the judgement of {', '.join(wrong)} does not follow from the evidence"
        raise StoreError(message, "SC810", "run the spec again: the record was edited, or judged by another version")
    if file is None:
        if stored.baseline is None:
            raise click.UsageError("the run's spec does not name a baseline; name the file with --file")
        if not Path(stored.spec).is_file():
            raise click.UsageError(
                f"the run's spec {stored.spec} does not exist in this folder; "
                "name the baseline with --file, or go to the folder of the run"
            )
        file = Path(stored.spec).parent / stored.baseline.path
    done = accept_run(stored, file, owner=owner, reason=reason, now=now(), partial=partial, dirty=dirty)
    click.echo(f"accepted {counted(len(done.taken), 'entry', 'entries')} of run {stored.id} into {file}")
    for name, judgement in done.left.items():
        why = judgement_text(judgement)
        click.echo(f"left out: {name} ({judgement.outcome.value}{f': {why}' if why else ''})")
    for name, metrics in done.omitted.items():
        for metric, why in metrics.items():
            click.echo(f"left out: {name} {metric} ({why})")


@command.command("show")
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Show the entries of the baseline FILE: metrics, run, owner, day and reason."""
    from speccheck.model.values import format_value
    from speccheck.sdk.wording import cause_text
    from speccheck.store import StoreError, load_baseline

    loaded = load_baseline(file.name, file.parent)
    if loaded.baseline is None:
        why = cause_text(loaded.cause) if loaded.cause else f"{file} does not hold a baseline"
        raise StoreError(why, "SC802", "write one with: speccheck baseline accept RUN")
    rows = []
    for name, entry in loaded.baseline.entries.items():
        metrics = ", ".join(f"{metric} {format_value(value)[:40]}" for metric, value in entry.values().items())
        rows.append([name, metrics[:100], entry.run, entry.owner, entry.accepted, entry.reason])
    show_table(["entry", "metrics", "run", "owner", "accepted", "reason"], rows)
