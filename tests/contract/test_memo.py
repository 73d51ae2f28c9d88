"""What the runs of an audit share cannot hide a fault: see support.memo."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from support.memo import Memo
from support.trees import ROOT

SOURCE = """\
calls = []

def double(values):
    calls.append(list(values))
    if not values:
        raise ValueError("nothing to double")
    return [2 * value for value in values]

def drawn(values):
    calls.append(list(values))
    return len(calls)
"""


def _key(values: list[int]) -> bytes | None:
    return repr(values).encode() if values != [0] else None


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "memo_example"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "parts.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # the text is changed within the resolution of a time
    yield folder
    _forget()


@pytest.fixture
def memo() -> Memo:
    return Memo({"memo_example.parts": {"double": _key, "drawn": _key}})


def _forget() -> None:
    for name in ("memo_example", "memo_example.parts"):
        sys.modules.pop(name, None)


def _imported() -> ModuleType:
    """The module, imported anew: every run of an audit imports the code that it audits."""
    _forget()
    importlib.invalidate_caches()
    return importlib.import_module("memo_example.parts")


def test_a_second_run_gets_copies_of_the_answers_of_the_first(package: Path, memo: Memo) -> None:
    with memo.run():
        first = _imported()
        answer = first.double([1, 2])
        answer.append(0)
    with memo.run():
        second = _imported()
        assert second.double([1, 2]) == [2, 4]
        assert second.double([3]) == [6]
    assert (first.calls, second.calls) == ([[1, 2]], [[3]])


def test_a_run_computes_as_often_as_it_asks(package: Path, memo: Memo) -> None:
    """A check of determinism still compares two computations, of which the second run gets the same two."""
    with memo.run():
        module = _imported()
        assert [module.drawn([1]), module.drawn([1])] == [1, 2]
    with memo.run():
        module = _imported()
        assert [module.drawn([1]), module.drawn([1])] == [1, 2]
        assert module.calls == []
        assert module.drawn([1]) == 1
        assert module.calls == [[1]]


def test_other_code_and_arguments_without_a_key_are_not_shared(package: Path, memo: Memo) -> None:
    with memo.run():
        assert _imported().double([1]) == [2]
        assert _imported().double([0]) == [0]
    (package / "other.py").write_text("# of the same package\n")
    with memo.run():
        module = _imported()
        assert module.double([1]) == [2]
        assert module.double([0]) == [0]
    assert module.calls == [[1], [0]]


def test_an_error_is_no_answer(package: Path, memo: Memo) -> None:
    for _ in range(2):
        with memo.run():
            module = _imported()
            with pytest.raises(ValueError, match="nothing to double"):
                module.double([])
            assert module.double([4]) == [8]
            assert [] in module.calls


def test_outside_a_run_nothing_is_shared(package: Path, memo: Memo) -> None:
    with memo.run():
        _imported().double([1])
    module = _imported()
    assert module.double([1]) == [2]
    assert module.calls == [[1]]


def _targets(node: ast.AST) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else []


def _changed_from_outside(tree: ast.Module) -> list[str]:
    """Assignments to attributes of what a module imports, and calls of setattr."""
    names = {
        alias.asname or alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    found = []
    for node in ast.walk(tree):
        for target in _targets(node):
            root: ast.expr = target
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            if root is not target and isinstance(root, ast.Name) and root.id in names:
                found.append(ast.unparse(target))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
            found.append(ast.unparse(node))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted((ROOT / "examples/video_ssl/broken").glob("*.py")), ids=lambda path: path.stem)
def test_a_fault_replaces_parts_and_changes_none_from_outside(path: Path) -> None:
    """Otherwise a function whose answers are shared could behave in another way under the same key."""
    assert _changed_from_outside(ast.parse(path.read_text("utf-8"))) == []


def test_a_change_from_outside_is_seen() -> None:
    tree = ast.parse("from a import b\nimport c.d\nb.x = 1\nc.d.LIMITS['y'] += 2\nsetattr(b, 'z', 3)\nmine = b\n")
    assert len(_changed_from_outside(tree)) == 3
