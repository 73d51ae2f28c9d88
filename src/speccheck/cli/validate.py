"""``speccheck validate``: report every mistake of a spec at once, and run nothing."""

from __future__ import annotations

import click

from speccheck.cli.common import environ, load_or_exit, set_option


@click.command("validate")
@click.argument("specs", nargs=-1, required=True, type=click.Path())
@set_option
def command(specs: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check the names, forms and references of SPECS. Executes no code of a spec."""
    from speccheck.model.formatting import counted
    from speccheck.registry import discover

    registry = discover()
    variables = environ()
    for path in specs:
        spec = load_or_exit(path, registry, overrides, variables)
        warned = f", {counted(len(spec.warnings), 'warning')}" if spec.warnings else ""
        click.echo(f"{path}: {counted(len(spec.entries), 'entry', 'entries')}, valid{warned}")
