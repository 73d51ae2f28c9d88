"""Code folders: precedence, names taken elsewhere, two trees, cleaning up."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from speccheck.sdk import SubjectError
from unit.subjects.support import MakeFactory

Write = Callable[[str, str], Path]


def value_of(factory: MakeFactory, target: str, **options: Any) -> Any:
    return factory().scope({"x": {"target": target, **options}}).get("x")


def test_the_code_folder_wins_over_installed_packages(
    factory: MakeFactory, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site/cf_mod.py", "def where(): return 'site'")
    write("site/cf_pkg/__init__.py", "")
    write("site/cf_pkg/deep.py", "def where(): return 'site'")
    write("code/cf_mod.py", "def where(): return 'code'")
    write("code/cf_pkg/deep.py", "from .near import name\ndef where(): return name")  # a folder without __init__.py
    write("code/cf_pkg/near.py", "name = 'near'")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert value_of(factory, "cf_mod:where") == "code"
    assert value_of(factory, "cf_pkg.deep:where") == "near"


def test_a_folder_of_data_hides_no_package(
    factory: MakeFactory, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("site/cf_data/__init__.py", "def where(): return 'site'")
    write("code/cf_data/readme.txt", "")
    write("code/cf_user.py", "import cf_data\ndef where(): return cf_data.where()")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert value_of(factory, "cf_user:where") == "site"
    assert value_of(factory, "cf_data:where") == "site"


def test_modules_elsewhere_come_from_the_environment(factory: MakeFactory) -> None:
    assert value_of(factory, "json:loads", args=["[1]"]) == [1]


def test_imports_made_later_by_the_audited_code_work(factory: MakeFactory, write: Write) -> None:
    write("code/cf_lazy.py", "def late():\n    import cf_other\n    return cf_other.NAME")
    write("code/cf_other.py", "NAME = 'other'")
    function = factory().scope({"x": {"function": "cf_lazy:late"}}).get("x")
    assert function() == "other"


def test_a_name_already_imported_from_elsewhere_names_both_files(
    factory: MakeFactory, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = write("code/json.py", "def where(): return 'code'")
    with pytest.raises(SubjectError) as caught:
        value_of(factory, "json:where")
    assert str(ours) in str(caught.value)
    assert str(json.__file__) in str(caught.value)
    write("code/cf_uses.py", "import cf_taken\ndef where(): return cf_taken.NAME")
    taken = write("code/cf_taken.py", "NAME = 'code'")
    other = ModuleType("cf_taken")
    other.__file__ = "/elsewhere/cf_taken.py"
    monkeypatch.setitem(sys.modules, "cf_taken", other)
    with pytest.raises(SubjectError, match=f"{taken}.*already imported from /elsewhere/cf_taken.py"):
        value_of(factory, "cf_uses:where")


def test_an_import_that_raises_has_its_cause(factory: MakeFactory, write: Write) -> None:
    write("code/cf_broken.py", "import cf_not_there_at_all")
    with pytest.raises(SubjectError, match=r"importing cf_broken raised ModuleNotFoundError: .*cf_not_there_at_all"):
        value_of(factory, "cf_broken:x")
    write("code/cf_exits.py", "raise SystemExit(2)")
    with pytest.raises(SubjectError, match="importing cf_exits raised SystemExit: 2"):
        value_of(factory, "cf_exits:x")
    with pytest.raises(SubjectError, match=r"'\.\./up' is not a module name"):
        value_of(factory, "../up:x")


def test_a_code_folder_that_is_not_there_is_an_error(factory: MakeFactory, tmp_path: Path) -> None:
    shop = factory(code={"": str(tmp_path / "none")})
    with pytest.raises(SubjectError, match=f"the code folder does not exist: {tmp_path}/none"):
        shop.scope({"x": {"target": "json:loads"}}).get("x")


def two_trees(tmp_path: Path) -> dict[str, str]:
    return {"old": str(tmp_path / "old"), "new": str(tmp_path / "new")}


def test_two_trees_with_different_names_work(factory: MakeFactory, write: Write, tmp_path: Path) -> None:
    for tree in ("old", "new"):
        write(f"{tree}/cf_{tree}.py", f"def where(): return '{tree}'")
        write(f"{tree}/setup.py", "")
    scope = factory(code=two_trees(tmp_path)).scope(
        {
            "a": {"target": "cf_old:where", "code": "old"},
            "b": {"target": "cf_new:where", "code": "new"},
            "c": {"target": "cf_new:where"},
            "d": {"target": "cf_old:where", "code": "middle"},
        }
    )
    assert [scope.get(name) for name in "abc"] == ["old", "new", "new"]
    with pytest.raises(
        SubjectError, match="code: 'middle' is not a code folder of the spec; its code folders are: 'old', 'new'"
    ):
        scope.get("d")


def test_two_trees_with_one_name_need_separate_processes(factory: MakeFactory, write: Write, tmp_path: Path) -> None:
    for tree in ("old", "new"):
        write(f"{tree}/cf_same/__init__.py", f"def where(): return '{tree}'")
        write(f"{tree}/cf_only_{tree}.py", f"def where(): return '{tree}'")
    definitions = {
        "old": {"target": "cf_same:where", "code": "old"},
        "new": {"target": "cf_same:where", "code": "new"},
        "only": {"target": "cf_only_new:where", "code": "new"},  # it may import cf_same, and must not get the old one
        "either": {"target": "cf_same:where"},
    }
    shop = factory(code=two_trees(tmp_path))
    scope = shop.scope(definitions)
    assert scope.get("old") == "old"
    for name in ("new", "only"):
        with pytest.raises(SubjectError, match=r"both offer 'cf_same'.*a process can hold only one of them"):
            scope.get(name)
    with pytest.raises(SubjectError, match="choose one with `code: old` on the subject"):
        scope.get("either")
    shop.close()
    assert factory(code=two_trees(tmp_path)).scope(definitions).get("new") == "new"


def test_closing_leaves_the_import_system_as_it_was(factory: MakeFactory, write: Write) -> None:
    write("code/cf_gone.py", "def where(): return 'code'")
    before = list(sys.path), list(sys.meta_path)
    with factory() as shop:
        assert shop.scope({"x": {"target": "cf_gone:where"}}).get("x") == "code"
        assert (sys.path, sys.meta_path) != before
        assert sys.path[: len(before[0])] == before[0]
    assert (sys.path, sys.meta_path) == before
    assert "cf_gone" not in sys.modules
