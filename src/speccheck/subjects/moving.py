"""Marks of things that move when they are used: generators of random numbers, iterators, generators, open files."""

from __future__ import annotations

import io
import random
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

_ITERABLES: tuple[Any, ...] = ([], (), range(0), "", b"", {}, {}.values(), {}.items(), set())
_ITERATORS = frozenset(type(iter(one)) for one in _ITERABLES)


def mark(value: Any) -> tuple[Any, ...] | None:
    """Return how far a thing has moved, or None for a thing of another kind. Nothing moves by it."""
    if isinstance(value, types.GeneratorType):
        frame = value.gi_frame
        return ("generator", -1 if frame is None else frame.f_lasti)
    if type(value) in _ITERATORS:
        return (type(value).__name__, value.__length_hint__())
    if isinstance(value, random.Random):
        return ("random.Random", random.Random.getstate(value))
    if isinstance(value, io.IOBase):
        return _of_file(value)
    for library, read in _RANDOM.items():
        module = sys.modules.get(library)
        found = read(module, value) if module is not None else None
        if found is not None:
            return (library, found)
    return None


def held(value: Any) -> list[tuple[str, Any]]:
    """Return what a moving thing holds: the variables of a generator."""
    if isinstance(value, types.GeneratorType) and value.gi_frame is not None:
        return list(value.gi_frame.f_locals.items())
    return []


def _of_file(file: Any) -> tuple[Any, ...]:
    known = type(file).__module__ in ("_io", "io", "tempfile")
    if not known or file.closed or not file.seekable():
        return ("file", known and file.closed)
    return ("file", file.tell())


def _of_numpy(numpy: Any, value: Any) -> Any:
    if isinstance(value, numpy.random.RandomState):
        return str(value.get_state(legacy=False))
    return str(value.bit_generator.state) if isinstance(value, numpy.random.Generator) else None


def _of_torch(torch: Any, value: Any) -> Any:
    return bytes(value.get_state().numpy()) if isinstance(value, torch.Generator) else None


_RANDOM: Mapping[str, Callable[[Any, Any], Any]] = {"numpy": _of_numpy, "torch": _of_torch}
