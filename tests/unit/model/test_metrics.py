"""Declarations of metrics, looked up by path."""

from __future__ import annotations

import pytest

from speccheck.model.metrics import Kind, Metric, declared, matches, pattern_parts
from speccheck.model.paths import parse_path

METRICS = {
    "snr_db": Metric(kind="number", doc="ratio", unit="dB", infinite=True),
    "grad.*.norm": Metric(kind="number", doc="norm", min=0),
    "tensors.{tensors}": Metric(kind="tensor", doc="what was returned"),
    "delta": Metric(kind="mapping", of="list", doc="replicates by configuration", replicates=True, unit="points"),
    "counts": Metric(kind="mapping", of="number", doc="how many"),
    "free": Metric(kind="mapping", doc="of unknown kind"),
    "{results}.score": Metric(kind="number", doc="score of a result"),
    "losses": Metric(kind="list", of="number", doc="loss of each step"),
}


@pytest.mark.parametrize(
    ("path", "kind", "of"),
    [
        ("snr_db", "number", None),
        ('grad["encoder.0.weight"].norm', "number", None),
        ("grad.*.norm", "number", None),
        ("tensors.tokens", "tensor", None),
        ("tensors.tokens.shape", "list", "number"),
        ("tensors.tokens.dtype", "text", None),
        ("anything.score", "number", None),
        ("delta['a,b']", "list", "number"),
        ("delta.*", "list", "number"),
        ("counts.x", "number", None),
        ("losses", "list", "number"),
    ],
)
def test_a_declared_path(path: str, kind: Kind, of: Kind | None) -> None:
    found = declared(METRICS, parse_path(path))
    assert found is not None
    assert (found.kind, found.of) == (kind, of)


@pytest.mark.parametrize(
    "path",
    [
        "snr",
        "snr_db.x",
        "grad.head",
        "grad.head.std",
        "tensors",
        "tensors.a.strides",
        "free.x",
        "losses.x",
        "delta.a.b",
    ],
)
def test_an_undeclared_path(path: str) -> None:
    assert declared(METRICS, parse_path(path)) is None


def test_a_key_of_a_mapping_keeps_what_is_declared_of_all() -> None:
    found = declared(METRICS, parse_path("delta.a"))
    assert found is not None
    assert (found.replicates, found.unit) == (True, "points")


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("snr_db", ("snr_db",)),
        ("grad.*.norm", ("grad", "*", "norm")),
        ("tensors.{tensors}", ("tensors", "{tensors}")),
        ("{results}.score", ("{results}", "score")),
        ("a.{b}.{c}", ("a", "{b}", "{c}")),
    ],
)
def test_the_parts_of_a_pattern(pattern: str, parts: tuple[str, ...]) -> None:
    assert pattern_parts(pattern) == parts


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        (("a",), ("a",), True),
        (("a",), ("b",), False),
        (("a",), ("a", "b"), False),
        (("*",), ("b",), True),
        (("a",), ("*",), True),
        (("{p}",), ("b",), True),
        ((), (), True),
    ],
)
def test_matching(pattern: tuple[str, ...], path: tuple[str, ...], fits: bool) -> None:
    assert matches(pattern, path) is fits
