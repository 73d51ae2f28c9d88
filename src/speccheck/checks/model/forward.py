"""Shape, range and spread of a model's output for one input, and whether it repeats.

A forward pass that runs proves little: a dead output (`distinct_values`, `std`), a NaN in a corner (`finite`), dropout
that stays on in eval mode (`repeat_identical`) or a row that depends on its neighbours in the batch
(`batch_difference`) all run too. The model is called twice with the same input, and, where the inputs share a batch
axis, a third time with the first row alone. `batch_difference` keeps the padding of that row: it compares a padded row
with itself. Say what marks padding (`padding`, `padding_mask` or `lengths`), and each padded row is also called alone
without its padding: `padding_difference` shows a mean over padding, or attention to it.

It cannot see whether the output is right. A difference between a row alone and the same row in a batch may be rounding
(other kernels for other sizes) or a leak (batch normalisation in train mode, attention over padding): the size of
`batch_difference` shows, and of `padding_difference`. Of rows without padding only the first is tried.

```yaml
- id: forward
  check: model.forward
  with: {model: $model, inputs: [$tokens]}
  expect:
    output: {tensor: "float32[B, T, V]"}
    finite: true
    repeat_identical: true
    batch_difference: {max: 1e-5}
- id: padding-changes-nothing
  check: model.forward
  with: {model: $model, inputs: [$sentences], padding: 0}
  expect: {padding_difference: {max: 1e-5}}
```
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.checks.model._padding import Call, padding_difference, positions_kept
from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Value, param
from speccheck.sdk.arrays import NUMERIC_KINDS, distinct_count, is_array
from speccheck.sdk.comparison import ROOT, Tensor, differences, equal, leaves, max_abs_difference, where
from speccheck.sdk.modules import Mode, in_asked_mode
from speccheck.sdk.training import copied_buffers, moved_buffers

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn


@dataclass(frozen=True)
class Params:
    """A model and what it is called with."""

    model: Live[Callable[..., Any]] = param("The torch module, or a function or method that calls one.", fills=())
    inputs: tuple[Live[Any], ...] = param("Positional arguments of the call.", default=())
    kwargs: Mapping[str, Live[Any]] = param("Named arguments of the call.", default={})
    mode: Mode | None = param(
        "Mode of the module during the calls, restored after; eval when not given. To give one needs a torch module.",
        default=None,
    )
    padding: int | None = param(
        "The id that marks padding, in the first input of integers that has rows and positions.", default=None
    )
    padding_mask: Live[Any] | None = param(
        "Instead: rows by positions, true where a position is padding (of a mask of what is kept: `mask == 0`).",
        default=None,
    )
    lengths: Live[Any] | None = param(
        "Instead: the positions of each row that are no padding, counted from the first.", default=None
    )


_EMPTY = "the output holds no elements"
_OVER = "all elements of the output's tensors: the floating-point ones if there are any, else all that hold numbers"

METRICS: Mapping[str, Metric] = {
    "output": Metric(kind="tensor", optional="the output is not one tensor", doc="dtype and shape of the output"),
    "outputs.*": Metric(
        kind="tensor",
        optional="the output is one tensor",
        doc="dtype and shape of each tensor of a tuple (`0`, `1`), a mapping or an object (by name); nested: `0.name`",
    ),
    "finite": Metric(kind="bool", optional=_EMPTY, doc="whether no element of any tensor is NaN or infinite"),
    "min": Metric(kind="number", optional=_EMPTY, doc=f"least of {_OVER}; complex ones by both their parts"),
    "max": Metric(kind="number", optional=_EMPTY, doc=f"greatest of {_OVER}"),
    "mean": Metric(kind="number", optional=_EMPTY, doc=f"mean of {_OVER}"),
    "std": Metric(kind="number", min=0, optional=_EMPTY, doc=f"standard deviation (population) of {_OVER}"),
    "distinct_values": Metric(kind="number", min=0, doc=f"distinct values among {_OVER}; NaN counts once"),
    "repeat_identical": Metric(kind="bool", doc="whether a second call gives the same, bit for bit"),
    "batch_difference": Metric(
        kind="number",
        min=0,
        optional="no batch axis of two rows or more is shared by inputs and output, or the first row alone fails",
        doc="largest |difference| between the output for the first row alone and the first row of the output",
    ),
    "padding_difference": Metric(
        kind="number",
        min=0,
        optional="nothing says what padding is, no row is padded, or a row without its padding fails",
        doc="largest |difference| between the output for a padded row, alone and without its padding, and the same row "
        "of the output; of an output with the positions of the input, at those that are no padding",
    ),
    "padded_rows": Metric(
        kind="number",
        min=0,
        optional="nothing says what padding is",
        doc="rows that have padding, and something else: those compared",
    ),
    "moved_buffers": Metric(
        kind="list",
        of="text",
        optional="the callable uses no torch module",
        doc="buffers that the calls changed, such as running statistics in train mode",
    ),
    "parameters": Metric(
        kind="number", min=0, optional="the callable uses no torch module", doc="numbers in all parameters"
    ),
    "trainable": Metric(
        kind="number",
        min=0,
        optional="the callable uses no torch module",
        doc="numbers in the parameters that require a gradient",
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Call the model; MeasurementError when its output holds no tensor."""
    import torch

    call = Call(params.model, params.inputs, params.kwargs)
    kept = positions_kept(call, params.padding, params.padding_mask, params.lengths)
    with torch.no_grad(), in_asked_mode(params.mode, params.model, otherwise="eval") as modules:
        before = [copied_buffers(module) for module in modules]
        output = leaves(params.model(*params.inputs, **params.kwargs))
        tensors = {path: leaf for path, leaf in output.items() if isinstance(leaf, Tensor)}
        if not tensors:
            raise MeasurementError(f"the output holds no tensor; its parts are {sorted(output) or 'none'}")
        again = leaves(params.model(*params.inputs, **params.kwargs))
        alone, findings = _first_row(call, tensors)
        unpadded, remarks = ({}, []) if kept is None else padding_difference(call, tensors, kept)
        pairs = zip(before, modules, strict=True)
        moved = [name for buffers, module in pairs for name in moved_buffers(buffers, module)]
    metrics: dict[str, Value] = {
        **_described(tensors),
        **_statistics([tensor.array for tensor in tensors.values()]),
        **_parameters(modules),
        **alone,
        **unpadded,
        **({"moved_buffers": moved} if modules else {}),
        "repeat_identical": equal(output, again),
    }
    different = differences(output, again)
    repeated = [Finding(f"called again: {where(path, output, again)}", symbol=path) for path in different]
    return Evidence(metrics=metrics, findings=(*repeated, *findings, *remarks))


