"""Metric paths: reading, writing and walking them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.paths import PathError, format_path, parse_path, walk
from speccheck.model.values import TensorDescription

# A part cannot hold both kinds of quotes: there is no escape inside of them.
PARTS = st.text(max_size=12).filter(lambda part: not ('"' in part and "'" in part))

TREE = {
    "snr_db": 24.3,
    "grad": {"head": {"norm": 1.0}, "encoder.0": {"norm": 2.0}, "odd": 3},
    "output": TensorDescription("float32", (8, 3)),
    "losses": [1, 2],
}


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("snr_db", ("snr_db",)),
        ("tensors.tokens.shape", ("tensors", "tokens", "shape")),
        ('grad["encoder.layers.0.weight"].norm', ("grad", "encoder.layers.0.weight", "norm")),
        ("delta['a,b']", ("delta", "a,b")),
        ("grad.*.norm", ("grad", "*", "norm")),
        ('a["it\'s"]', ("a", "it's")),
        ('["whole part"]', ("whole part",)),
        ("top-1.0", ("top-1", "0")),
        ('a[""]', ("a", "")),
    ],
)
def test_a_path_is_read(text: str, parts: tuple[str, ...]) -> None:
    assert parse_path(text) == parts


@pytest.mark.parametrize(
    "text", ["", ".a", "a.", "a..b", "a b", "a[b]", 'a["b', 'a.["b"]', "a[0]", "**", '["a"]b', "a\n"]
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathError):
        parse_path(text)


@given(st.lists(PARTS, min_size=1, max_size=5).map(tuple))
def test_a_written_path_reads_back(path: tuple[str, ...]) -> None:
    assert parse_path(format_path(path)) == path


@pytest.mark.parametrize("text", ["snr_db", 'grad["a.b"].norm', "grad.*.norm", 'a["it\'s"]'])
def test_a_read_path_writes_back(text: str) -> None:
    assert format_path(parse_path(text)) == text


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("snr_db", [("snr_db", 24.3)]),
        ("grad.*.norm", [("grad.head.norm", 1.0), ('grad["encoder.0"].norm', 2.0)]),
        ("grad.*", [("grad.head", {"norm": 1.0}), ('grad["encoder.0"]', {"norm": 2.0}), ("grad.odd", 3)]),
        ("output.shape", [("output.shape", [8, 3])]),
        ("output.dtype", [("output.dtype", "float32")]),
        ("output.*", []),
        ("output.shape.0", []),
        ("losses.0", []),
        ("snr_db.x", []),
        ("absent", []),
        ("grad.absent.norm", []),
    ],
)
def test_walking_a_tree(path: str, found: list[tuple[str, Any]]) -> None:
    assert [(format_path(full), value) for full, value in walk(TREE, parse_path(path))] == found


def test_a_key_that_is_a_star_is_found_by_any() -> None:
    assert list(walk({"*": 1, "a": 2}, parse_path("*"))) == [(("*",), 1), (("a",), 2)]
