"""The texts of values in reports: short, on one line, and with the names behind a count."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from speccheck.model.cause import CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.formatting import counted
from speccheck.model.paths import PathError, parse_path, walk
from speccheck.model.values import Value, format_value
from speccheck.model.verdict import ConstraintVerdict, State, Verdict
from speccheck.reporters._text import ELLIPSIS, cut, display_width, visible

BRIEF = 60
"""Columns that one value may take in a line; numbers are never cut."""

# Few digits read well; a pair that differs is shown with as many as it takes to tell the two apart. 17 significant
# digits tell any two 64-bit floats apart.
_DIGITS = (6, 9, 12, 15, 17)

_AMBIGUOUS = re.compile(r"|\s.*|.*\s|true|false|none|null|[+-]?(\d.*|\.\d.*|nan|inf.*)", re.DOTALL | re.IGNORECASE)

_ABSENT = (CauseKind.METRIC_ABSENT, CauseKind.MEMBER_ABSENT)


def show(value: Value, digits: int = _DIGITS[0], limit: int = BRIEF) -> str:
    """Return a value on one line of at most ``limit`` columns; text that reads like another kind of value is quoted.

    Of a long list or mapping the first items are shown, and their number; of a long text of several lines the last.
    """
    if isinstance(value, str):
        return _text(value, limit)
    try:
        text = visible(format_value(value, digits))
    except ValueError:  # Python prints no integer of more than 4300 digits
        return "a number too long to print"
    if isinstance(value, (bool, int, float)) or len(text) <= limit:
        return text
    if isinstance(value, Mapping):
        items = [f"{key}: {format_value(item, digits)}" for key, item in value.items()]
        return _first(items, "{}", limit)
    if isinstance(value, Sequence):
        return _first([format_value(item, digits) for item in value], "[]", limit)
    return cut(text, limit)


def show_pair(observed: Value, limit: Value) -> tuple[str, str]:
    """Return the texts of two values, with as many digits as it takes to tell unequal ones apart."""
    texts = ("", "")
    for digits in _DIGITS:
        texts = (show(observed, digits), show(limit, digits))
        if texts[0] != texts[1] or observed == limit:
            break
    return texts


def margin_text(margin: float) -> str:
    """Return a margin with its sign; 0 when the observed value is the limit itself."""
    return "0" if margin == 0 else f"{margin:+.6g}"


def observed_of(verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None) -> Value:
    """Return what a constraint observed; a value too long for the verdict is that of the evidence."""
    seen = verdict.observed if item.observed is None else item.observed
    if isinstance(seen, str) and seen.endswith(ELLIPSIS):
        whole = metric_of(verdict, evidence)
        return whole if isinstance(whole, str) and whole.startswith(seen[:-1]) else seen
    held_at = item.state is State.HELD and bool(item.at)
    if seen is not None or held_at or (item.cause is not None and item.cause.kind in _ABSENT):
        return seen
    return metric_of(verdict, evidence)


def metric_of(verdict: Verdict, evidence: Evidence | None) -> Value:
    """Return the metric of an expectation as the evidence has it, or as much of it as the verdict kept."""
    try:
        path = parse_path(verdict.metric)
    except PathError:
        return verdict.observed
    found = [] if evidence is None else [value for _, value in walk(evidence.metrics, path)]
    return found[0] if len(found) == 1 else verdict.observed


def members_of(verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None) -> Value:
    """Return the items behind a number of items that is not as wanted; None where the constraint is no such number."""
    if item.state is not State.VIOLATED or item.nesting[:1] != ("length",):
        return None
    value = metric_of(verdict, evidence)
    return value if value and isinstance(value, (list, tuple, Mapping)) else None


def _text(value: str, limit: int) -> str:
    if _AMBIGUOUS.fullmatch(value) and display_width(visible(value)) <= limit:
        return cut(json.dumps(value, ensure_ascii=False), limit)
    lines = value.strip().splitlines()
    if display_width(visible(value)) <= limit or len(lines) < 2:
        return cut(json.dumps(value, ensure_ascii=False) if _AMBIGUOUS.fullmatch(value) else value, limit)
    last = lines[-1].strip()
    return f'"{cut(last, limit)}" (the last of {counted(len(lines), "line")})'


def _first(items: Sequence[str], brackets: str, limit: int) -> str:
    """Return as many whole items as fit, in brackets, and the number of all; a part of the first if none does."""
    count = f" ({counted(len(items), 'item')})"
    room = limit - display_width(count) - len(f"{brackets}, {ELLIPSIS}")
    kept, taken = 0, 0
    for item in items:
        taken += display_width(visible(item)) + (2 if kept else 0)
        if taken > room:
            break
        kept += 1
    if kept == len(items):
        return f"{brackets[0]}{visible(', '.join(items))}{brackets[1]}"
    body = visible(", ".join(items[:kept])) + f", {ELLIPSIS}" if kept else cut(", ".join(items), room + 3)
    return f"{brackets[0]}{body}{brackets[1]}{count}"
