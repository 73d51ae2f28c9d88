"""Selection and order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.engine.plan import SelectionError, ordered, select
from speccheck.model.spec import Entry, Spec
from support.runs import entry


def spec(*entries: Entry) -> Spec:
    return Spec("t", "s.yaml", "/s", entries)


ENTRIES = (
    entry("audio-snr", tags=("audio",), needs=("audio-det",)),
    entry("audio-det", tags=("audio",)),
    entry("image", tags=("picture",), references=("audio-snr",)),
    entry("audio", tags=("other",)),
    Entry("grid[a=1]", "grid", "value.number", entry().measurement),
    Entry("grid[a=2]", "grid", "value.number", entry().measurement),
)


@pytest.mark.parametrize(
    ("only", "chosen"),
    [
        ([], ["audio-snr", "audio-det", "image", "audio", "grid[a=1]", "grid[a=2]"]),
        (["audio"], ["audio"]),  # an exact id comes before the tag of that name
        (["audio-*"], ["audio-snr", "audio-det"]),
        (["picture"], ["audio-snr", "audio-det", "image"]),  # with what it refers to, and what that needs
        (["grid"], ["grid[a=1]", "grid[a=2]"]),
        (["grid[a=2]"], ["grid[a=2]"]),
        (["audio-snr"], ["audio-snr", "audio-det"]),
    ],
)
def test_ids_come_before_globs_and_tags_and_bring_what_they_need(only: list[str], chosen: list[str]) -> None:
    assert [entry.id for entry in select(spec(*ENTRIES), only)] == chosen


def test_a_selection_that_matches_nothing_is_an_error_with_a_suggestion() -> None:
    with pytest.raises(SelectionError, match="matches no entry") as caught:
        select(spec(*ENTRIES), ["audio", "pictur"])
    assert caught.value.diagnostic.hint == "did you mean 'picture'?"


def test_order_is_that_of_the_spec_where_nothing_is_needed() -> None:
    assert [e.id for e in ordered(ENTRIES)] == ["audio-det", "audio-snr", "image", "audio", "grid[a=1]", "grid[a=2]"]


def test_a_cycle_is_an_error_that_names_its_entries() -> None:
    with pytest.raises(SelectionError, match=r"in a cycle: a, b$"):
        ordered([entry("a", needs=("b",)), entry("b", references=("a",)), entry("c")])


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=60))
def test_what_is_needed_always_comes_first(edges: list[tuple[int, int]]) -> None:
    needs: dict[int, set[str]] = {}
    for low, high in edges:
        if low < high:
            needs.setdefault(low, set()).add(str(high))
    entries = [entry(str(i), needs=tuple(sorted(needs.get(i, ())))) for i in range(31)]
    places = {e.id: place for place, e in enumerate(ordered(entries))}
    assert len(places) == 31
    assert all(places[need] < places[e.id] for e in entries for need in e.needs)
