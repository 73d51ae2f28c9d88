"""The collector of a reading: problems and references; with the checks that several constraints share."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from speccheck.judge.applicability import NodePath, Place, look_up
from speccheck.judge.limits import LimitError, Reference, cramped, parse_reference
from speccheck.model.diagnostic import Severity
from speccheck.model.formatting import MAX_DEPTH, flow
from speccheck.model.kinds import is_nan, kind_of
from speccheck.model.metrics import Kind, Metric, Metrics, pattern_parts
from speccheck.model.paths import MetricPath
from speccheck.model.values import Json

_MAX_BITS = 1023
"""An integer of more bits than this may not fit the range of a 64-bit float."""


class Problem(msgspec.Struct, frozen=True):
    """An error in an expectation: a stable code, the message, and the node (its key when ``on_key``)."""

    code: str
    message: str
    path: NodePath = ()
    on_key: bool = False
    hint: str = ""
    severity: Severity = "error"


class Reader:
    """Collects the findings of one reading; ``metrics`` is None without declarations to check against."""

    def __init__(self, metrics: Metrics | None) -> None:
        self.metrics = metrics
        self.problems: list[Problem] = []
        self.references: list[tuple[Reference, NodePath]] = []
        self.uses_baseline = False

    def problem(self, code: str, message: str, node: NodePath, *, on_key: bool = False, hint: str = "") -> None:
        """Note an error."""
        self.problems.append(Problem(code, message, node, on_key, hint))

    def vacuous(self, text: str, why: str, node: NodePath) -> None:
        """Note a limit that no value could violate."""
        self.problems.append(Problem("SC601", f"'{text}' can never be violated: {why}", node, severity="warning"))

    def declaration(self, text: str, path: MetricPath, node: NodePath, *, on_key: bool) -> Metric | None:
        """Return the declaration of a metric; notes SC102 when the declarations do not cover it."""
        if self.metrics is None:
            return None
        metric = look_up(self.metrics, text, path)
        if metric is None:
            hint = suggestion(text, self.metrics) or self._below(path)
            self.problem("SC102", f"unknown metric '{text}'", node, on_key=on_key, hint=hint)
        return metric

    def fits(self, place: Place, name: str, kinds: tuple[Kind, ...]) -> bool:
        """Return whether a constraint for these kinds (none: all) fits the value there; notes SC202 otherwise."""
        if not kinds or place.kind == "any" or place.kind in kinds:
            return True
        what = f"the {' of the '.join(reversed(place.nesting))} of this metric" if place.nesting else "this metric"
        wanted = " or a ".join(kinds)
        message = f"'{name}' is for a {wanted}, and {what} is a {place.kind}"
        self.problem("SC202", message, (*place.node, name), on_key=True)
        return False

    def limit_problem(self, error: LimitError, node: NodePath, code: str = "SC203") -> None:
        """Note the error in a limit or reference."""
        self.problem(code, str(error), node, hint=error.hint)

    def reference(self, value: Json, place: Place, node: NodePath) -> Reference | None:
        """Read the reference of ``same_as``; notes an error in it."""
        try:
            reference = parse_reference(value)
        except LimitError as error:
            self.limit_problem(error, node)
            return None
        return reference if self.refer(reference, place, node, number=False) else None

    def refer(self, reference: Reference, place: Place, node: NodePath, *, number: bool) -> bool:
        """Note a reference; return False, with a problem noted, when its target is not declared or not a number."""
        if reference.kind == "baseline":
            self.uses_baseline = True
        elif reference.kind == "entry":
            self.references.append((reference, node))
        elif self.metrics is not None and look_up(self.metrics, reference.text, reference.path) is None:
            spaced = cramped(reference.text)
            if spaced:
                hint = f"put spaces around the operator: {spaced}"
                self.problem("SC203", f"{reference.text!r} is not a limit", node, hint=hint)
            else:
                self.declaration(reference.text, reference.path, node, on_key=False)
            return False
        elif self.metrics is not None and number:
            metric = look_up(self.metrics, reference.text, reference.path)
            if metric is not None and metric.kind not in ("number", "any"):
                message = f"a limit is a number, and metric '{reference.text}' is a {metric.kind}"
                self.problem("SC202", message, node)
                return False
        return True

    def literal(self, value: Json, node: NodePath, depth: int = 0) -> bool:
        """Return whether a literal can be compared: plain data without null and NaN; notes SC205 otherwise."""
        kind = kind_of(value)
        if depth > MAX_DEPTH:
            self.problem("SC205", f"a value nested deeper than {MAX_DEPTH} levels", node)
            return False
        if kind == "none" or is_nan(value):
            message = f"{flow(value)} cannot be expected: a metric that is none or NaN is unknown"
            self.problem("SC205", message, node)
            return False
        if kind == "other" or (kind == "mapping" and not all(isinstance(key, str) for key in value)):
            self.problem("SC205", "an expected value is plain data: numbers, texts, lists, mappings of text", node)
            return False
        if kind == "number" and isinstance(value, int) and value.bit_length() > _MAX_BITS:
            self.problem("SC205", "a number beyond the range of a 64-bit float", node)
            return False
        if kind == "mapping":
            sound = [self.literal(item, (*node, key), depth + 1) for key, item in value.items()]
            return all(sound)
        if kind == "list":
            sound = [self.literal(item, (*node, at), depth + 1) for at, item in enumerate(value)]
            return all(sound)
        return True

    def _below(self, path: MetricPath) -> str:
        deeper = [name for name in self.metrics or () if pattern_parts(name)[: len(path)] == path]
        return f"it is declared as '{deeper[0]}'" if deeper else ""


def suggestion(text: str, names: Iterable[str]) -> str:
    """Return ``did you mean 'max_error'?``, or '' when every name differs too much."""
    import difflib

    near = difflib.get_close_matches(text[:200], list(names), n=1)
    return f"did you mean '{near[0]}'?" if near else ""


def node_key(key: object) -> str | int:
    """Return a key in the form that node paths hold."""
    return key if isinstance(key, (str, int)) else flow(key)
