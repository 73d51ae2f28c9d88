"""The error of a constraint that cannot be judged, and the form in which its cause keeps values."""

from __future__ import annotations

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import shown, value_text
from speccheck.model.kinds import is_nan, kind_of
from speccheck.model.values import Masked, Value


class UnknownError(Exception):
    """A constraint that cannot be judged; ``cause`` is why."""

    def __init__(self, kind: CauseKind, because: Cause | None = None, /, **fields: Value) -> None:
        super().__init__(kind.value)
        self.cause = Cause(kind, fields, because)


def require_value(value: Value, role: str, **fields: Value) -> None:
    """Raise UnknownError for none, NaN and what is masked.

    ``role`` is observed, expected or reference, ``fields`` give the place.
    """
    if value is None or is_nan(value):
        kind = CauseKind.VALUE_NONE if value is None else CauseKind.VALUE_NAN
        raise UnknownError(kind, role=role, **fields)
    if isinstance(value, Masked):
        raise UnknownError(CauseKind.MASKED, role=role, **fields)


def wrong_kind(value: Value, *wanted: str) -> UnknownError:
    """Return the error of an observed value of another kind than a constraint takes."""
    return UnknownError(CauseKind.WRONG_KIND, observed=kind_of(value), wanted=list(wanted))


def recorded(name: str, value: Value) -> dict[str, Value]:
    """Return the field of a cause that holds the value: itself, or its text when it is too long to record."""
    kept = shown(value)
    if kept is value or (kept is not None and kept == value):
        return {name: value}
    return {f"{name}_text": value_text(value)}
