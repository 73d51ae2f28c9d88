"""Symbolic shapes: ``[T=8, 3, H, W]``, ``float32[B, N*K_MAX*2]``, ``[..., 512]``, unified over a whole entry.

Bare symbols are bound first, in spec order; products of symbols and integers are checked against what is bound then.
A bare symbol is at least 1, unless it is written as ``B=0``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from speccheck.judge.unknown import UnknownError
from speccheck.model.cause import CauseKind
from speccheck.model.values import Value

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SIZE = re.compile(r"[0-9]{1,15}")
_SHAPE = re.compile(r"\s*(?P<dtype>[a-z][a-z0-9_]*)?\s*\[(?P<axes>[^\[\]]*)\]\s*")


class Axis(msgspec.Struct, frozen=True):
    """One axis as written: the product of its factors; ``symbol`` when it is bare; ``size`` of ``T=8``."""

    text: str
    factors: tuple[str | int, ...]
    symbol: str = ""
    size: int | None = None


class Pattern(msgspec.Struct, frozen=True):
    """Axes before and after ``...``; without one, ``after`` is None. ``dtype`` is empty for a shape alone."""

    text: str
    before: tuple[Axis, ...]
    after: tuple[Axis, ...] | None = None
    dtype: str = ""

    @property
    def anything(self) -> bool:
        """Whether every shape fits."""
        return not self.before and self.after == () and not self.dtype


class Binding(msgspec.Struct, frozen=True):
    """The size of a symbol and its source at ``place``: ``T=8`` as written, else the axis."""

    size: int
    place: str
    axis: int
    written: str = ""


def parse_shape(text: str, *, dtype: bool) -> Pattern:
    """Read a shape (``[T=8, 3]``) or, with ``dtype``, a tensor (``float32[T=8, 3]``); ValueError names the error."""
    form = "float32[B, 3, H]" if dtype else "[B, 3, H]"
    match = _SHAPE.fullmatch(text)
    if match is None or bool(match["dtype"]) != dtype:
        raise ValueError(f"{text!r} is not of the form {form}")
    parts = [part.strip() for part in match["axes"].split(",")] if match["axes"].strip() else []
    if parts.count("...") > 1:
        raise ValueError(f"'...' may occur once, not {parts.count('...')} times, in {text!r}")
    if "..." not in parts:
        return Pattern(text, tuple(map(_axis, parts)), dtype=match["dtype"] or "")
    split = parts.index("...")
    before, after = tuple(map(_axis, parts[:split])), tuple(map(_axis, parts[split + 1 :]))
    return Pattern(text, before, after, match["dtype"] or "")


def _axis(text: str) -> Axis:
    name, equals, size = (part.strip() for part in text.partition("="))
    if equals:
        if not _NAME.fullmatch(name) or not _SIZE.fullmatch(size):
            raise ValueError(f"an axis is NAME=SIZE, not {text!r}")
        return Axis(f"{name}={int(size)}", (name,), name, int(size))
    factors: list[str | int] = []
    for part in (part.strip() for part in text.split("*")):
        if _NAME.fullmatch(part):
            factors.append(part)
        elif _SIZE.fullmatch(part):
            factors.append(int(part))
        else:
            raise ValueError(f"an axis is a size, a symbol, NAME=SIZE, a product such as N*2, or '...', not {text!r}")
    symbol = factors[0] if len(factors) == 1 and isinstance(factors[0], str) else ""
    return Axis(text, tuple(factors), symbol)


def aligned(pattern: Pattern, shape: Sequence[int]) -> list[tuple[int, Axis, int]] | None:
    """Return each axis of the pattern with its index and size; None when the number of axes does not fit."""
    after = pattern.after
    if len(pattern.before) + len(after or ()) > len(shape):
        return None
    if after is None and len(pattern.before) != len(shape):
        return None
    pairs = [(at, axis, shape[at]) for at, axis in enumerate(pattern.before)]
    if after:
        start = len(shape) - len(after)
        pairs += [(start + at, axis, shape[start + at]) for at, axis in enumerate(after)]
    return pairs


def bind(bindings: dict[str, Binding], pattern: Pattern, shape: Sequence[int], where: str) -> None:
    """Bind the bare symbols of the pattern that are unbound: to the size written (``T=8``), else to the one seen."""
    for at, axis, size in aligned(pattern, shape) or ():
        if axis.symbol and axis.symbol not in bindings:
            if axis.size is None:
                bindings[axis.symbol] = Binding(size, where, at)
            else:
                bindings[axis.symbol] = Binding(axis.size, where, at, axis.text)


def mismatches(bindings: Mapping[str, Binding], pattern: Pattern, shape: Sequence[int]) -> list[dict[str, Value]]:
    """Return what differs, axis by axis, as fields of a cause; UnknownError when a factor is unbound."""
    pairs = aligned(pattern, shape)
    if pairs is None:
        count = len(pattern.before) + len(pattern.after or ())
        least = {"at_least": True} if pattern.after is not None else {}
        return [{"what": "axes", "observed": len(shape), "expected": count, **least}]
    wrong: list[dict[str, Value]] = []
    unbound: list[dict[str, Value]] = []
    for at, axis, size in pairs:
        free = [factor for factor in axis.factors if isinstance(factor, str) and factor not in bindings]
        if free:
            unbound.append({"axis": at, "written": axis.text, "symbols": list(dict.fromkeys(free))})
        else:
            wrong += _wrong(bindings, at, axis, size)
    if unbound:
        raise UnknownError(CauseKind.SYMBOL_UNBOUND, axes=unbound, differences=wrong)
    return wrong


def _wrong(bindings: Mapping[str, Binding], at: int, axis: Axis, size: int) -> list[dict[str, Value]]:
    found = {"what": "size", "axis": at, "observed": size, "written": axis.text}
    if axis.size is not None and size != axis.size:
        return [found]
    if axis.size is not None and bindings[axis.symbol].size != size:
        return [{**found, "what": "rebound", "bound": [_bound(bindings, axis.symbol)]}]
    if axis.symbol and size == 0 and not bindings[axis.symbol].written:
        return [{**found, "what": "empty"}]
    expected = 1
    for factor in axis.factors:
        expected *= bindings[factor].size if isinstance(factor, str) else factor
    if size == expected:
        return []
    names = dict.fromkeys(factor for factor in axis.factors if isinstance(factor, str))
    if not names:
        return [found]
    return [{**found, "expected": expected, "bound": [_bound(bindings, name) for name in names]}]


def _bound(bindings: Mapping[str, Binding], name: str) -> dict[str, Value]:
    return {"symbol": name, **msgspec.structs.asdict(bindings[name])}
