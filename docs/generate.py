"""Write docs/checks.md from the checks, and the tables of the sdk in docs/plugins.md: ``python docs/generate.py``.

Only the built-in checks are listed, even if plugins are installed.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import speccheck.sdk
from speccheck.cli.explain import explain_check
from speccheck.registry import GROUP, Registry, discover

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "checks.md"
PLUGINS = DOCS / "plugins.md"
SDK = Path(speccheck.sdk.__file__).parent
TABLES = re.compile(r"(?<=<!-- written by docs/generate.py: the sdk -->\n).*?(?=<!-- end -->)", re.DOTALL)

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


def plugins_page(text: str) -> str:
    """The text of docs/plugins.md with the tables of the sdk written anew."""
    assert len(TABLES.findall(text)) == 1
    return TABLES.sub(lambda _: sdk_tables(), text)


def sdk_tables() -> str:
    """A table of the names in `speccheck.sdk`, by the module that defines them, and one of the modules beside it."""
    exported: dict[str, list[str]] = {}
    for node in _parsed(SDK / "__init__.py").body:
        if isinstance(node, ast.ImportFrom):
            exported.setdefault(str(node.module), []).extend(alias.name for alias in node.names)
    lines = ["", "| from `speccheck.sdk` | |", "| --- | --- |"]
    lines += [f"| {_listed(names)} | {_first_line(_source(module))} |" for module, names in sorted(exported.items())]
    lines += ["", "| module | | offers |", "| --- | --- | --- |"]
    for path in sorted(SDK.glob("[a-z]*.py")):
        module = f"speccheck.sdk.{path.stem}"
        if module not in exported:
            lines.append(f"| `{module}` | {_first_line(path)} | {_listed(public_names(path))} |")
    return "\n".join([*lines, "", ""])


def public_names(path: Path) -> list[str]:
    """The functions, classes and values that a module defines, in its order, without private ones."""
    found: list[str] = []
    for node in _parsed(path).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.append(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found += [target.id for target in targets if isinstance(target, ast.Name)]
    return [name for name in found if not name.startswith("_")]


def _source(module: str) -> Path:
    path = SDK.parent.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def _first_line(path: Path) -> str:
    return (ast.get_docstring(_parsed(path)) or "").partition("\n")[0].replace("|", "\\|")


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names, key=str.lower))


if __name__ == "__main__":
    PAGE.write_text(checks_page(builtins()), "utf-8")
    PLUGINS.write_text(plugins_page(PLUGINS.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {PAGE} and the tables in {PLUGINS}\n")
