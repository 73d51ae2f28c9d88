"""``tensor: "float32[1, 16000]"``: drawn from ``normal``, ``uniform`` or ``integers``, or filled with one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError, TensorDescription
from speccheck.subjects.loader_support import require
from speccheck.subjects.torch_options import torch_dtype

_PAIR = {"type": "array", "prefixItems": [{"type": "number"}] * 2, "minItems": 2, "maxItems": 2}


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return a torch tensor on the CPU, drawn by a generator under the subject's seed.

    Numbers are drawn in float32 (float64 for a float64 tensor) and then converted, so half-precision tensors hold the
    rounded values of the float32 ones.
    """
    torch = require("torch", "torch")
    try:
        description = TensorDescription.parse(str(definition["tensor"]))
    except ValueError as error:
        raise SubjectError(f"{error}; write float32[1, 16000]", cause=error) from error
    dtype = torch_dtype(description.dtype)
    given = [name for name in _DRAWS if name in definition]
    if len(given) != 1:
        found = f"{' and '.join(given)} are" if given else "none is"
        raise SubjectError(f"a tensor needs exactly one of {', '.join(_DRAWS)}; {found} given")
    if dtype.is_complex:
        raise SubjectError(f"a tensor of {description.dtype} cannot be drawn; use expr")
    generator = torch.Generator().manual_seed(context.seed)
    return _DRAWS[given[0]](definition[given[0]], description.shape, dtype, generator)


def _normal(value: Any, shape: tuple[int, ...], dtype: Any, generator: Any) -> Any:
    import torch

    mean, deviation = _pair("normal", value)
    if deviation < 0:
        raise SubjectError(f"normal: [mean, std] needs a std of at least 0, not {deviation}")
    _need_float("normal", dtype)
    return (torch.randn(shape, generator=generator, dtype=_wide(dtype)) * deviation + mean).to(dtype)


def _uniform(value: Any, shape: tuple[int, ...], dtype: Any, generator: Any) -> Any:
    import torch

    low, high = _pair("uniform", value)
    if low > high:
        raise SubjectError(f"uniform: [low, high] needs low <= high, not {value}")
    _need_float("uniform", dtype)
    return (torch.rand(shape, generator=generator, dtype=_wide(dtype)) * (high - low) + low).to(dtype)


def _integers(value: Any, shape: tuple[int, ...], dtype: Any, generator: Any) -> Any:
    import torch

    low, high = _pair("integers", value)
    if int(low) != low or int(high) != high or low >= high:
        raise SubjectError(
            f"integers: [low, high] must be whole numbers, low < high, not {value}; high itself is never drawn"
        )
    for number in (low, high - 1):
        _need_exact("integers", number, dtype)
    return torch.randint(int(low), int(high), shape, generator=generator).to(dtype)


def _fill(value: Any, shape: tuple[int, ...], dtype: Any, generator: Any) -> Any:
    import torch

    if not isinstance(value, (bool, int, float)):
        raise SubjectError(f"fill must be a number, not {value!r}")
    if not dtype.is_floating_point:
        _need_exact("fill", value, dtype)
    return torch.full(shape, value, dtype=dtype)


_DRAWS: Mapping[str, Callable[[Any, tuple[int, ...], Any, Any], Any]] = {
    "normal": _normal,
    "uniform": _uniform,
    "integers": _integers,
    "fill": _fill,
}


def _pair(name: str, value: Any) -> tuple[float, float]:
    numbers = isinstance(value, (list, tuple)) and all(
        isinstance(item, (int, float)) and not isinstance(item, bool) for item in value
    )
    if not numbers or len(value) != 2:
        raise SubjectError(f"{name} must be a list of two numbers, not {value!r}")
    return value[0], value[1]


def _wide(dtype: Any) -> Any:
    import torch

    return torch.float64 if dtype == torch.float64 else torch.float32


def _need_float(name: str, dtype: Any) -> None:
    if not dtype.is_floating_point:
        raise SubjectError(f"{name} draws real numbers, but the tensor is {str(dtype).removeprefix('torch.')}")


def _need_exact(name: str, number: float, dtype: Any) -> None:
    import torch

    try:
        exact = torch.tensor(number, dtype=dtype).item() == number
    except (RuntimeError, OverflowError, ValueError, TypeError):  # out of range, NaN or infinity
        exact = False
    if not exact:
        raise SubjectError(f"{name}: {str(dtype).removeprefix('torch.')} cannot represent {number}")


loader = Loader(
    name="tensor",
    load=load,
    schema={"type": "string", "minLength": 1, "format": "tensor"},
    keys={
        "normal": {**_PAIR, "description": "mean and standard deviation"},
        "uniform": {**_PAIR, "description": "low (included) and high"},
        "integers": {**_PAIR, "description": "low (included) and high (excluded)"},
        "fill": {"type": ["number", "boolean"], "description": "the one value of all elements"},
    },
    doc="A torch tensor, drawn under the subject's seed from normal, uniform or integers, or filled with a number.",
)
