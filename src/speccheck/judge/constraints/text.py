"""``matches``: a text that a regular expression matches from end to end, in linear time."""

from __future__ import annotations

from speccheck.judge.constraint import Constraint, Written
from speccheck.judge.context import JudgingContext
from speccheck.judge.patterns import PatternError, check_pattern, matches_whole
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
        check_pattern(written.value)
    except PatternError as error:
        if error.hint:
            message = f"a pattern that is not matched in linear time: {error}"
            reader.problem("SC208", message, written.node, hint=error.hint)
        else:
            reader.problem("SC205", f"not a regular expression: {error}", written.node)
        return None
    return written.value


def _judge(pattern: str, spot: Spot, context: JudgingContext) -> Result:
    value = spot.value
    if not isinstance(value, str):
        raise wrong_kind(value, "text")
    if not value:
        raise UnknownError(CauseKind.EMPTY, observed="text")
    if matches_whole(pattern, value):
        return Result(State.HELD, value, pattern)
    fields = {**spot.of, **recorded("observed", value), "pattern": pattern}
    return Result(State.VIOLATED, value, pattern, cause=Cause(CauseKind.NOT_MATCHED, fields))


CONSTRAINTS = (
    Constraint(
        "matches",
        "the regular expression (of RE2) matches the whole text",
        "matches: PATTERN",
        {"type": "string", "description": "The whole text matches this regular expression (of RE2)."},
        _read,
        _judge,
        kinds=("text",),
    ),
)
