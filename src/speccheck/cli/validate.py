"""``speccheck validate``: every mistake of a spec at once, with nothing run."""

from __future__ import annotations

import click

from speccheck.cli.common import environ, load_or_exit, set_option


@click.command("validate")
@click.argument("specs", nargs=-1, required=True, type=click.Path())
@set_option
def command(specs: tuple[str, ...], overrides: tuple[str, ...]) -> None:
    """Check names, forms and references of SPECS. Builds and runs nothing that they name."""
    from speccheck.registry import discover

    registry = discover()
    variables = environ()
    for path in specs:
        spec = load_or_exit(path, registry, overrides, variables)
        warned = f", {len(spec.warnings)} warnings" if spec.warnings else ""
        click.echo(f"{path}: {len(spec.entries)} entries, valid{warned}")
