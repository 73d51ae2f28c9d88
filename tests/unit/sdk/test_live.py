"""Live values: fresh instances, arguments bound in a spec, placeholders that a check fills in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from speccheck.sdk.live import Fresh, PartialCall, Placeholder, fill


def record(*args: Any, **kwargs: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What it was called with."""
    return args, kwargs


def test_each_call_of_a_factory_builds_anew() -> None:
    factory: Fresh[list[int]] = Fresh(list)
    assert factory() == []
    assert factory() is not factory()


class Output(dict[str, int]):
    """An output with items and attributes."""

    logits = (1, 2)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((), Output(key=3)),
        ((("attr", "logits"),), (1, 2)),
        ((("attr", "logits"), ("item", 1)), 2),
        ((("item", "key"),), 3),
    ],
)
def test_a_placeholder_follows_its_steps(steps: tuple[tuple[str, str | int], ...], found: Any) -> None:
    assert Placeholder("output", steps).resolve({"output": Output(key=3)}) == found


def test_a_placeholder_that_nothing_fills_in_is_an_error() -> None:
    with pytest.raises(KeyError):
        Placeholder("output").resolve({"batch": 1})


def test_bound_arguments_come_before_those_of_the_call() -> None:
    bound = PartialCall(record, (1,), {"a": 2, "b": 3})
    assert bound(4, b=5) == ((1, 4), {"a": 2, "b": 5})
    assert bound.placeholders == frozenset()


def test_bound_arguments_are_not_changed_by_a_call() -> None:
    given = {"a": [1]}
    bound = PartialCall(record, (), given)
    bound(a=2)
    given["a"] = [9]
    assert bound() == ((), {"a": [1]})


def test_placeholders_are_found_and_filled_at_any_depth() -> None:
    output, mask = Placeholder("output", (("attr", "x"),)), Placeholder("batch", (("item", 0),))
    bound = PartialCall(record, ([output, 1], (mask,)), {"deep": {"a": [{"b": mask}]}})
    assert bound.placeholders == {"output", "batch"}
    called = bound.filled({"output": SimpleNamespace(x="X"), "batch": ["B"]}, 7, more=8)
    assert called == ((["X", 1], ("B",), 7), {"deep": {"a": [{"b": "B"}]}, "more": 8})


def test_what_is_no_plain_container_is_left_alone() -> None:
    class Batch(dict[str, Any]):
        """A mapping of the audited code's own kind."""

    batch = Batch(a=1)
    assert PartialCall(record, (batch,), {})()[0][0] is batch


def test_a_placeholder_left_open_is_named() -> None:
    bound = PartialCall(record, (Placeholder("output"),), {})
    with pytest.raises(TypeError, match=r"nothing fills in \$\{output\} here; this check offers \['batch'\]"):
        bound.filled({"batch": 1})
    with pytest.raises(TypeError, match=r"\$\{output\}"):
        bound()


def test_fill_by_name_where_there_are_placeholders() -> None:
    bound = PartialCall(record, (), {"pred": Placeholder("output"), "target": Placeholder("batch", (("item", 1),))})
    assert fill(bound, output="O", batch=["x", "y"]) == ((), {"pred": "O", "target": "y"})


@pytest.mark.parametrize("function", [record, PartialCall(record, (), {})])
def test_fill_by_position_where_there_are_none(function: Any) -> None:
    assert fill(function, output="O", batch="B") == (("O", "B"), {})
