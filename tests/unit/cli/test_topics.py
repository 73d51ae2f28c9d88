"""Each registered thing is in the list of its kind and has a page, made from its own declaration."""

from __future__ import annotations

import pytest

from speccheck.cli.topics import TOPICS
from speccheck.registry import discover

REGISTRY = discover()
NAMES = [(kind, name) for kind, topic in TOPICS.items() for name in topic(REGISTRY).names]


def _page(kind: str, name: str) -> str:
    return TOPICS[kind](REGISTRY).page(name)


@pytest.mark.parametrize(("kind", "name"), NAMES, ids=[f"{kind}-{name}" for kind, name in NAMES])
def test_the_page_and_the_row_of_a_name_show_the_same_declaration(kind: str, name: str) -> None:
    topic = TOPICS[kind](REGISTRY)
    row, page = topic.row(name), topic.page(name)
    assert len(row) == len(topic.columns)
    assert row[0] == name
    assert page.startswith(f"{name} (")
    doc = row[1].partition(") ")[2] if row[1].startswith("(option of ") else row[1]
    assert doc
    assert doc in page


def test_every_kind_that_plugins_register_is_there() -> None:
    kinds = {kind for kind, _ in NAMES}
    assert kinds == {"checks", "constraints", "executors", "loaders", "reporters"}


def test_a_constraint_shows_how_it_is_written_the_kinds_it_fits_and_its_options() -> None:
    page = _page("constraints", "equals")
    assert "Written: equals: VALUE" in page
    assert "Kinds of metrics: all" in page
    assert "  tolerance: " in page
    assert "Kinds of metrics: list, mapping, text" in _page("constraints", "length")
    assert "Options" not in _page("constraints", "length")


def test_an_option_shows_its_constraints() -> None:
    assert "Beside: equals, same_as" in _page("constraints", "tolerance")


def test_a_loader_shows_its_keys() -> None:
    page = _page("loaders", "target")
    assert "  target (string, required)" in page
    assert "  args (array | object, optional)" in page
    assert "  json (path, required)" in _page("loaders", "json")


def test_a_reporter_shows_its_file() -> None:
    assert "report.md" in _page("reporters", "markdown")
