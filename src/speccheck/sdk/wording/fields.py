"""The texts of single fields of a cause."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from speccheck.model.formatting import item_text, number_text, value_text
from speccheck.model.verdict import LimitSource

Fields: TypeAlias = Mapping[str, Any]
"""The fields of a cause, by name."""

_OF = {"std": "sample standard deviation (n-1)", "each": "observed"}


class Known(dict[str, Any]):
    """The fields of a cause; a field that a file lacks reads as ``?``."""

    def __missing__(self, key: str) -> str:
        return "?"


def source_text(source: LimitSource) -> str:
    """Return where a limit comes from: ``baseline 23.99 - 1.0``."""
    rest = f" {source.op} {number_text(source.number)}" if source.op else ""
    return f"{reference_text(source.reference)} {number_text(source.value)}{rest}"


def more(fields: Fields) -> str:
    """Return how many other constraints an outcome is due to: `` (and 2 more)``."""
    return f" (and {fields['more']} more)" if fields.get("more") else ""


def of_text(fields: Fields) -> str:
    """Return the name of what was compared: ``mean``, or ``observed`` for the value itself."""
    of = str(fields.get("of", "observed"))
    return _OF.get(of, of)


def field_text(fields: Fields, name: str) -> str:
    """Return the text of a value, which is recorded as text when it is long."""
    return str(fields[f"{name}_text"]) if f"{name}_text" in fields else value_text(fields.get(name))


def reference_text(text: object) -> str:
    """Return the name of a reference: ``baseline``, ``metric loss``."""
    return "baseline" if text == "baseline" else f"metric {text}"


def role_text(fields: Fields) -> str:
    """Return the name of a value in its role: ``the observed value at [3]``."""
    role = fields["role"]
    return reference_text(fields["reference"]) if role == "reference" else f"the {role} value{at_text(fields)}"


def at_text(fields: Fields) -> str:
    """Return the place of an item, with ``at`` before it, or ''."""
    at = fields.get("at")
    return (
        f" at {item_text([step for step in at if isinstance(step, (int, str))])}"
        if at and isinstance(at, (list, tuple))
        else ""
    )


def limit_source(fields: Fields) -> str:
    """Return where the limit comes from, in brackets, or '' for a number as written."""
    source = fields.get("source")
    if not isinstance(source, Mapping):
        return ""
    known = Known(source)
    return f" ({source_text(LimitSource(known['reference'], 'metric', known['value'], **_operation(source)))})"


def _operation(source: Fields) -> dict[str, Any]:
    return {name: source[name] for name in ("op", "number") if name in source}


def kinds_text(kinds: object) -> str:
    """Return kinds with their articles: ``a list or a mapping``."""
    names = [f"a {kind}" for kind in (kinds if isinstance(kinds, (list, tuple)) else [kinds])]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def number_field(fields: Fields, name: str) -> str:
    """Return the text of a number."""
    return number_text(fields.get(name))
