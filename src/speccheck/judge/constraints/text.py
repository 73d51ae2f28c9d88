"""``matches``: a text that a regular expression matches from end to end."""

from __future__ import annotations

import re
from functools import lru_cache

from speccheck.judge.constraint import Constraint, Written
from speccheck.judge.context import JudgingContext
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Spot
from speccheck.judge.unknown import UnknownError, recorded, wrong_kind
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.verdict import State


def _read(reader: Reader, written: Written) -> str | None:
    if not isinstance(written.value, str):
        reader.problem("SC205", "'matches' takes a regular expression, a text", written.node)
        return None
    try:
        re.compile(written.value)
    except (re.error, RecursionError, OverflowError) as error:
        reader.problem("SC205", f"not a regular expression: {error}", written.node)
        return None
    return written.value


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _judge(pattern: str, spot: Spot, context: JudgingContext) -> Result:
    value = spot.value
    if not isinstance(value, str):
        raise wrong_kind(value, "text")
    if not value:
        raise UnknownError(CauseKind.EMPTY, observed="text")
    if _pattern(pattern).fullmatch(value):
        return Result(State.HELD, value, pattern)
    fields = {**spot.of, **recorded("observed", value), "pattern": pattern}
    return Result(State.VIOLATED, value, pattern, cause=Cause(CauseKind.NOT_MATCHED, fields))


CONSTRAINTS = (
    Constraint(
        "matches",
        "the regular expression matches the whole text",
        "matches: PATTERN",
        {"type": "string", "description": "The whole text matches this regular expression."},
        _read,
        _judge,
        kinds=("text",),
    ),
)
