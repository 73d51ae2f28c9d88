"""Keys that a JSON file has twice: readers take the last, or the first, and a person sees either."""

from __future__ import annotations

import json
from typing import Any


class RepeatedKeyError(ValueError):
    """A mapping of the file has a key twice; the message names it."""


def refuse_repeated_keys(data: bytes) -> None:
    """Raise RepeatedKeyError when a mapping of the JSON file has a key twice, in whatever spelling."""
    json.loads(data, object_pairs_hook=_once, parse_int=_ignored, parse_float=_ignored)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for at, key in enumerate(keys) if key in keys[:at])
        beside = ", ".join(dict.fromkeys(key for key in keys if key != twice))[:80]
        raise RepeatedKeyError(
            f"the key {twice!r} is there twice in one mapping" + (f", beside {beside}" if beside else "")
        )


def _ignored(text: str) -> None:
    """Numbers are not looked at, and some have more digits than Python converts."""
