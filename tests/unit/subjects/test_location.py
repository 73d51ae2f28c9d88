"""Locations: paths, seed names, and errors that name the subject once."""

from __future__ import annotations

import pytest

from speccheck.subjects.location import Location


@pytest.mark.parametrize(
    ("location", "message", "seed_name"),
    [
        (Location("model"), "no file", "model"),
        (Location("model").item("args").item(0).item("x"), "at args[0].x: no file", "model/args[0].x"),
        (Location("", "call"), "parameter 'call': no file", "/call"),
        (Location("", "call").item("a"), "parameter 'call.a': no file", "/call.a"),
        (Location(""), "no file", "/"),
    ],
)
def test_an_error_names_the_place_and_carries_the_subject(location: Location, message: str, seed_name: str) -> None:
    cause = ValueError("cause")
    error = location.error("no file", cause)
    assert str(error) == message
    assert error.name == location.subject
    assert error.cause is cause
    assert location.seed_name == seed_name
