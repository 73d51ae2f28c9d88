"""``speccheck schema``: the JSON Schema of specs or runs."""

from __future__ import annotations

import json

import click


@click.command("schema")
@click.argument("what", type=click.Choice(["spec", "run"]), default="spec")
def command(what: str) -> None:
    """Print the JSON Schema (2020-12) of a spec, with all installed checks, or of a run file.

    Name it in the first line of a spec and an editor completes checks, parameters and metrics:

    \b
    # yaml-language-server: $schema=spec-v1.json
    """
    from speccheck.model.run import run_schema

    if what == "run":
        click.echo(json.dumps(run_schema(), indent=2, sort_keys=True))
        return
    from speccheck.loading import spec_schema
    from speccheck.registry import discover

    click.echo(json.dumps(spec_schema(discover()), indent=2, sort_keys=True))
