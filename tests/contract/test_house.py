"""The house of the design: the floors of imports, who prints, who imports plugins, lengths and docstrings."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import speccheck

ROOT = Path(speccheck.__file__).parent

FLOORS = {
    "model": 0,
    "sdk": 1,
    "judge": 1,
    "checks": 2,
    "reporters": 2,
    "registry": 3,
    "loading": 3,
    "store": 4,
    "subjects": 4,
    "executors": 5,
    "engine": 6,
    "cli": 7,
    "testing": 7,
}
"""The floor of each part. ``builtin`` is the module of a plugin: only the registry imports it."""

FILES = sorted(ROOT.rglob("*.py"))
FUNCTION, FILE = 40, 300


def _part(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every module imported in the tree, inside functions too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"a relative import in line {node.lineno} hides where it leads"
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _climbs(part: str, imported: str) -> str | None:
    """Return the part of ``imported`` when ``part`` may not import it, else None."""
    package, _, rest = imported.partition(".")
    other = rest.partition(".")[0]
    if package != "speccheck" or other in ("", "__version__", part):
        return None
    return None if other in FLOORS and FLOORS[other] < FLOORS[part] else other


def _stray(part: str, tree: ast.Module) -> list[str]:
    return [f"line {line}: {name}" for line, name in _imported(tree) if _climbs(part, name)]


@pytest.mark.parametrize("part", sorted(FLOORS))
def test_imports_go_to_a_lower_floor_only(part: str) -> None:
    stray = [
        f"{path.relative_to(ROOT)} {where}"
        for path in FILES
        if _part(path) == part
        for where in _stray(part, _tree(path))
    ]
    assert stray == []


def test_every_part_has_a_floor() -> None:
    assert {_part(path) for path in FILES} - {"__init__", "builtin"} == set(FLOORS)


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("checks", "from speccheck.reporters.json import reporter"),
        ("checks", "from speccheck.registry import discover"),
        ("judge", "def f():\n    from speccheck.sdk import Check"),
        ("sdk", "import speccheck.engine"),
        ("store", "from speccheck import subjects"),
        ("engine", "from speccheck.builtin import speccheck_checks"),
    ],
)
def test_an_import_that_climbs_is_seen(part: str, text: str) -> None:
    assert len(_stray(part, ast.parse(text))) == 1


def _module(path: Path) -> str:
    parts = ("speccheck", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _graph(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The modules that each module imports, inside functions too; imports for the type checker alone do not count."""
    graph: dict[str, set[str]] = {}
    for module, text in texts.items():
        tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = []
        found = set()
        for _, name in _imported(tree):
            imported = name
            while imported and imported not in texts:
                imported = imported.rpartition(".")[0]
            found |= {imported} - {"", module, "speccheck"}
        graph[module] = found
    return graph


def _cycle(graph: Mapping[str, set[str]]) -> list[str]:
    """A cycle of imports, or []."""
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other() -> None:
    graph = _graph({_module(path): path.read_text("utf-8") for path in FILES})
    assert _cycle(graph) == []
    assert sum(map(len, graph.values())) > len(FILES)


@pytest.mark.parametrize(
    ("text", "cyclic"),
    [
        ("def f():\n    from speccheck.judge import b", True),
        ("import speccheck.judge.b", True),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import speccheck.judge.b", False),
        ("import ast", False),
    ],
)
def test_a_cycle_is_seen(text: str, cyclic: bool) -> None:
    graph = _graph({"speccheck.judge.a": text, "speccheck.judge.b": "from speccheck.judge.a import value"})
    assert set(_cycle(graph)) == ({"speccheck.judge.a", "speccheck.judge.b"} if cyclic else set())


def test_only_cli_and_reporters_print() -> None:
    printing = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in FILES
        if _part(path) not in ("cli", "reporters")
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    clicking = [
        path
        for path in FILES
        if _part(path) not in ("cli", "reporters")
        for _, name in _imported(_tree(path))
        if name == "click"
    ]
    assert printing == []
    assert clicking == []


def test_only_the_registry_imports_plugins() -> None:
    """Entry points are loaded, and what they offer imported by name, in one place."""
    strangers = set()
    for path in FILES:
        for node in ast.walk(_tree(path)):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if name == "entry_points":
                strangers.add(path.relative_to(ROOT).as_posix())
    pluggy = {_part(path) for path in FILES for _, name in _imported(_tree(path)) if name == "pluggy"}
    assert strangers == {"registry/discovery.py"}
    assert pluggy == {"registry", "sdk"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text("utf-8")
    long = [
        f"{node.name} has {1 + (node.end_lineno or 0) - node.lineno} lines"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and 1 + (node.end_lineno or 0) - node.lineno > FUNCTION
    ]
    assert long == []
    assert len(text.splitlines()) <= FILE


PLUGINS = sorted(Path(__file__).parents[2].joinpath("plugins").glob("*/src/**/*.py"))


def _beside_sdk(package: str, text: str) -> list[str]:
    """Imports of speccheck that lead neither into the sdk nor to private modules of the package itself."""
    names = [name for _, name in _imported(ast.parse(text)) if name.partition(".")[0] == "speccheck"]
    return [name for name in names if not f"{name}.".startswith(("speccheck.sdk.", f"{package}._"))]


@pytest.mark.parametrize("path", [path for path in FILES if _part(path) == "checks"], ids=lambda path: path.stem)
def test_checks_import_the_sdk_alone(path: Path) -> None:
    package = ".".join(("speccheck", *path.relative_to(ROOT).parts[:-1]))
    assert _beside_sdk(package, path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.stem)
def test_plugins_import_the_sdk_alone(path: Path) -> None:
    assert _beside_sdk("speccheck.sdk", path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from speccheck.model.values import format_value", ["speccheck.model.values.format_value"]),
        ("import speccheck", ["speccheck"]),
        ("from speccheck.checks.signal import audio", ["speccheck.checks.signal.audio"]),
        ("from speccheck.checks.probe._noise import best_of", ["speccheck.checks.probe._noise.best_of"]),
        ("from speccheck.sdkit import x", ["speccheck.sdkit.x"]),
        ("from speccheck.checks.signal import _mel\nfrom speccheck.sdk.arrays import numbers\nimport numpy", []),
    ],
)
def test_an_import_beside_the_sdk_is_seen(text: str, found: list[str]) -> None:
    assert _beside_sdk("speccheck.checks.signal", text) == found


def test_there_are_plugins_to_look_at() -> None:
    assert {path.parts[path.parts.index("plugins") + 1] for path in PLUGINS} >= {
        "speccheck-nuscenes",
        "speccheck-template",
    }


def _undocumented(tree: ast.Module | ast.ClassDef) -> Iterator[str]:
    """The public classes, functions and methods without a docstring, and the module itself."""
    if isinstance(tree, ast.Module) and not ast.get_docstring(tree):
        yield "module"
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            if not ast.get_docstring(node):
                yield f"{node.name} in line {node.lineno}"
            if isinstance(node, ast.ClassDef):
                yield from _undocumented(node)


def test_everything_public_is_documented() -> None:
    missing = [f"{path.relative_to(ROOT)}: {name}" for path in FILES for name in _undocumented(_tree(path))]
    assert missing == []


def test_a_missing_docstring_is_seen() -> None:
    text = "class A:\n    def f(self): ...\n    def _g(self): ...\ndef h():\n    'Documented.'"
    assert list(_undocumented(ast.parse(text))) == ["module", "A in line 1", "f in line 2"]
