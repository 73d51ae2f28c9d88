"""``speccheck explain``: the page of a check, constraint, loader, reporter or diagnostic's code."""

from __future__ import annotations

import sys

import click

from speccheck.cli.pages import filled


@click.command("explain")
@click.argument("name")
def command(name: str) -> None:
    """Explain NAME: a check, constraint, loader or reporter, or a diagnostic's code (SC102)."""
    from speccheck.cli.topics import TOPICS
    from speccheck.loading.codes import diagnostic_codes, explain_code
    from speccheck.loading.diagnostics import nearest
    from speccheck.registry import discover
    from speccheck.reporters._layout import width_of

    width = width_of(sys.stdout)
    # Plugins are discovered only for a list of loaders or for a check: a broken one must not hide the page of its code.
    explained = explain_code(name.upper(), lambda: discover().loader_names())
    if explained is not None:
        click.echo(filled(explained, width))
        return
    registry = discover()
    topics = [topic(registry) for topic in TOPICS.values()]
    pages = [topic.page(name) for topic in topics if name in topic.names]
    if not pages:
        known = [*(each for topic in topics for each in topic.names), *diagnostic_codes()]
        close = nearest(name, known)
        hint = f"did you mean {close!r}?" if close else f"speccheck list {'|'.join(TOPICS)} shows the names"
        raise click.UsageError(f"unknown name {name!r}; {hint}")
    click.echo(filled("\n\n".join(pages), width))
