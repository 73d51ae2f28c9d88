"""Write the tables of the sdk in docs/plugins.md from its modules: ``python docs/plugins.py``."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import speccheck.sdk

PAGE = Path(__file__).resolve().with_name("plugins.md")
SDK = Path(speccheck.sdk.__file__).parent
TABLES = re.compile(r"(?<=<!-- begin: the sdk, by python docs/plugins.py -->\n).*?(?=<!-- end -->\n)", re.DOTALL)


def plugins_page(text: str) -> str:
    """Return docs/plugins.md with its tables of the sdk written anew."""
    text, replaced = TABLES.subn(lambda _: sdk_tables(), text)
    if replaced != 1:
        raise ValueError(f"the page has {replaced} places for the tables of the sdk, not one")
    return text


def sdk_tables() -> str:
    """Return a table of the names in `speccheck.sdk`, by module, and one of the other modules."""
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
    """Return the functions, classes and values that a module defines, in its order, without private ones."""
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
    PAGE.write_text(plugins_page(PAGE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
