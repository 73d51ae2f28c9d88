"""``speccheck explain``: the page of a check, constraint, loader, reporter or diagnostic's code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from speccheck.loading.codes import Code


@click.command("explain")
@click.argument("name")
def command(name: str) -> None:
    """Explain NAME: a check, constraint, loader or reporter, or a diagnostic's code (SC102)."""
    from speccheck.loading import diagnostic_codes

    codes = diagnostic_codes()
    if name.upper() in codes:
        click.echo(_code(name.upper(), codes[name.upper()]))
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


def _code(name: str, code: Code) -> str:
    """Return the page of a code. Plugins are discovered only to list loaders: a broken one must not hide the page."""
    from speccheck.cli.pages import code_page
    from speccheck.judge import CONSTRAINTS

    listed = {"constraints": ", ".join(CONSTRAINTS)}
    if any("{loaders}" in text for text in code):
        from speccheck.registry import discover

        listed["loaders"] = ", ".join(discover().loader_names())
    return code_page(name, code, listed)