def _described(tensors: Mapping[str, Tensor]) -> dict[str, Value]:
    if list(tensors) == [ROOT]:
        return {"output": tensors[ROOT].described}
    return {"outputs": {_name(path): tensor.described for path, tensor in tensors.items()}}


def _name(path: str) -> str:
    """``value[0].logits`` as ``0.logits``, ``value['a b']`` as ``a b``."""
    steps = re.sub(r"\['([^']*)'\]|\[([^\]]*)\]", lambda match: f".{match[1] or match[2]}", path)
    return steps.removeprefix(f"{ROOT}.")


def _statistics(arrays: list[NDArray[Any]]) -> dict[str, Value]:
    """Range and spread over the elements of the tensors that count."""
    import numpy as np

    real = [np.stack([a.real, a.imag]) if a.dtype.kind == "c" else a for a in arrays]
    chosen = [a for a in real if a.dtype.kind == "f"] or [a for a in real if a.dtype.kind in NUMERIC_KINDS]
    flat = np.concatenate([a.reshape(-1).astype(np.float64) for a in chosen]) if chosen else np.empty(0)
    if not flat.size:
        return {"distinct_values": 0}
    with np.errstate(all="ignore"):
        return {
            "finite": bool(np.isfinite(flat).all()),
            "min": float(flat.min()),
            "max": float(flat.max()),
            "mean": float(flat.mean()),
            "std": float(flat.std()),
            "distinct_values": distinct_count(flat),
        }


def _parameters(modules: Iterable[nn.Module]) -> dict[str, Value]:
    found = {id(tensor): tensor for module in modules for tensor in module.parameters()}
    if not tuple(modules):
        return {}
    return {
        "parameters": sum(tensor.numel() for tensor in found.values()),
        "trainable": sum(tensor.numel() for tensor in found.values() if tensor.requires_grad),
    }


def _first_row(call: Call, batch: Mapping[str, Tensor]) -> tuple[dict[str, Value], list[Finding]]:
    """The first row called alone against the first row of the output for the batch."""
    rows = _rows(call.values)
    compared = {path: leaf for path, leaf in batch.items() if leaf.array.ndim and leaf.array.shape[0] == rows}
    if rows is None or rows < 2 or not compared:
        return {}, []
    try:
        output = call.changed(lambda value: _head(value, rows))
    except Exception as error:  # noqa: BLE001 - a model may take whole batches only; the metric is absent then
        return {}, [Finding(f"called with the first row alone, the model raised {type(error).__name__}: {error}")]
    expected = {path: leaf.array[:1] for path, leaf in compared.items()}
    found = {path: leaf.array for path in compared if isinstance(leaf := output.get(path), Tensor)}
    return {"batch_difference": max_abs_difference(expected, found)}, []


def _rows(values: Iterable[Any]) -> int | None:
    """The size of the first axis of the first tensor or array that has one."""
    arrays = [value for value in values if is_array(value) and len(value.shape)]
    return int(arrays[0].shape[0]) if arrays else None


def _head(value: Any, rows: int) -> Any:
    """The first row of a tensor or array of that many rows, as a batch of one; anything else as it is."""
    batched = is_array(value) and len(value.shape) and value.shape[0] == rows
    return value[:1] if batched else value


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
