"""Whatever bytes are given as a spec, reading it ends with a spec or with diagnostics, never with an exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.loading import Loaded, diagnostic_codes, load_spec, render_diagnostics
from support.fake_declarations import FakeDeclarations
from support.good_specs import WHOLE

PIECES = [
    *("${vars.x}", "${matrix.n}", "${here}", "${env.X}", "$clip", "$$x", "$${", "${", "}", "{", "[", "]", "'", '"'),
    *("\n", "\t", ": ", "- ", "~", "1e999", "&a ", "*a", "<<: ", "!!str ", "\ufeff", "\u2028", "\r\n", "\0", "|", ">"),
    *("0", "-1", ".nan", "true", "baseline", "checks.sound.snr_db", "[B, N]", "expr", "audio", "override: true"),
    *("id", "check", "with", "expect", "needs", "matrix", "include: [fuzz.yaml]", "\n---\n", "#", "漢", "*", "?"),
]


def check_read(data: bytes, *overrides: str) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "fuzz.yaml"
        path.write_bytes(data)
        loaded = load_spec(str(path), FakeDeclarations(), environ={"X": "${here}"}, overrides=overrides)
    assert (loaded.spec is None) == any(item.severity == "error" for item in loaded.diagnostics)
    assert {item.code for item in loaded.diagnostics} <= set(diagnostic_codes())
    for item in loaded.diagnostics:
        assert item.position is None or (item.position.line >= 1 and item.position.column >= 1)
        assert item.position is None or item.position.column <= len(item.source) + 1 or not item.source
    assert bool(render_diagnostics(loaded.diagnostics)) == bool(loaded.diagnostics)
    return loaded


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    assert check_read(data).spec is None


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    check_read(b"speccheck: 1\nvars: " + text.encode("utf-8", "replace"))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_spec_with_pieces_changed(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 12)))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    check_read(text.encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_good_spec_with_lines_moved(data: st.DataObject) -> None:
    lines = WHOLE.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        line = lines.pop(data.draw(st.integers(0, len(lines) - 1)))
        if data.draw(st.booleans()):
            lines.insert(data.draw(st.integers(0, len(lines))), line)
    check_read("\n".join(lines).encode())


PLAIN = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(), st.sampled_from(PIECES), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(PIECES), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_good_spec_with_values_replaced(data: st.DataObject) -> None:
    import json

    import yaml

    top = yaml.safe_load(WHOLE)
    at = top
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], (dict, list)) and at[key] and data.draw(st.integers(0, 3)):
            at = at[key]
        else:
            at[key] = data.draw(PLAIN)
            break
    text = json.dumps(top, ensure_ascii=False, default=str)
    check_read(text.encode("utf-8", "replace"))


@settings(max_examples=100, deadline=None)
@given(
    path=st.lists(st.sampled_from(["checks", "sound", "expect", "vars", "x", "*", '["a"]', "0", ""]), max_size=5),
    value=st.one_of(st.sampled_from(PIECES), st.text(max_size=10)),
)
def test_any_override(path: list[str], value: str) -> None:
    check_read(WHOLE.encode(), f"{'.'.join(path)}={value}")


def test_the_good_spec_is_good() -> None:
    loaded = check_read(WHOLE.encode())
    assert loaded.diagnostics == ()
    assert loaded.spec is not None
    assert len(loaded.spec.entries) == 10
