"""``speccheck list``: what there is to use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from speccheck.cli.common import environ, load_or_exit, set_option

if TYPE_CHECKING:
    from speccheck.registry import Registry


@click.command("list")
@click.argument("what", type=click.Choice(["checks", "entries", "loaders", "plugins", "reporters", "subjects"]))
@click.argument("spec", required=False, type=click.Path())
@set_option
def command(what: str, spec: str | None, overrides: tuple[str, ...]) -> None:
    """List checks, loaders, reporters or plugins; or the subjects or entries of SPEC. Executes nothing it names."""
    from tabulate import tabulate

    from speccheck.registry import discover

    registry = discover()
    if what in ("entries", "subjects"):
        if spec is None:
            raise click.UsageError(f"speccheck list {what} SPEC")
        headers, rows = _of_spec(what, spec, registry, overrides)
    else:
        headers, rows = _of_registry(what, registry)
    # Ids, versions and sections are text: 1.10 is not 1.1.
    click.echo(tabulate(rows, headers=headers, tablefmt="simple", disable_numparse=True))


def _of_spec(what: str, spec: str, registry: Registry, overrides: tuple[str, ...]) -> tuple[list[str], list[list[str]]]:
    loaded = load_or_exit(spec, registry, overrides, environ())
    if what == "entries":
        sectioned = any(e.section for e in loaded.entries)
        rows = [
            [e.id, e.check, ", ".join(e.tags), ", ".join(e.needs), *([e.section] if sectioned else []), e.title]
            for e in loaded.entries
        ]
        return ["entry", "check", "tags", "needs", *(["section"] if sectioned else []), "title"], rows
    subjects = []
    for name, definition in sorted(loaded.subjects.items()):
        keys = [key for key in definition if key in registry.loaders]
        subjects.append([name, ", ".join(keys), ", ".join(str(definition[key]) for key in keys)[:80]])
    return ["subject", "loader", "of"], subjects


def _of_registry(what: str, registry: Registry) -> tuple[list[str], list[list[str]]]:
    if what == "plugins":
        return ["distribution", "version", "module"], [[p.distribution, p.version, p.module] for p in registry.plugins]
    if what == "checks":
        rows = []
        for name in registry.check_names():
            declaration = registry.check(name)
            assert declaration is not None
            rows.append([name, declaration.summary, declaration.distribution])
        return ["check", "measures", "distribution"], rows
    if what == "loaders":
        loaders = [(name, registry.load_loader(name)) for name in registry.loader_names()]
        return ["loader", "builds", "distribution"], [
            [name, loader.doc if loader else "", registry.loaders[name].distribution] for name, loader in loaders
        ]
    names = registry.reporter_names()
    return ["reporter", "writes", "distribution"], [
        [name, registry.load_reporter(name).doc, registry.reporters[name].distribution] for name in names
    ]
