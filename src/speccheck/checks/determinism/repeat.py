"""Results of several calls with the same arguments, compared bit for bit.

Measures whether values and metadata (shapes, dtypes, rates, every field of what is returned) are identical over the
calls. Nothing is seeded between them, so randomness hidden in the call shows. Each result is copied before the next
call, so a buffer that is overwritten and returned again cannot pass for repetition.

It matters because a tokenizer or an encoder that gives other codes for the same input makes every later number
unrepeatable. A constant result is deterministic too, which is why the number of distinct values is measured beside it.

It cannot see what differs only between processes, machines, devices or batch sizes, nor non-determinism rarer than
``times`` calls show. NaN at the same place of two results counts as identical: `tensor.contract` counts NaN.

```yaml
- id: audio-determinism
  check: determinism.repeat
  with: {call: $encode}
  expect:
    identical: true
    distinct_values: {min: 8, why: a constant code would be deterministic too}
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, param
from speccheck.sdk.comparison import differences, distinct, elements, leaves, max_abs_difference, where
from speccheck.sdk.modules import in_asked_mode

_SHOWN = 5


@dataclass(frozen=True)
class Params:
    """The callable, its arguments, and the number of calls."""

    call: Live[Callable[..., object]] = param(
        "the callable; a `function:` subject may carry arguments of its own", fills=()
    )
    args: tuple[Live[Any], ...] = param("positional arguments of every call", default=())
    times: int = param("how many calls are made", default=2, min=2)
    mode: Literal["eval", "train"] | None = param(
        "put the torch modules behind the call into this mode, and restore them afterwards; unchanged when left out",
        default=None,
    )


_NOTHING = "the calls return nothing to compare (no element)"

METRICS: Mapping[str, Metric] = {
    "identical": Metric(
        kind="bool",
        doc="every call gave the same paths, dtypes, shapes and bits as the first",
        optional=_NOTHING,
    ),
    "differing": Metric(
        kind="list", of="text", doc="paths at which some call differs from the first", optional=_NOTHING
    ),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of the first result"),
    "elements": Metric(kind="number", min=0, doc="elements in all of the first result (of a text, its characters)"),
    "max_abs_difference": Metric(
        kind="number",
        min=0,
        infinite=True,
        doc="largest |difference| between the numbers of any call and the first; NaN where shapes or paths differ",
    ),
    "calls": Metric(kind="number", min=2, doc="calls made"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Call ``times`` times and compare each result with the first; the audited code's own errors pass through."""
    given = leaves(params.args)
    with in_asked_mode(params.mode, params.call):
        results = [leaves(params.call(*params.args)) for _ in range(params.times)]
    first, rest = results[0], results[1:]
    differing: dict[str, str] = {}
    for other in rest:
        for path in differences(first, other):
            differing.setdefault(path, where(path, first, other))
    findings = [Finding(message) for message in list(differing.values())[:_SHOWN]]
    if differences(given, params.args):
        findings.append(Finding("the call changes its arguments in place, so the calls did not see the same input"))
    size = elements(first)
    spread = [max_abs_difference(first, other) for other in rest]
    metrics: dict[str, Any] = {
        "distinct_values": distinct(first),
        "elements": size,
        "max_abs_difference": max(spread, key=lambda gap: (gap != gap, gap)),  # noqa: PLR0124 - NaN outranks numbers
        "calls": len(results),
    }
    held = size or any(map(elements, rest))
    if held or differing:
        metrics["differing"] = list(differing)
    if held:
        metrics["identical"] = not differing
    return Evidence(metrics=metrics, findings=tuple(findings))


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
