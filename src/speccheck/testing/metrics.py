"""Problems of the metrics that a check declares, and of those that it returns."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from speccheck.model.metrics import Metric, Metrics, matches, pattern_parts
from speccheck.model.paths import ANY, MetricPath, PathError, format_path
from speccheck.model.values import Json, TensorDescription, Value, from_wire, to_wire


def declaration_problems(metrics: Metrics, parameters: Mapping[str, Json]) -> Iterator[str]:
    """Yield the problems of declarations; ``parameters`` are the JSON Schemas of the check's parameters by name."""
    if not metrics:
        yield "it declares no metrics, so an entry cannot expect anything"
    for pattern, metric in metrics.items():
        try:
            parts = pattern_parts(pattern)
        except PathError as error:
            yield f"metric {pattern}: {error}"
            continue
        for part in parts:
            if part.startswith("{") and part[1:-1] not in parameters:
                yield f"metric {pattern}: unknown parameter {part[1:-1]!r}"
        yield from (f"metric {pattern}: {problem}" for problem in _metric_problems(metric))


def _metric_problems(metric: Metric) -> Iterator[str]:
    if not metric.doc.strip():
        yield "its doc is empty"
    if metric.min is not None and metric.max is not None and metric.min > metric.max:
        yield f"its min {metric.min:g} is above its max {metric.max:g}"
    if any(bound is not None and not math.isfinite(bound) for bound in (metric.min, metric.max)):
        yield "its bounds must be finite; leave out a bound that values never reach"
    numeric = metric.kind in ("number", "list", "mapping", "any") and metric.of in (None, "number", "list", "any")
    if not numeric and (metric.min is not None or metric.max is not None or metric.infinite):
        yield f"bounds do not apply to a {metric.kind}" + (f" of {metric.of}" if metric.of else "")
    if metric.of is not None and metric.kind not in ("list", "mapping"):
        yield f"`of` applies to lists and mappings, not to a {metric.kind}"
    if metric.replicates and metric.kind not in ("list", "mapping"):
        yield f"`replicates` applies to a list, or to a mapping of lists, not to a {metric.kind}"
    if metric.infinite and metric.min is not None and metric.max is not None:
        yield "`infinite` contradicts its two finite bounds"


def yielded_problems(metrics: Metrics, yielded: Mapping[str, Value]) -> Iterator[str]:
    """Yield the problems of returned metrics: undeclared, of the wrong kind, out of bounds, not plain data.

    NaN and infinity are accepted here: a subject may be broken on purpose. None, which is judged unknown, is accepted
    of one among many (``size.*``) that is declared optional.
    """
    for pattern, path, value in _yielded(metrics, yielded, ()):
        if pattern is None:
            yield f"metric {format_path(path)} was returned but is not declared"
        elif value is not None or len(path) == 1 or not metrics[pattern].optional:
            yield from (f"metric {format_path(path)}: {text}" for text in _value_problems(metrics[pattern], value))


def missing_metrics(metrics: Metrics, values: Mapping[str, Any], yielded: Mapping[str, Value]) -> list[str]:
    """Return the paths that are declared, not optional, and absent.

    ``values`` are the parameters of the measurement. ``{parameter}`` matches each key of that parameter, and all
    are required; of ``*`` at least one is.
    """
    found = [(pattern, path) for pattern, path, _ in _yielded(metrics, yielded, ()) if pattern is not None]
    return [
        format_path(wanted)
        for pattern, metric in metrics.items()
        if not metric.optional
        for wanted in _wanted(pattern_parts(pattern), values)
        if not any(name == pattern and matches(wanted, path) for name, path in found)
    ]


def nonfinite_problems(metrics: Metrics, yielded: Mapping[str, Value]) -> Iterator[str]:
    """Yield the metrics that contain NaN, and those that contain infinity without declaring it."""
    for pattern, path, value in _yielded(metrics, yielded, ()):
        if any(map(math.isnan, _numbers(value))):
            yield f"metric {format_path(path)}: it contains NaN, which is judged unknown"
        if any(map(math.isinf, _numbers(value))) and not (pattern is not None and metrics[pattern].infinite):
            yield f"metric {format_path(path)}: it is infinite without declaring it, which is judged violated"


def _yielded(
    metrics: Metrics, tree: Mapping[str, Value], above: MetricPath
) -> Iterator[tuple[str | None, MetricPath, Value]]:
    """Yield each metric of the tree with the declaration that covers it, or None."""
    for key, value in tree.items():
        path = (*above, key)
        pattern = next((name for name in metrics if matches(pattern_parts(name), path)), None)
        if pattern is None and isinstance(value, Mapping) and _leads_on(metrics, path):
            yield from _yielded(metrics, value, path)
        else:
            yield pattern, path, value


def _leads_on(metrics: Metrics, path: MetricPath) -> bool:
    return any(matches(pattern_parts(name)[: len(path)], path) for name in metrics)


def _wanted(pattern: MetricPath, values: Mapping[str, Any]) -> list[MetricPath]:
    paths: list[MetricPath] = [()]
    for part in pattern:
        keys = [part]
        if part.startswith("{"):
            given = values.get(part[1:-1])
            keys = [str(key) for key in given] if isinstance(given, (Mapping, Sequence)) else [ANY] if given else []
        paths = [(*path, key) for path in paths for key in keys]
    return paths


def _value_problems(metric: Metric, value: Value) -> Iterator[str]:
    try:
        back = from_wire(msgspec.json.decode(msgspec.json.encode(to_wire(value))))
    except TypeError as error:
        yield f"not plain data: {error}"
        return
    if not _same(back, value):
        yield f"{value!r} is read back from the run file as {back!r}"
    if not _is_kind(metric.kind, value):
        yield f"declared {metric.kind}, returned {type(value).__name__}"
        return
    items = list(value.values()) if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else []
    if metric.of is not None:
        wrong = sorted({type(item).__name__ for item in items if not _is_kind(metric.of, item)})
        if wrong:
            yield f"declared {metric.kind} of {metric.of}, returned one of {', '.join(wrong)}"
    for number in _numbers(value):
        yield from _number_problems(metric, number)


def _number_problems(metric: Metric, number: float) -> Iterator[str]:
    if not math.isfinite(number):
        return
    if (metric.min is not None and number < metric.min) or (metric.max is not None and number > metric.max):
        yield f"{number!r} is outside the declared range {metric.min} to {metric.max}"


def _is_kind(kind: str, value: Value) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "number": (int, float),
        "bool": (bool,),
        "text": (str,),
        "list": (list, tuple),
        "tensor": (TensorDescription,),
        "mapping": (Mapping,),
        "any": (object,),
    }
    return isinstance(value, kinds[kind]) and not (kind == "number" and isinstance(value, bool))


def _numbers(value: Value) -> Iterator[float]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return list(left) == list(right) and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(_same, left, right))
    both_nan = isinstance(left, float) and isinstance(right, float) and math.isnan(left) and math.isnan(right)
    return both_nan or bool(left == right)
