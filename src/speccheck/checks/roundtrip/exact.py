"""Difference between an input and its decoded encoding, bit for bit.

Measures the largest error, whether input and result are identical (dtype, shape and bits), which paths differ, and the
form of input, code and result. A tuple that `encode` returns is spread over the arguments of `decode`.

It matters wherever a rearrangement is meant to lose nothing: cutting a video into tubelets, packing ids, padding and
its removal.

It cannot see the order inside the code: any permutation that `decode` undoes is exact too, which `roundtrip.locality`
shows. A constant input survives every permutation, so `distinct_values` counts its values.

```yaml
- id: tubelets-are-exact
  check: roundtrip.exact
  with: {encode: $tubeletify, decode: $untubeletify, input: $clips}
  expect:
    max_error: 0
    identical: true
    code: {tensor: "float32[B=2, 576, 9600]"}
    distinct_values: {min: 1000}
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, Value, param
from speccheck.sdk.arrays import description, is_array
from speccheck.sdk.calling import spread
from speccheck.sdk.comparison import differences, distinct, elements, leaves, max_abs_difference, where
from speccheck.sdk.modules import Mode, in_asked_mode

_SHOWN = 5


@dataclass(frozen=True)
class Params:
    """The two directions, and what goes through them."""

    encode: Live[Callable[..., Any]] = param("called with the input", fills=())
    decode: Live[Callable[..., Any]] = param(
        "called with what `encode` gave; a tuple is spread over its arguments", fills=()
    )
    input: Live[Any] = param("what is encoded; a tuple is spread over the arguments of `encode`")
    mode: Mode | None = param("mode of the torch modules behind both; as they are when not given", default=None)


_NO_TENSOR = "it is not one tensor"
_NOTHING = "the input holds nothing"

METRICS: Mapping[str, Metric] = {
    "identical": Metric(kind="bool", doc="the result is the input, bit for bit", optional=_NOTHING),
    "max_error": Metric(
        kind="number", min=0, infinite=True, doc="largest |result - input|; NaN where they cannot be compared"
    ),
    "differing": Metric(kind="list", of="text", doc="paths at which input and result differ", optional=_NOTHING),
    "input": Metric(kind="tensor", doc="dtype and shape of the input", optional=_NO_TENSOR),
    "code": Metric(kind="tensor", doc="dtype and shape of the code", optional=_NO_TENSOR),
    "result": Metric(kind="tensor", doc="dtype and shape of the result", optional=_NO_TENSOR),
    "elements": Metric(kind="number", min=0, doc="elements in the input"),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of the input"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Encode and decode once."""
    given = leaves(params.input)  # a copy, which a call that works in place does not reach
    with in_asked_mode(params.mode, params.encode, params.decode):
        code = spread(params.encode, params.input)
        described = _described(code)  # before `decode` may change it in place
        result = spread(params.decode, code)
    differing = differences(given, result)
    metrics: dict[str, Value] = {
        "max_error": max_abs_difference(given, result),
        "elements": elements(given),
        "distinct_values": distinct(given),
    }
    if metrics["elements"]:
        metrics["identical"] = not differing
    if metrics["elements"] or differing:
        metrics["differing"] = differing
    forms = {"input": _described(params.input), "code": described, "result": _described(result)}
    metrics |= {name: form for name, form in forms.items() if form is not None}
    found = tuple(Finding(where(path, given, result), symbol=path) for path in differing[:_SHOWN])
    return Evidence(metrics, findings=found)


def _described(value: Any) -> Value | None:
    return description(value) if is_array(value) else None


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
