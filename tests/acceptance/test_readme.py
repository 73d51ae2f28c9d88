"""README.md, word for word: it shows the files as they are, its commands print what it shows, and its links resolve."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from support.trees import ROOT, copy_of_tree

pytestmark = pytest.mark.slow

TEXT = (ROOT / "README.md").read_text("utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`([^`]+)`")
PROGRAMS = ("speccheck", "make", "pip", ".")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
DECISIONS = {"PASS": 0, "FAIL": 1, "ERROR": 3, "NOTHING JUDGED": 4}

# Commands in running text whose words in capitals the reader replaces, and the commands run for them.
AS_TYPED = {
    "speccheck baseline accept RUN --owner NAME --reason TEXT": (
        "speccheck run examples/quickstart/spec.yaml"
        " && speccheck baseline accept latest --owner NAME --reason TEXT --file accepted.json"
    )
}
# They need the network, or would change the environment that the tests run in.
NOT_RUN = {"pip install '/path/to/this/checkout[torch]'", "pip install -e .", ". .venv/bin/activate"}


@cache
def _readme() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_readme", ROOT / "docs" / "readme.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_readme"] = module
    spec.loader.exec_module(module)
    return module


BLOCKS = list(_readme().blocks(TEXT))
COMMANDS = [block.what for block in BLOCKS if block.kind == "run"]
FILES = [block.what for block in BLOCKS if block.kind == "file"]


def _typed() -> list[str]:
    """The commands in running text, in the reader's order, each once."""
    spans = [found.split() for found in INLINE.findall(FENCED.sub("", TEXT))]
    return list(dict.fromkeys(" ".join(words) for words in spans if len(words) > 1 and words[0] in PROGRAMS))


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_tree(tmp_path_factory.mktemp("readme"))


@pytest.fixture(scope="module")
def printed(tree: Path) -> dict[str, tuple[int, str]]:
    """The exit code and output of each command, run in the order of the page: some read the run before."""
    return {command: _readme().run(command, tree) for command in COMMANDS}


def _exit_code(body: str) -> int:
    """The exit code that goes with what a console block shows."""
    decided = re.findall(rf"^({'|'.join(DECISIONS)}) \(", body, re.MULTILINE)
    return 2 if "nothing was run" in body else DECISIONS[decided[-1]] if decided else 0


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_shown_as_it_is(path: str) -> None:
    body = next(block.body for block in BLOCKS if (block.kind, block.what) == ("file", path))
    assert body == (ROOT / path).read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_what_is_shown(printed: dict[str, tuple[int, str]], command: str) -> None:
    body = next(block.body for block in BLOCKS if (block.kind, block.what) == ("run", command))
    code, output = printed[command]
    now = _readme().shown(command, output)
    assert _readme().same(body, now), f"python docs/readme.py writes it anew; it now prints\n{now}"
    assert code == _exit_code(body)


def test_progress_is_left_out_of_a_block() -> None:
    output = "1/2 passed   one\n  … step 10 of 20\n2/2 passed   two\nPASS (2 of 2 judged)\n"
    kept = output.replace("  … step 10 of 20\n", "")
    assert _readme().shown("speccheck run s.yaml", output) == f"$ speccheck run s.yaml\n{kept}"


def test_every_outcome_that_matters_is_shown() -> None:
    assert {_exit_code(block.body) for block in BLOCKS if block.kind == "run"} == {0, 1, 2}


def test_the_other_commands_work(tree: Path, printed: dict[str, tuple[int, str]]) -> None:
    typed = _typed()
    assert len(typed) >= 7
    assert NOT_RUN | set(AS_TYPED) <= set(typed)
    for command in typed:
        if command not in NOT_RUN:
            # The targets of make would run this very test; what they would do must at least be known.
            code, output = _readme().run(AS_TYPED.get(command, command.replace("make ", "make -n ")), tree)
            assert code == 0, f"{command}: {output}"


def test_the_console_blocks_without_a_mark_are_the_three_commands(tree: Path) -> None:
    marked = {block.body for block in BLOCKS}
    lines = [line for kind, body in FENCED.findall(TEXT) if kind == "console" and body not in marked
             for line in body.splitlines()]  # fmt: skip
    assert [line.split("#")[0].strip() for line in lines] == ["$ make audit", "$ make audit-video", "$ make test"]
    assert "speccheck run specs/stage3.yaml" in _readme().run("make -n audit", tree)[1]
    audited = _readme().run("make -n audit-video", tree)[1]
    assert audited.index("speccheck run specs/day0_6.yaml") < audited.index("speccheck run specs/day7_probe.yaml")
    assert "pytest" in _readme().run("make -n test", tree)[1]


def test_an_entry_that_is_quoted_is_in_the_spec() -> None:
    marked = {block.body for block in BLOCKS}
    quoted = [body for kind, body in FENCED.findall(TEXT) if kind == "yaml" and body not in marked]
    assert quoted
    shipped = [path.read_text("utf-8") for path in sorted((ROOT / "specs").glob("*.yaml"))]
    assert [body for body in quoted if not any(body in text for text in shipped)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = [link for link in LINK.findall(FENCED.sub("", page.read_text("utf-8"))) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_check_that_is_shown_is_short() -> None:
    shown = [block.body for block in BLOCKS if "/checks/" in block.what]
    assert len(shown) == 1
    assert len(shown[0].splitlines()) < 40


def test_what_differs_is_seen() -> None:
    same = _readme().same
    old = "run 20260101T000000Z-00000000, 2.7 s; 3 entries, ratio 0.0453\n--- ----"
    assert same(old, "run 20270101T000000Z-aaaaaaaa-2, <0.01 s; 3 entries, ratio 0.0455\n---- ---")
    assert not same(old, old.replace("3 entries", "4 entries"))
    assert not same(old, old.replace("0.0453", "0.0553"))
    assert not same(old, old.replace("ratio", "rate"))
