"""``speccheck explain``: the page of a check, constraint, loader, reporter or diagnostic's code."""

from __future__ import annotations

from collections.abc import Sequence

import click


@click.command("explain")
@click.argument("name")
def command(name: str) -> None:
    """Explain NAME: a check, constraint, loader or reporter, or a diagnostic's code (SC102)."""
    from speccheck.loading import diagnostic_codes, explain_code

    codes = diagnostic_codes()
    if name.upper() in codes:
        click.echo(explain_code(name.upper(), _installed_loaders))
        return
    from speccheck.cli.topics import TOPICS
    from speccheck.registry import discover

    registry = discover()
    topics = [topic(registry) for topic in TOPICS.values()]
    pages = [topic.page(name) for topic in topics if name in topic.names]
    if not pages:
        import difflib

        close = difflib.get_close_matches(name, [*(known for topic in topics for known in topic.names), *codes], 1)
        hint = f"did you mean {close[0]!r}?" if close else f"speccheck list {'|'.join(TOPICS)} shows the names"
        raise click.UsageError(f"unknown name {name!r}; {hint}")
    click.echo("\n\n".join(pages))


def _installed_loaders() -> Sequence[str]:
    """Return the names of loaders; called for codes that list them alone, as a broken plugin must not hide the page."""
    from speccheck.registry import discover

    return discover().loader_names()
