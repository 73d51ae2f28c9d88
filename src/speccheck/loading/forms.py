"""Readers of single values of a mapping: each returns the value, or a default with a diagnostic."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from speccheck.loading.diagnostics import Problems, did_you_mean
from speccheck.loading.yaml.source import Where, YMap, locate
from speccheck.model.formatting import counted
from speccheck.model.values import Json

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(ms|s|m|h)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, None: 1.0}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Form:
    """A mapping with its references resolved, beside the mapping as read, which knows the places.

    ``what`` names it in messages: ``entry 'a'``.
    """

    def __init__(self, values: Mapping[str, Json], raw: Json, fallback: Where, what: str, problems: Problems) -> None:
        self.values = values
        self.raw = raw
        self.fallback = fallback
        self.what = what
        self.problems = problems

    def where(self, *path: str | int) -> Where:
        """Return the place of the value at the path."""
        return locate(self.raw, path, self.fallback)

    def key_where(self, *path: str | int) -> Where:
        """Return the place of the key at the path."""
        return locate(self.raw, path, self.fallback, key=True)

    def only(self, allowed: Sequence[str]) -> None:
        """Report each key that is not allowed."""
        for key in self.values:
            if key not in allowed:
                hint = did_you_mean(key, allowed)
                self.problems.add("SC015", f"unknown key '{key}' of {self.what}", self.key_where(key), hint)

    def need(self, key: str) -> bool:
        """Whether the key exists; report it if not."""
        if key not in self.values:
            where = self.raw.where() if isinstance(self.raw, YMap) else self.fallback
            self.problems.add("SC016", f"missing key '{key}' in {self.what}", where)
        return key in self.values

    def wrong(self, key: str, expected: str, code: str = "SC017", hint: str = "") -> None:
        """Report that the value of the key does not have the expected form."""
        message = f"'{key}' of {self.what} must be {expected}, not {shown(self.values[key])}"
        self.problems.add(code, message, self.where(key), hint)

    def wrong_item(self, key: str, at: int, expected: str) -> None:
        """Report that an item of the list under the key does not have the expected form."""
        message = f"an item of '{key}' of {self.what} must be {expected}, not {shown(self.values[key][at])}"
        self.problems.add("SC017", message, self.where(key, at))

    def text(self, key: str, default: str = "") -> str:
        """Return a text that is not empty."""
        if key not in self.values:
            return default
        value = self.values[key]
        if isinstance(value, str) and value.strip():
            return value
        hint = "put it in quotes" if isinstance(value, (int, float)) else ""
        self.wrong(key, "text", hint=hint)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        if key not in self.values:
            return ()
        value = self.values[key]
        if isinstance(value, str) and value:
            return (value,)
        if not isinstance(value, list):
            self.wrong(key, "a list of texts")
            return ()
        for at, item in enumerate(value):
            if not isinstance(item, str) or not item:
                self.wrong_item(key, at, "text")
                return ()
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Return true or false; false when the key is missing."""
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            self.wrong(key, "true or false")
            return False
        return value

    def integer(self, key: str, low: int, high: int) -> int | None:
        """Return an integer within the bounds, inclusive."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(key, f"an integer from {low} to {high}")
            return None
        return value

    def choice(self, key: str, options: Sequence[str]) -> str | None:
        """Return one of the options."""
        if key not in self.values:
            return None
        value = self.values[key]
        if value not in options:
            hint = did_you_mean(value, options) if isinstance(value, str) else ""
            self.wrong(key, " or ".join(options), hint=hint)
            return None
        return str(value)

    def seconds(self, key: str) -> float | None:
        """Return a duration in seconds: ``120s``, ``2m``, ``500ms``, ``1h`` or a number of seconds above 0."""
        if key not in self.values:
            return None
        value: Any = self.values[key]
        match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
        if match is not None:
            value = float(match[1]) * _SECONDS[match[2]]
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e9:
            self.wrong(key, "a duration above zero, such as 120s, 2m or 500ms", "SC019")
            return None
        return float(value)

    def day(self, key: str) -> str | None:
        """Return a date as text, ``YYYY-MM-DD``."""
        if key not in self.values:
            return None
        value = self.values[key]
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                date.fromisoformat(value)
            except ValueError:
                self.wrong(key, "a day of the calendar", "SC020")
                return None
            return value
        self.wrong(key, "a date, YYYY-MM-DD", "SC020")
        return None

    def part(self, key: str) -> Form | None:
        """Return the form of the mapping under the key."""
        if key not in self.values:
            return None
        value = self.values[key]
        if not isinstance(value, dict):
            self.wrong(key, "a mapping")
            return None
        raw = self.raw.get(key) if isinstance(self.raw, YMap) else None
        return Form(value, raw, self.where(key), f"'{key}' of {self.what}", self.problems)


def shown(value: Json) -> str:
    """Return the value for a message: short, and as in YAML."""
    if isinstance(value, str):
        return f"'{value if len(value) <= 60 else value[:57] + '...'}'"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {counted(len(value), 'item')}" if value else "an empty list"
    return "nothing" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
