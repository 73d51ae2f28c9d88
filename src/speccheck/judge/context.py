"""All that a constraint may be judged by: the entry's metrics, the others', the baseline, and the sizes bound."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from speccheck.judge.applicability import look_up
from speccheck.judge.limits import Limit, Reference
from speccheck.judge.shapes import Binding
from speccheck.judge.spot import Spot
from speccheck.judge.unknown import UnknownError, require_value
from speccheck.model.baseline import BaselineEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import item_text
from speccheck.model.kinds import is_nan, kind_of
from speccheck.model.metrics import Metrics
from speccheck.model.paths import MetricPath, format_path, walk
from speccheck.model.spec import Entry
from speccheck.model.values import Masked, Value
from speccheck.model.verdict import LimitSource

_UNNAMED = Cause(CauseKind.BASELINE_NOT_NAMED)


@dataclass(slots=True)
class JudgingContext:
    """The values that one entry is judged by.

    ``same`` are the ids of the other entries of the same measurement; ``families`` keeps the p values that several keys
    share.
    """

    entry: Entry
    tree: Mapping[str, Value]
    others: Mapping[str, Mapping[str, Value]]
    baseline: BaselineEntry
    metrics: Metrics
    same: Collection[str] = ()
    bindings: dict[str, Binding] = field(default_factory=dict)
    families: dict[tuple[MetricPath, str, float], dict[str, tuple[float, float]]] = field(default_factory=dict)

    def limit(self, limit: Limit, spot: Spot) -> tuple[float, LimitSource | None]:
        """Return the number of a limit, and where it comes from; UnknownError when it cannot be resolved."""
        reference = limit.reference
        if reference is None:
            return limit.number, None
        value, text = self.referred(reference, spot), reference.text
        if kind_of(value) != "number":
            raise UnknownError(CauseKind.REFERENCE_WRONG_KIND, reference=text, observed=kind_of(value))
        if not _is_finite(value) and not self._may_be_infinite(reference, spot):
            raise UnknownError(CauseKind.REFERENCE_NOT_FINITE, reference=text, value=value)
        if limit.op in ("*", "/") and value <= 0:
            raise UnknownError(CauseKind.FACTOR_NOT_POSITIVE, reference=text, value=value)
        result = _applied(limit, value)
        if is_nan(result):
            raise UnknownError(CauseKind.LIMIT_NAN, reference=text, value=value, op=limit.op, number=limit.number)
        return result, LimitSource(text, reference.kind, value, limit.op, limit.number if limit.op else None)

    def referred(self, reference: Reference, spot: Spot) -> Value:
        """Return the value of a reference; UnknownError when it is absent, none or NaN."""
        if reference.kind == "baseline":
            value = self._baseline(spot)
        else:
            tree: Mapping[str, Value] | None = self.tree
            if reference.kind == "entry" and reference.entry != self.entry.id:
                if reference.entry in self.same:
                    raise UnknownError(CauseKind.REFERENCE_SAME_MEASUREMENT, entry=reference.entry)
                tree = self.others.get(reference.entry)
                if tree is None:
                    raise UnknownError(CauseKind.REFERENCE_ENTRY_ABSENT, entry=reference.entry)
            found = [value for _, value in walk(tree, reference.path)]
            if not found:
                raise UnknownError(CauseKind.REFERENCE_ABSENT, reference=reference.text)
            value = found[0]
        require_value(value, "reference", reference=reference.text)
        return value

    def _baseline(self, spot: Spot) -> Value:
        if self.baseline.metrics is None:
            cause = self.baseline.cause or _UNNAMED
            raise UnknownError(cause.kind, cause.because, **cause.fields)
        found = [value for _, value in walk(self.baseline.metrics, spot.path)]
        if not found:
            raise UnknownError(CauseKind.BASELINE_LACKS_METRIC, metric=format_path(spot.path))
        value, keys = found[0], []
        for step in spot.steps if not isinstance(value, Masked) else ():
            keys += [step.key] if step.key is not None else []
            try:
                value = step.pick(step.key, value)
            except UnknownError as error:
                if error.cause.kind is CauseKind.ITEM_ABSENT:
                    item, metric = item_text(keys), format_path(spot.path)
                    raise UnknownError(CauseKind.BASELINE_LACKS_ITEM, metric=metric, item=item) from None
                raise UnknownError(CauseKind.BASELINE_UNUSABLE, error.cause) from None
        return value

    def _may_be_infinite(self, reference: Reference, spot: Spot) -> bool:
        if reference.kind == "baseline":
            return spot.infinite
        if reference.kind == "entry" and reference.entry != self.entry.id:
            return False  # the declarations of another entry's metrics are not known here
        metric = look_up(self.metrics, format_path(reference.path), reference.path)
        return metric is not None and metric.infinite


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        raise UnknownError(CauseKind.OUT_OF_RANGE, role="reference") from None


def _applied(limit: Limit, value: float) -> float:
    number = limit.number
    try:
        if limit.op == "+":
            return value + number
        if limit.op == "-":
            return value - number
        if limit.op == "*":
            return value * number
        return value / number if limit.op == "/" else value
    except OverflowError:
        raise UnknownError(CauseKind.OUT_OF_RANGE, role="limit") from None
