"""Writes docs/checks.md, and the table of constraints in docs/specs.md: ``python docs/generate.py``.

Only the built-ins are looked at, whatever plugins are installed beside them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from speccheck.cli.explain import explain_check
from speccheck.judge import constraint_docs
from speccheck.registry import GROUP, Registry, discover

PAGE = Path(__file__).resolve().parent / "checks.md"
GRAMMAR = PAGE.with_name("specs.md")
START, END = "<!-- constraints: python docs/generate.py -->", "<!-- end of constraints -->"

HEAD = """\
# Checks

What each check measures, and what it cannot see. Written by `python docs/generate.py` from the checks themselves;
`speccheck explain CHECK` shows the same. A check holds no threshold: what its metrics must be stands in the `expect` of
an entry.

| check | measures |
| --- | --- |
"""


def builtins() -> Registry:
    """The registry of what speccheck itself offers."""
    return discover(point for point in entry_points(group=GROUP) if point.dist and point.dist.name == "speccheck")


def checks_page(registry: Registry) -> str:
    """A table of all checks, then a section for each."""
    rows = [f"| [`{name}`](#{name.replace('.', '')}) | {_summary(registry, name)} |" for name in registry.check_names()]
    sections = [line for name in registry.check_names() for line in _section(registry, name)]
    return HEAD + "\n".join([*rows, *sections]) + "\n"


def grammar(text: str) -> str:
    """The page of the grammar with its table of constraints as it is now."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return "\n".join([f"{before}{START}", "", *_constraints(), "", f"{END}{after}"])


def _constraints() -> Iterator[str]:
    yield from ("| constraint | of | holds when |", "| --- | --- | --- |")
    for found in constraint_docs().values():
        of = f"beside {', '.join(f'`{name}`' for name in found.beside)}" if found.beside else ", ".join(found.kinds)
        yield f"| `{found.form}` | {of or 'any'} | {found.doc} |"


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
    GRAMMAR.write_text(grammar(GRAMMAR.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {PAGE} and {GRAMMAR}\n")
