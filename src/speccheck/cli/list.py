"""``speccheck list``: the checks, constraints, loaders, reporters and plugins there are, or the parts of a spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import click

from speccheck.cli.common import environ, load_or_exit, set_option, show_table
from speccheck.cli.topics import TOPICS

if TYPE_CHECKING:
    from speccheck.model.spec import Spec
    from speccheck.registry import Registry

Listing: TypeAlias = tuple[Sequence[str], Sequence[Sequence[str]]]


def _entries(spec: Spec, registry: Registry) -> Listing:
    rows = [
        (entry.id, entry.check, ", ".join(entry.tags), ", ".join(entry.needs), entry.section, entry.title)
        for entry in spec.entries
    ]
    columns = ("entry", "check", "tags", "needs", "section", "title")
    if any(entry.section for entry in spec.entries):
        return columns, rows
    return (*columns[:4], columns[5]), [(*row[:4], row[5]) for row in rows]


def _subjects(spec: Spec, registry: Registry) -> Listing:
    rows = []
    for name, definition in sorted(spec.subjects.items()):
        keys = [key for key in definition if key in registry.loaders]
        rows.append((name, ", ".join(keys), ", ".join(str(definition[key]) for key in keys)[:80]))
    return ("subject", "loader", "of"), rows


_OF_SPEC: Mapping[str, Callable[[Spec, Registry], Listing]] = {"entries": _entries, "subjects": _subjects}


@click.command("list")
@click.argument("what", type=click.Choice(sorted([*TOPICS, *_OF_SPEC, "plugins"])))
@click.argument("spec", required=False, type=click.Path())
@set_option
def command(what: str, spec: str | None, overrides: tuple[str, ...]) -> None:
    """List what is installed (checks, loaders, ...), or the subjects or entries of SPEC. Executes no code of a spec."""
    from speccheck.registry import discover

    if what in _OF_SPEC and spec is None:
        raise click.UsageError(f"name the spec: speccheck list {what} SPEC")
    registry = discover()
    if spec is not None and what in _OF_SPEC:
        columns, rows = _OF_SPEC[what](load_or_exit(spec, registry, overrides, environ()), registry)
    else:
        columns, rows = _installed(what, registry)
    show_table(columns, rows)


def _installed(what: str, registry: Registry) -> Listing:
    if what == "plugins":
        rows = [(plugin.distribution, plugin.version, plugin.module) for plugin in registry.plugins]
        return ("distribution", "version", "module"), rows
    topic = TOPICS[what](registry)
    return topic.columns, [topic.row(name) for name in topic.names]
