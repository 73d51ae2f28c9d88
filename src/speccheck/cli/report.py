"""``speccheck report``: render a stored run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from speccheck.cli.common import reporters, write_report


@click.command("report")
@click.argument("run", default="latest")
@click.option(
    "--format", "formats", multiple=True, metavar="NAME", help="Report format; repeatable. Default: terminal."
)
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file (one format) or folder (several).")
def command(run: str, formats: tuple[str, ...], out: Path | None) -> None:
    """Render the stored RUN: an id, a folder, a run.json or `latest`. Executes nothing that its spec named."""
    from speccheck.registry import discover
    from speccheck.store import RunStore, project_root, read_run

    registry = discover()
    chosen = reporters(formats or ("terminal",), registry.load_reporter, registry.reporter_names())
    stored = read_run(RunStore(project_root(Path.cwd())).find(run))
    for reporter in chosen:
        if out is None:
            reporter.render(stored, sys.stdout)
            continue
        path = out if len(chosen) == 1 and not out.is_dir() else out / f"report{reporter.suffix}"
        write_report(stored, reporter, path)
        click.echo(f"wrote {path}")
