"""Write docs/checks.md, and the tables of loaders and constraints in docs/specs.md: ``python docs/generate.py``.

They cover the built-ins only, whatever plugins are installed.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

from speccheck.cli.pages import check_page
from speccheck.judge import ConstraintDoc, constraint_docs
from speccheck.registry import GROUP, Registry, discover

PAGE = Path(__file__).resolve().parent / "checks.md"
SPECS = PAGE.with_name("specs.md")

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
    title, _, rest = check_page(name, declaration, doc).partition("\n")
    text, _, tables = rest.partition("\n\nParameters:\n")
    yield from ("", f"## {name}", "", title.removeprefix(f"{name} ").strip("()"), "", text.strip(), "")
    yield from ("```text", f"Parameters:\n{tables}".rstrip(), "```")


def specs_page(registry: Registry, text: str) -> str:
    """Return docs/specs.md with its tables of loaders and constraints written anew."""
    loaders = "".join(_loader_row(registry, name) for name in registry.loader_names())
    constraints = "".join(_constraint_row(found) for found in constraint_docs().values())
    text = _with_table(text, "loaders", f"| key | gives |\n| --- | --- |\n{loaders}")
    return _with_table(text, "constraints", f"| constraint | of | holds when |\n| --- | --- | --- |\n{constraints}")


def _with_table(text: str, name: str, table: str) -> str:
    begin = f"<!-- begin: {name}, by python docs/generate.py -->\n"
    text, replaced = re.subn(f"(?<={begin}).*?(?=<!-- end -->\n)", lambda _: table, text, flags=re.DOTALL)
    if replaced != 1:
        raise ValueError(f"the page has {replaced} places for the table of {name}, not one")
    return text


def _constraint_row(found: ConstraintDoc) -> str:
    of = f"beside {', '.join(f'`{name}`' for name in found.beside)}" if found.beside else ", ".join(found.kinds)
    return f"| `{found.form}` | {of or 'any'} | {found.doc} |\n"


def _loader_row(registry: Registry, name: str) -> str:
    loader = registry.load_loader(name)
    assert loader is not None
    keys = ", ".join(f"`{key}`" for key in [name, *loader.keys])
    return f"| {keys} | {loader.doc.rstrip('.').replace('|', chr(92) + '|')} |\n"


if __name__ == "__main__":
    PAGE.write_text(checks_page(builtins()), "utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
    SPECS.write_text(specs_page(builtins(), SPECS.read_text("utf-8")), "utf-8")
