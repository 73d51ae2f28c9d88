"""Write docs/checks.md from the checks: ``python docs/generate.py``.

The page covers the built-in checks only, whatever plugins are installed.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from speccheck.cli.explain import explain_check
from speccheck.registry import GROUP, Registry, discover

PAGE = Path(__file__).resolve().parent / "checks.md"

HEAD = """\
# Checks

What each check measures, and what it cannot see. `python docs/generate.py` writes this page from the checks;
`speccheck explain CHECK` prints the same. Checks know no thresholds: the `expect` of an entry states what their metrics
must be.

| check | measures |
| --- | --- |
"""


def builtins() -> Registry:
    """Return a registry of the built-ins alone."""
    return discover(point for point in entry_points(group=GROUP) if point.dist and point.dist.name == "speccheck")


def checks_page(registry: Registry) -> str:
    """Return the page: a table of all checks, then a section for each."""
    rows = [f"| [`{name}`](#{name.replace('.', '')}) | {_summary(registry, name)} |" for name in registry.check_names()]
    sections = [line for name in registry.check_names() for line in _section(registry, name)]
    return HEAD + "\n".join([*rows, *sections]) + "\n"


def _summary(registry: Registry, name: str) -> str:
    declaration = registry.check(name)
    assert declaration is not None
    return declaration.summary.replace("|", "\\|")


def _section(registry: Registry, name: str) -> Iterator[str]:
    declaration = registry.check(name)
    assert declaration is not None
    doc = inspect.cleandoc(registry.documentation(name))
    title, _, rest = explain_check(name, declaration, doc).partition("\n")
    text, _, tables = rest.partition("\n\nParameters:\n")
    yield from ("", f"## {name}", "", title.removeprefix(f"{name} ").strip("()"), "", text.strip(), "")
    yield from ("```text", f"Parameters:\n{tables}".rstrip(), "```")


if __name__ == "__main__":
    PAGE.write_text(checks_page(builtins()), "utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
