"""The devices that live values lie on: those of the tensors and torch modules in them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from speccheck.sdk.live import Placeholder

DEEPEST = 6
MOST = 5000
"""The most values that are looked at in one; a tokenizer or a trainer holds its modules near the top."""

_LEAVES = (str, bytes, bytearray, int, float, complex, type(None), type, ModuleType, Placeholder)


def devices(value: Any) -> set[str]:
    """Return the devices of the tensors and modules in a value: ``cpu``, ``cuda:0``, ``meta``.

    It looks into lists, mappings, attributes of objects, and what a bound method or a partial call holds.
    """
    torch = sys.modules.get("torch")
    if torch is None or not hasattr(torch, "Tensor"):  # not imported, or something else of that name
        return set()
    return {str(device) for device in _devices(value, torch)}


def described(found: Iterable[str]) -> str:
    """Return the devices as a record names them: accelerators, a GPU with its model, or ``cpu`` when there are none."""
    return ", ".join(sorted(map(_named, {*found} - {"cpu"}))) or "cpu"


def _named(device: str) -> str:
    kind, _, index = device.partition(":")
    torch = sys.modules.get("torch")
    if kind != "cuda" or torch is None or not torch.cuda.is_available():
        return device
    number = int(index) if index.isdecimal() else torch.cuda.current_device()
    return f"cuda:{number} ({torch.cuda.get_device_name(number)})"


def _devices(value: Any, torch: Any) -> Iterator[Any]:
    waiting, seen = [(value, 0)], {id(value)}
    while waiting:
        one, depth = waiting.pop()
        if issubclass(type(one), torch.Tensor):
            yield one.device
        elif issubclass(type(one), torch.nn.Module):
            yield from (tensor.device for tensor in (*one.parameters(), *one.buffers()))
        elif depth < DEEPEST:
            inner = [found for found in islice(_inside(one), MOST) if not issubclass(type(found), _LEAVES)]
            new = {id(found): found for found in inner if id(found) not in seen} if len(seen) < MOST else {}
            seen |= new.keys()
            waiting += [(found, depth + 1) for found in new.values()]


def _inside(value: Any) -> Iterator[Any]:
    """Yield what a value holds, without running code of its own."""
    if type(value) in (list, tuple, set, frozenset):
        yield from value
    elif type(value) is dict:
        yield from value.values()
    elif type(value) is MethodType:
        yield value.__self__
    elif type(value) is partial:
        yield from (value.func, *value.args, *value.keywords.values())
    else:
        if type(value) is FunctionType:
            yield from (cell.cell_contents for cell in value.__closure__ or () if cell != _EMPTY)
        try:
            held = object.__getattribute__(value, "__dict__")
        except AttributeError:
            return
        yield from held.values() if type(held) is dict else ()


_EMPTY = CellType()
