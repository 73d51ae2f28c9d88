"""docs/plugins.md: it describes every hook and all of the sdk, and its examples run."""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from speccheck import sdk
from speccheck.sdk import Fresh
from speccheck.sdk.hooks import Hooks
from speccheck.sdk.params import describe
from speccheck.testing import RecordingContext
from support.distributions import install, speccheck

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
SDK = sorted(path for path in Path(sdk.__file__).parent.rglob("*.py") if path.stem != "__init__")
HOOKS = [name for name in vars(Hooks) if name.startswith("speccheck_")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text("utf-8"))


def _files() -> dict[str, str]:
    """Return the files that the page shows, by path; blocks of the same file are joined."""
    files: dict[str, str] = defaultdict(str)
    for language, text in _blocks():
        if language != "console":
            first, _, rest = text.partition("\n")
            assert first.startswith("# "), f"a block of {language} names no file: {first}"
            files[first[2:]] += rest
    return dict(files)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The example, installed."""
    files = _files()
    project = tomllib.loads(files["pyproject.toml"])["project"]
    folders = {folder for path in files if path.startswith("acme_audit/") for folder in Path(path).parents}
    packages = {f"{folder}/__init__.py": "" for folder in map(str, folders) if folder != "."}
    (entry_point,) = project["entry-points"]["speccheck"].values()
    return install(tmp_path, project["name"], entry_point, {**packages, **files})


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_section_and_an_implementation(hook: str) -> None:
    assert re.search(rf"^## .*`{hook}`$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert f"def {hook}(" in _files()["acme_audit/plugin.py"]


def test_the_commands_print_what_the_page_shows(site: Path) -> None:
    consoles = [text for language, text in _blocks() if language == "console"]
    assert consoles
    for shown in consoles:
        for part in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            name, *arguments = command.split()
            assert name == "speccheck"
            done = speccheck(*arguments, site=site, folder=site)
            assert (done.stdout, done.returncode) == (output, 0 if output.startswith("PASS") else 1), done.stderr


def test_the_facts_are_on_record(site: Path) -> None:
    done = speccheck("run", "spec.yaml", "--format", "json", site=site, folder=site)
    assert '"acme.label_guide": "2027-03"' in done.stdout, done.stderr


def test_the_contract_test_of_the_page_passes(site: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(site), "tests"]
    environ = {"PYTHONPATH": str(site), "PATH": ""}
    done = subprocess.run(command, cwd=site, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"of_the_docs_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_tables_of_the_sdk_are_up_to_date() -> None:
    text = PAGE.read_text("utf-8")
    assert _module(PAGE.with_name("plugins.py")).plugins_page(text) == text, "python docs/plugins.py writes them anew"


def test_every_module_and_name_of_the_sdk_is_on_the_page() -> None:
    shown = set(re.findall(r"`([\w.]+)`", PAGE.read_text("utf-8")))
    exported = set(sdk.__all__)
    assert exported - shown == set()
    values = [getattr(sdk, name) for name in exported]
    from_itself = {value.__module__ for value in values if hasattr(value, "__module__")}
    modules = {f"speccheck.sdk.{path.stem}" for path in SDK if path.parent.name == "sdk" and path.stem[0] != "_"}
    assert modules - shown - from_itself == set()
    assert "speccheck.sdk.arrays" in modules & shown


def _undocumented(tree: ast.Module) -> list[str]:
    """The public functions, methods, classes and values of a module that lack a docstring."""
    found = [] if ast.get_docstring(tree) else ["the module"]
    variables = {"P", "T", "T_co"}  # of types
    for node, after in zip(tree.body, [*tree.body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            found += [target.id] if isinstance(target, ast.Name) and not documented else []
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            inside = [item for item in getattr(node, "body", ()) if isinstance(node, ast.ClassDef)]
            methods = [item for item in inside if isinstance(item, ast.FunctionDef)]
            found += [item.name for item in (node, *methods) if not ast.get_docstring(item)]
    return [name for name in found if not name.startswith("_") and name not in variables]


@pytest.mark.parametrize("path", SDK, ids=lambda path: path.stem)
def test_everything_public_in_the_sdk_has_a_docstring(path: Path) -> None:
    assert _undocumented(ast.parse(path.read_text("utf-8"))) == []


def test_what_lacks_a_docstring_is_seen() -> None:
    lines = ["A = 1", "B = 2", "'doc'", "_C = 3", "def f(): pass", "class D:", "    'doc'", "    def g(self): pass"]
    assert _undocumented(ast.parse("\n".join(lines))) == ["the module", "A", "f", "g"]


@pytest.mark.parametrize("path", SDK, ids=lambda path: path.stem)
def test_the_sdk_imports_light(path: Path) -> None:
    module = ".".join(("speccheck", "sdk", *path.relative_to(Path(sdk.__file__).parent).with_suffix("").parts))
    probe = f"import sys, {module}; print(*sorted({{'numpy', 'torch', 'PIL'}} & set(sys.modules)), '.')"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["."]


def test_the_sdk_itself_imports_none_of_its_tools() -> None:
    probe = "import sys, speccheck.sdk; print(*(name for name in sys.modules if name.startswith('speccheck.sdk.')))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert "speccheck.sdk.check" in done.stdout.split()
    assert not {"speccheck.sdk.arrays", "speccheck.sdk.records", "speccheck.sdk.training"} & set(done.stdout.split())


@pytest.mark.slow
def test_the_example_of_a_recipe(site: Path, tmp_path: Path) -> None:
    example: Any = _module(site / "acme_audit" / "checks" / "labels" / "_plateau.py")
    names = [field.name for field in describe(example.Params)]
    assert names == ["steps", "model", "loss", "inputs", "batch", "optimizer", "lr", "trainer", "every"]
    assert ", ".join(f"`{name}`" for name in names[1:-1]) in PAGE.read_text("utf-8").replace("\n", " ")

    class Trainer:
        losses = iter([8.0, 5.0, 4.0, 3.5, 3.0])

        def step(self) -> float:
            return next(self.losses)

    params = example.Params(steps=5, trainer=Fresh(Trainer), every=2)
    assert example.drops(params, RecordingContext.under(tmp_path)) == [4.0, 1.0]
