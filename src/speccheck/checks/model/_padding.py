"""Rows of a batch called alone and without their padding, for `model.forward`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Finding, MeasurementError, Value
from speccheck.sdk.arrays import is_array, to_numpy
from speccheck.sdk.comparison import Leaves, Tensor, leaves, max_abs_difference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Call:
    """A model, and what it is called with."""

    model: Callable[..., Any]
    inputs: Sequence[Any]
    kwargs: Mapping[str, Any]

    @property
    def values(self) -> tuple[Any, ...]:
        """All arguments, in their order."""
        return (*self.inputs, *self.kwargs.values())

    def changed(self, change: Callable[[Any], Any]) -> Leaves:
        """The leaves of the output for changed arguments."""
        return leaves(
            self.model(*map(change, self.inputs), **{name: change(value) for name, value in self.kwargs.items()})
        )


def positions_kept(call: Call, padding: int | None, mask: Any, lengths: Any) -> NDArray[np.bool_] | None:
    """Rows by positions, true where a position is no padding; None when nothing says what padding is.

    MeasurementError when more than one of them is given, or one does not fit the inputs.
    """
    marks = {"padding": padding, "padding_mask": mask, "lengths": lengths}
    given = [name for name, value in marks.items() if value is not None]
    if not given:
        return None
    if len(given) > 1:
        raise MeasurementError(f"both `{given[0]}` and `{given[1]}` are given; give one")
    return _of_ids(call.values, padding) if padding is not None else _of_marks(call.values, mask, lengths)


def _of_ids(values: Iterable[Any], padding: int) -> NDArray[np.bool_]:
    import numpy as np

    for value in values:
        if is_array(value) and len(value.shape) == 2 and (ids := to_numpy(value)).dtype.kind in "iu":
            return np.asarray(ids != padding, dtype=np.bool_)
    raise MeasurementError(
        f"padding: {padding} marks ids, and no input is a tensor of integers with rows and positions; "
        "give `padding_mask` or `lengths`"
    )


def _of_marks(values: Iterable[Any], mask: Any, lengths: Any) -> NDArray[np.bool_]:
    import numpy as np

    shapes = [tuple(map(int, value.shape[:2])) for value in values if is_array(value) and len(value.shape) > 1]
    if not shapes:
        raise MeasurementError("no input has rows and positions, so none can be padded")
    if lengths is not None:
        counts = np.asarray(to_numpy(lengths) if is_array(lengths) else lengths)
        if counts.shape != shapes[0][:1]:
            raise MeasurementError(f"`lengths` has shape {list(counts.shape)}, and the inputs have {shapes[0][0]} rows")
        return np.arange(shapes[0][1])[None] < counts[:, None]
    marks = np.asarray(to_numpy(mask) if is_array(mask) else mask)
    if marks.shape not in shapes or marks.dtype.kind != "b":
        raise MeasurementError(
            f"`padding_mask` is {marks.dtype}{list(marks.shape)}, not bools with the rows and positions of an input: "
            f"{list(shapes[0])}"
        )
    return ~marks


def padding_difference(
    call: Call, batch: Mapping[str, Tensor], kept: NDArray[np.bool_]
) -> tuple[dict[str, Value], list[Finding]]:
    """Compare each padded row, alone and without its padding, with its row of the output for the batch."""
    rows = [int(row) for row in range(len(kept)) if kept[row].any() and not kept[row].all()]
    compared = {path: leaf for path, leaf in batch.items() if leaf.array.ndim and leaf.array.shape[0] == len(kept)}
    metrics: dict[str, Value] = {"padded_rows": len(rows)}
    if not rows or not compared:
        return metrics, []
    found: dict[int, float] = {}
    for row in rows:
        try:
            alone = call.changed(lambda value, row=row: _cut(value, row, kept))  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - a model may take one length only; the metric is absent then
            message = f"called with row {row} alone and without its padding, the model raised"
            return metrics, [Finding(f"{message} {type(error).__name__}: {error}")]
        found[row] = _difference(compared, alone, row, kept)
    worst = max(found, key=lambda row: (found[row] != found[row], found[row]))  # NaN outranks numbers
    metrics["padding_difference"] = found[worst]
    count = int((~kept[worst]).sum())
    named = Finding(f"row {worst}, alone and without its {count} positions of padding, differs by {found[worst]:.3g}")
    return metrics, [named] if found[worst] else []


def _cut(value: Any, row: int, kept: NDArray[np.bool_]) -> Any:
    """A row of a tensor or array as a batch of one, without its padding if it has the positions; else as it is."""
    if not is_array(value) or not len(value.shape) or value.shape[0] != len(kept):
        return value
    alone = value[row : row + 1]
    return alone[:, kept[row].nonzero()[0]] if tuple(value.shape[:2]) == kept.shape else alone


def _difference(batch: Mapping[str, Tensor], alone: Leaves, row: int, kept: NDArray[np.bool_]) -> float:
    """NaN where the outputs cannot be compared."""
    expected, found = {}, {}
    for path, leaf in batch.items():
        mine = leaf.array[row : row + 1]
        other = alone.get(path)
        if isinstance(other, Tensor):
            found[path] = other.array
            padded = other.array.shape != mine.shape and leaf.array.shape[:2] == kept.shape
            mine = mine[:, kept[row]] if padded else mine
        expected[path] = mine
    return max_abs_difference(expected, found)
