"""Tensors and arrays of any library as numpy arrays, with their original dtype and shape.

Nothing here imports torch unless a value is a torch tensor, so that torch is imported already.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from speccheck.model.values import TensorDescription
from speccheck.sdk.errors import MeasurementError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_HASHED = 16 << 20
"""Bytes that are hashed at a time."""

NUMERIC_KINDS = "biufc"
"""The numpy kinds that hold numbers: bool, signed, unsigned, floating, complex."""


def is_tensor(value: Any) -> bool:
    """Whether the value is a torch tensor."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def is_array(value: Any) -> bool:
    """Whether the value is a torch tensor, a numpy array, or any object with ``__array__``, ``dtype`` and ``shape``."""
    if is_tensor(value):
        return True
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return False
    return all(hasattr(value, name) for name in ("__array__", "dtype", "shape"))


def description(value: Any) -> TensorDescription:
    """Return dtype and shape of a tensor or array, the dtype by its bare name (``float32``)."""
    dtype = value.dtype
    name = str(dtype).removeprefix("torch.") if is_tensor(value) else str(getattr(dtype, "name", dtype))
    return TensorDescription(name, tuple(int(size) for size in value.shape))


def to_numpy(value: Any) -> NDArray[Any]:
    """Return the elements as a numpy array, which may share memory with the value.

    bfloat16 and the 8-bit floats, which numpy lacks, are widened to float32, which represents each value exactly. A
    sparse tensor becomes dense; a quantized one gives its integers. MeasurementError for an array with masked elements:
    what lies behind a mask is not part of the value.
    """
    import numpy as np

    if not is_tensor(value):
        masked = sys.modules.get("numpy.ma")
        if masked is not None and masked.is_masked(value):
            raise MeasurementError("an array has masked elements: give its `filled(...)` or its `compressed()`")
        return np.asarray(value)
    import torch

    tensor = value.detach()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if tensor.is_quantized:
        tensor = tensor.int_repr()
    tensor = tensor.cpu().resolve_conj().resolve_neg()
    if tensor.is_floating_point() and tensor.dtype not in (torch.float16, torch.float32, torch.float64):
        tensor = tensor.float()
    return np.asarray(tensor.numpy())


def numbers(value: Any, name: str) -> tuple[NDArray[Any], TensorDescription]:
    """Return a tensor, an array, a number or a list of numbers as a numpy array, with its description.

    Lists may be nested if their rows have equal lengths. MeasurementError, which names the value by ``name``, for
    anything else.
    """
    import numpy as np

    if is_array(value):
        array, described = to_numpy(value), description(value)
    elif isinstance(value, (bool, int, float, complex, np.generic)) or type(value) in (list, tuple):
        array = _stacked(value, name)
        described = description(array)
    else:
        raise MeasurementError(
            f"{name} is a {type(value).__name__}, not a tensor, an array or a list of numbers: name its part that is"
        )
    if array.dtype.kind not in NUMERIC_KINDS:
        raise MeasurementError(f"{name} holds {described.dtype}, not numbers")
    return array, described


def _stacked(value: Any, name: str) -> NDArray[Any]:
    import numpy as np

    items = (
        [to_numpy(item) if is_array(item) else item for item in value] if isinstance(value, (list, tuple)) else value
    )
    try:
        return np.asarray(items)
    except ValueError as error:
        raise MeasurementError(
            f"{name} is a list whose rows differ in length, so it cannot be a tensor: {error}"
        ) from error


def distinct_count(array: NDArray[Any]) -> int:
    """Count the distinct values of an array; NaN counts once, and 0 and -0 are one value."""
    import numpy as np

    return int(np.unique(array).size)


def array_digest(array: NDArray[Any], described: str) -> str:
    """Return sha256 (hex) over the description and the elements of an array, in C order, whatever its strides are."""
    import hashlib

    import numpy as np

    digest = hashlib.sha256(f"{described}\n".encode())
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat
    step = max(1, _HASHED // array.itemsize)
    # Where the elements do not lie in order, one part after the other is copied.
    for start in range(0, array.size, step):
        digest.update(np.ascontiguousarray(flat[start : start + step]).view(np.uint8).data)
    return digest.hexdigest()


def magnitude(array: NDArray[Any]) -> NDArray[np.float64]:
    """Return the absolute values in float64, with the shape of the array."""
    import numpy as np

    with np.errstate(all="ignore"):
        wide = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
        return np.asarray(np.abs(wide), dtype=np.float64)


def absolute_difference(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """Return |a - b| elementwise in float64, for arrays of one shape.

    Differences are exact before they are rounded to float64, also between an integer beyond 2^53 and a float or an
    integer of the other sign. NaN where either is NaN, and where both are the same infinity.
    """
    import numpy as np

    kinds = {a.dtype.kind, b.dtype.kind}
    if len(kinds) > 1 and (_is_beyond_floats(a) or _is_beyond_floats(b)) and "c" not in kinds:
        pairs = zip(a.reshape(-1).tolist(), b.reshape(-1).tolist(), strict=True)
        return np.asarray([_exact_difference(*pair) for pair in pairs], dtype=np.float64).reshape(a.shape)
    with np.errstate(all="ignore"):
        if kinds in ({"i"}, {"u"}):
            # Two's complement wraps round, so the unsigned difference of the greater and the lesser is exact.
            high = np.asarray(np.maximum(a, b)).astype(np.uint64)
            low = np.asarray(np.minimum(a, b)).astype(np.uint64)
            return np.asarray(high - low, dtype=np.float64)
        wide = np.complex128 if "c" in kinds else np.float64
        return np.asarray(np.abs(a.astype(wide) - b.astype(wide)), dtype=np.float64)


def _is_beyond_floats(array: NDArray[Any]) -> bool:
    """Whether the array holds integers that float64 does not tell from their neighbours."""
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8 or not array.size:
        return False
    return int(array.max()) > _WHOLE or int(array.min()) < -_WHOLE


_WHOLE = 2**53


def _exact_difference(a: float, b: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b)):
        return abs(float(a) - float(b))
    return float(abs(Fraction(a) - Fraction(b)))
