"""Values in a configuration, which is a mapping, a dataclass, a namespace, a module or any object.

Measures the value at each path in ``keys``, as plain data: tensors become descriptions (``float32[3]``), enumeration
members their values, classes, functions and other objects their dotted names. A path is dotted, ``[0]`` indexes, and
``["a.b"]`` quotes a key.

It matters because reports state settings that the run did not have: what counts is the configuration that was built,
defaults and overrides applied, not the file it came from.

It cannot see whether the code uses the value. A path that leads nowhere is listed in ``missing`` and its value is
absent, which no expectation accepts.

```yaml
- id: probe-settings
  check: config.values
  with:
    source: $config
    keys: {epochs: train.epochs, first_lr: "optim.groups[0].lr", seeds: seeds}
  expect:
    missing: []
    values.epochs: 20
    values.first_lr: {equals: 3e-4, tolerance: 1e-12}
    values.seeds: {equals: [1, 2, 3]}
```
"""

from __future__ import annotations

import difflib
import enum
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import PurePath
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, param
from speccheck.sdk.arrays import description, is_array

_STEP = re.compile(r"""(\.)?([^\W\d]\w*|\d+)|\[(-?\d+)\]|\["([^"]*)"\]|\['([^']*)'\]""")


@dataclass(frozen=True)
class Params:
    """Where to read, and what."""

    source: Live[Any] = param("a mapping, dataclass, object, namespace or module")
    keys: Mapping[str, str] = param("path into the source, by the name it gets in the metrics", min_length=1)


METRICS: Mapping[str, Metric] = {
    "values.{keys}": Metric(kind="any", doc="the value at the path", optional="the path leads nowhere"),
    "missing": Metric(kind="list", of="text", doc="names whose path leads nowhere"),
    "count": Metric(kind="number", min=0, doc="names whose path leads to a value"),
}


class _NoSuchStepError(Exception):
    """A part of a path is absent; the message names the last part that was found."""


def measure(params: Params, context: Context) -> Evidence:
    """Read each path; MeasurementError for a path that is not one."""
    values: dict[str, Any] = {}
    missing: list[str] = []
    findings: list[Finding] = []
    for name, path in params.keys.items():
        try:
            values[name] = plain(_read(params.source, path))
        except _NoSuchStepError as error:
            missing.append(name)
            findings.append(Finding(f"{name}: {error}", symbol=path))
    metrics: dict[str, Any] = {"missing": missing, "count": len(values)}
    return Evidence(metrics={**metrics, "values": values} if values else metrics, findings=tuple(findings))


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        match = _STEP.match(path, at)
        if match is None or (match[2] is not None and (match[1] is None) != (at == 0)):
            raise MeasurementError(f'{path!r} is not a path at {path[at:]!r}; write a.b, a[0] or a["b.c"]')
        at = match.end()
        steps.append(int(match[3]) if match[3] else next(part for part in match.group(2, 4, 5) if part is not None))
    if not steps:
        raise MeasurementError("a path in keys is empty")
    return steps


def _read(source: Any, path: str) -> Any:
    value, gone = source, ""
    for step in _steps(path):
        value = _step_into(value, step, gone or "the source")
        gone += f"[{step}]" if isinstance(step, int) else f".{step}" if gone else step
    return value


def _step_into(value: Any, step: str | int, where: str) -> Any:
    """The value one step on: a key of a mapping, an item of a sequence, an attribute of anything else."""
    if isinstance(step, int):
        try:
            return value[step]
        except (IndexError, KeyError, TypeError) as error:
            length = f" of {len(value)}" if isinstance(value, Sequence) else ""
            raise _NoSuchStepError(f"{where} is a {type(value).__name__}{length} without item {step}") from error
    if isinstance(value, Mapping):
        if step in value:
            return value[step]
        names = [str(key) for key in value]
    elif hasattr(value, step):
        return getattr(value, step)
    else:
        names = [name for name in dir(value) if not name.startswith("_")]
    near = difflib.get_close_matches(step, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise _NoSuchStepError(f"{where} is a {type(value).__name__} without {step!r}{hint}")


def plain(value: Any) -> Any:
    """The value as plain data, with nothing in it that differs between two runs, such as addresses."""
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if is_array(value):
        return description(value)
    if hasattr(value, "dtype") and hasattr(value, "item"):  # a numpy scalar, which may be a float or a text too
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, PurePath):
        return value.as_posix()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted((plain(item) for item in value), key=repr)
    if isinstance(value, (Sequence, range)) and not isinstance(value, (bytes, bytearray)):
        return [plain(item) for item in value]
    return _dotted(value)


def _dotted(value: Any) -> str:
    """``torch.float32`` and other values that print as one name; else the dotted name of the thing or of its class."""
    text = str(value)
    if re.fullmatch(r"[\w.:]+", text):
        return text
    named = value if hasattr(value, "__qualname__") else type(value)
    return f"{named.__module__}.{named.__qualname__}"


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
