"""Positions are exact: whatever the line ends, the byte order mark, the width of characters or the file."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from speccheck.loading import load_spec
from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.events import decode
from speccheck.loading.yaml.source import SourceFile, Where, locate
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.values import Json
from support.fake_declarations import FakeDeclarations

LETTERS = st.text(st.sampled_from("abzé漢😀 ß-_"), min_size=1, max_size=6).map(str.strip).filter(bool)
NAMES = LETTERS.map(lambda text: "k" + text.replace(" ", "_"))


class Written(NamedTuple):
    """YAML text, and the place of each value by its path, noted while it was written."""

    text: str
    value: Json
    places: dict[tuple[str | int, ...], tuple[int, int]]
    keys: dict[tuple[str | int, ...], tuple[int, int]]


class Writer:
    """Writes values as block or flow YAML and counts lines and columns itself."""

    def __init__(self, draw: st.DrawFn, newline: str) -> None:
        self.draw, self.newline = draw, newline
        self.parts: list[str] = []
        self.line, self.column = 1, 1
        self.places: dict[tuple[str | int, ...], tuple[int, int]] = {}
        self.keys: dict[tuple[str | int, ...], tuple[int, int]] = {}

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.column += len(text)

    def end(self) -> None:
        self.parts.append(self.draw(st.sampled_from(["", " ", "  # é漢😀"])) + self.newline)
        if self.draw(st.booleans()):
            self.parts.append(self.newline)
            self.line += 1
        self.line, self.column = self.line + 1, 1

    def scalar(self, value: Json, path: tuple[str | int, ...]) -> None:
        self.places[path] = (self.line, self.column)
        if isinstance(value, str):
            quote = self.draw(st.sampled_from(["", "'", '"']))
            self.put(f"{quote}{value}{quote}")
        else:
            self.put(str(value))

    def flow(self, value: Json, path: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            self.places[path] = (self.line, self.column)
            self.put("{")
            for at, (key, item) in enumerate(value.items()):
                self.put(", " if at else "")
                self.keys[(*path, key)] = (self.line, self.column)
                self.put(f"{key}: ")
                self.flow(item, (*path, key))
            self.put("}")
        elif isinstance(value, list):
            self.places[path] = (self.line, self.column)
            self.put("[")
            for at, item in enumerate(value):
                self.put(", " if at else "")
                self.flow(item, (*path, at))
            self.put("]")
        else:
            self.scalar(value, path)

    def block(self, value: dict[str, Json], path: tuple[str | int, ...], indent: int) -> None:
        for key, item in value.items():
            self.put(" " * indent)
            self.places.setdefault(path, (self.line, self.column))
            self.keys[(*path, key)] = (self.line, self.column)
            self.put(f"{key}:")
            if isinstance(item, dict) and item and self.draw(st.booleans()):
                self.end()
                self.block(item, (*path, key), indent + self.draw(st.integers(1, 3)))
            else:
                self.put(self.draw(st.sampled_from([" ", "   "])))
                self.flow(item, (*path, key))
                self.end()


VALUES = st.recursive(
    st.one_of(LETTERS.map(lambda text: "t" + text), st.integers(-99, 99), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)),
    max_leaves=12,
)


@st.composite
def documents(draw: st.DrawFn) -> Written:
    value = draw(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
    writer = Writer(draw, draw(st.sampled_from(["\n", "\r\n"])))
    if draw(st.booleans()):
        writer.put("# 漢😀")
        writer.end()
    writer.block(value, (), 0)
    text = "".join(writer.parts)
    return Written(draw(st.sampled_from(["", "\ufeff"])) + text, value, writer.places, writer.keys)


@given(documents())
def test_every_key_and_value_is_where_it_was_written(document: Written) -> None:
    problems = Problems()
    text = decode(document.text.encode(), "f.yaml", problems)
    assert text is not None
    file = SourceFile("f.yaml", text, Path("/"))
    root = read_yaml(file, problems)
    assert problems.sorted() == ()
    assert root == document.value
    start = Where(file, 0, 0)
    for path, place in document.places.items():
        if path:
            assert locate(root, path, start).position() == Position("f.yaml", *place)
    for path, place in document.keys.items():
        assert locate(root, path, start, key=True).position() == Position("f.yaml", *place)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    blank=st.integers(0, 3),
    indent=st.integers(0, 4),
    note=LETTERS,
    newline=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
    included=st.booleans(),
)
def test_a_wrong_key_is_shown_where_it_stands(
    tmp_path: Path, blank: int, indent: int, note: str, newline: str, mark: str, included: bool
) -> None:
    pad = " " * indent
    lines = [f"# {note}"] * blank + ["speccheck: 1", f"title: {note!r}", "checks:"]
    lines += [f"{pad}- id: a", f"{pad}  check: demo.number", f"{pad}  with: {{value: 1, note: {note!r}, valeu: 2}}"]
    lines += [f"{pad}  expect: {{value: 1}}"]
    name = "part/b.yaml" if included else "spec.yaml"
    files = {name: mark + newline.join(lines) + newline}
    if included:
        files["spec.yaml"] = "speccheck: 1\ninclude: [part/b.yaml]\n"
    for file, text in files.items():
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_bytes(text.encode())
    loaded = load_spec(str(tmp_path / "spec.yaml"), FakeDeclarations(), environ={})
    line = lines.index(next(item for item in lines if "valeu" in item))
    column = lines[line].index("valeu") + 1
    expected = Position(str(tmp_path / name), line + 1, column)
    assert [(item.code, item.position, item.source) for item in loaded.diagnostics] == [
        ("SC103", expected, lines[line])
    ]


def test_an_included_file_is_shown_relative_to_the_same_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "specs/shared").mkdir(parents=True)
    (tmp_path / "specs/a.yaml").write_text("speccheck: 1\ninclude: [shared/b.yaml, ../c.yaml]\n")
    (tmp_path / "specs/shared/b.yaml").write_text("x: 1\n")
    (tmp_path / "c.yaml").write_text("y: 1\n")
    found: tuple[Diagnostic, ...] = load_spec("specs/a.yaml", FakeDeclarations(), environ={}).diagnostics
    assert [str(item.position) for item in found] == ["c.yaml:1:1", "specs/shared/b.yaml:1:1"]
