"""Inputs that a round trip does not give back exactly: text to ids to text, or ids to text to ids.

For an input that is text measures whether ``decode(encode(text))`` is that text, character for character; for an input
that is a list of ids, whether ``encode(decode(ids))`` are those ids. Each failure among the first is a finding that
names the position of the first difference.

It matters for logging, caching and for anything that scores text again: where ids do not survive, log-probabilities
must be computed on the ids that were generated and never on text encoded again. Ids drawn at random rarely survive, so
that direction is often an expected failure with a rate worth a limit.

It cannot see whether ids mean anything, and covers only the inputs given: `distinct_inputs` counts them.

```yaml
- id: text-round-trip
  check: tokenizer.roundtrip
  with: {encode: $tok.encode, decode: $tok.decode, inputs: ["hello", "naïve café", "  two  spaces\\n", "日本語"]}
  expect: {exact: true, distinct_inputs: {min: 4}}
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, param
from speccheck.sdk.arrays import is_array
from speccheck.sdk.calling import spread
from speccheck.sdk.tokens import flat_ids

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 5


@dataclass(frozen=True)
class Params:
    """The two directions and the inputs."""

    encode: Live[Callable[..., object]] = param("text to ids", fills=())
    decode: Live[Callable[..., object]] = param("ids, as encode returned them, to text", fills=())
    inputs: Live[Any] = param("the inputs: texts, or lists of ids (rows of a tensor), in one list")


METRICS: Mapping[str, Metric] = {
    "exact": Metric(kind="bool", doc="every input comes back exactly", optional="there is no input"),
    "failures": Metric(kind="number", min=0, doc="inputs that do not come back exactly", optional="there is no input"),
    "fraction": Metric(
        kind="number", min=0, max=1, doc="inputs that come back exactly / count", optional="there is no input"
    ),
    "count": Metric(kind="number", min=0, doc="inputs"),
    "distinct_inputs": Metric(kind="number", min=0, doc="different inputs that are not empty"),
    "tokens_per_character": Metric(
        kind="number",
        min=0,
        doc="mean over the inputs of ids / characters of the text, encoded or decoded",
        unit="tokens",
        optional="no input has or gives a character",
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Send every input there and back; the audited code's own errors pass through."""
    inputs = _listed(params.inputs)
    given = {_key(item, index) for index, item in enumerate(inputs)}
    rates: list[float] = []
    messages: list[str] = []
    for index, item in enumerate(inputs):
        before, after, rate = _round_trip(item, index, params)
        rates += [] if rate is None else [rate]
        if type(before) is not type(after) or before != after:
            messages.append(f"input {index}: {_difference(before, after)}")
    failures = len(messages)
    metrics: dict[str, Any] = {"count": len(inputs), "distinct_inputs": sum(len(key) > 0 for key in given)}
    if inputs:
        metrics |= {"exact": failures == 0, "failures": failures, "fraction": 1 - failures / len(inputs)}
    if rates:
        metrics["tokens_per_character"] = sum(rates) / len(rates)
    return Evidence(metrics=metrics, findings=tuple(map(Finding, messages[:_SHOWN])))


def _listed(inputs: Any) -> list[Any]:
    """The inputs one by one; a single text, or a flat row of ids, is one input."""
    if isinstance(inputs, str):
        return [inputs]
    if is_array(inputs) and len(inputs.shape) < 2:
        return [inputs]
    if not is_array(inputs) and not isinstance(inputs, (list, tuple)):
        raise MeasurementError(f"inputs is a {type(inputs).__name__}, not a list of texts or of ids")
    items = list(inputs)
    return [items] if items and all(isinstance(item, int) for item in items) else items


def _round_trip(item: Any, index: int, params: Params) -> tuple[Any, Any, float | None]:
    """The input, what came back, and ids per character."""
    if isinstance(item, str):
        codes = params.encode(item)
        count = _ids(codes, f"what encode gives for input {index}").size
        return item, _call(params.decode, codes), count / len(item) if item else None
    before = flat_ids(item, f"input {index}").tolist()
    text = _call(params.decode, item)
    after = _ids(_call(params.encode, text), f"what encode gives for input {index}").tolist()
    return before, after, len(before) / len(text) if isinstance(text, str) and text else None


def _call(function: Callable[..., object], value: Any) -> Any:
    """Spread a tuple of several results, but not a tuple that is itself a row of ids."""
    row = isinstance(value, tuple) and all(isinstance(part, int) for part in value)
    return function(value) if row else spread(function, value)


def _ids(codes: Any, name: str) -> NDArray[Any]:
    """The ids of what encode returned: itself, or the first of several results."""
    several = isinstance(codes, tuple) and codes and not isinstance(codes[0], int)
    return flat_ids(codes[0] if several else codes, name)


def _key(item: Any, index: int) -> Any:
    return item if isinstance(item, str) else tuple(flat_ids(item, f"input {index}").tolist())


def _difference(before: Any, after: Any) -> str:
    """The first place where the two differ, with both values."""
    if type(before) is not type(after):
        return f"went in as {type(before).__name__} and came back as {type(after).__name__}"
    at = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return f"length {len(before)} came back as {len(after)}, the same up to position {min(len(before), len(after))}"
    return f"differs first at position {at}: {before[at : at + 8]!r} came back as {after[at : at + 8]!r}"


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
