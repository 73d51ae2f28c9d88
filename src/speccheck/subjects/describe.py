"""Descriptions of built subjects (type, size, source file), for ``speccheck build``."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Sized
from types import MethodType, ModuleType
from typing import Any

from speccheck.model.values import TensorDescription
from speccheck.sdk.executing import Description
from speccheck.sdk.live import Fresh, PartialCall
from speccheck.sdk.media import Audio, Image


def describe(value: Any) -> Description:
    """Return a description of a live value; ``len`` is the only method of the value that this calls."""
    data = isinstance(value, (Audio, Image)) or _tensor(value) is not None
    return Description(_type(value), _shape(value), "" if data else source_file(value))


def source_file(value: Any) -> str:
    """Return the source file of a module, function or class, or of a value's class; '' for built-in ones."""
    inner = _unwrapped(value)
    if not (inspect.isroutine(inner) or inspect.isclass(inner) or inspect.ismodule(inner)):
        inner = type(inner)
    try:
        return inspect.getsourcefile(inner) or ""
    except TypeError:  # built into Python or an extension
        return ""


def _unwrapped(value: Any) -> Any:
    while True:
        if isinstance(value, PartialCall):
            value = value.function
        elif isinstance(value, functools.partial):
            value = value.func
        elif isinstance(value, MethodType):
            value = value.__func__
        else:
            return value


def _type(value: Any) -> str:
    inner = _unwrapped(value)
    if isinstance(value, Fresh):
        return "factory of fresh instances"
    if isinstance(inner, ModuleType):
        return f"module {inner.__name__}"
    if inspect.isroutine(inner):
        return f"function {getattr(inner, '__module__', None) or 'builtins'}.{inner.__qualname__}"
    if inspect.isclass(inner):
        return f"class {_full_name(inner)}"
    return _full_name(type(inner))


def _full_name(cls: type[Any]) -> str:
    return cls.__qualname__ if cls.__module__ == "builtins" else f"{cls.__module__}.{cls.__qualname__}"


def _shape(value: Any) -> str:
    if isinstance(value, Audio):
        return f"{_tensor(value.samples)} at {value.rate} Hz"
    if isinstance(value, Image):
        return str(_tensor(value.pixels))
    tensor = _tensor(value)
    if tensor is not None:
        return str(tensor)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.nn.Module):
        return f"{sum(item.numel() for item in value.parameters())} parameters"
    if isinstance(value, type) or not isinstance(value, Sized):
        return ""
    try:
        return "1 item" if len(value) == 1 else f"{len(value)} items"
    except Exception as error:  # noqa: BLE001 - an audited __len__ may raise anything
        return f"unknown length ({type(error).__name__}: {error})"


def _tensor(value: Any) -> TensorDescription | None:
    """Return the description of a torch tensor or numpy array; this imports neither library."""
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if (torch and isinstance(value, torch.Tensor)) or (numpy and isinstance(value, numpy.ndarray)):
        return TensorDescription(str(value.dtype).removeprefix("torch."), tuple(value.shape))
    return None
