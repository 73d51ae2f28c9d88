"""Fingerprints: each way of changing a subject in place is seen and named, and use alone changes nothing."""

from __future__ import annotations

import collections
import functools
import io
import itertools
import logging
import pathlib
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image
import pytest

from speccheck.sdk import PartialCall
from speccheck.subjects import bulk
from speccheck.subjects.fingerprint import NODES, Fingerprint


class Thing:
    """An object with attributes, and a remembered property."""

    def __init__(self) -> None:
        self.calls = 0
        self.items = [1, {"a": [2]}]
        self.path = pathlib.Path("a/b")

    @functools.cached_property
    def total(self) -> int:
        return 3

    def call(self) -> int:
        self.calls += 1
        return self.calls


class Memory:
    """An object that remembers what it was asked for: by its own means, and by those of functools."""

    def __init__(self) -> None:
        self.known: list[int] | None = None
        self.squares = functools.cache(lambda number: [number**2, self])

    def labels(self) -> list[int]:
        self.known = self.known or [1]
        return self.known


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("empty", "size")

    def __init__(self) -> None:
        self.size = 1


class Loud(dict[str, int]):
    """A mapping whose own methods must not be called."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    def __iter__(self) -> Any:
        raise AssertionError("iterated")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    __hash__ = None


def counter() -> Callable[[], int]:
    count = 0

    def call() -> int:
        nonlocal count
        count += 1
        return count

    return call


def cycle(found: list[Any]) -> list[Any]:
    found.append(found)
    return found


def numbers() -> Any:
    found = 0
    while True:
        found += 1
        yield found


def picture(*, read: bool = True) -> Any:
    """A picture of a file, whose pixels are read at once or when they are asked for."""
    file = io.BytesIO()
    PIL.Image.new("RGB", (4, 3)).save(file, "PNG")
    found = PIL.Image.open(file)
    if read:
        found.load()
    return found


def paths(value: Any, change: Callable[[Any], object]) -> tuple[str, ...]:
    before = Fingerprint(value)
    assert before.changes(Fingerprint(value)) == ()
    change(value)
    return before.changes(Fingerprint(value))


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], object], tuple[str, ...]]] = {
    "attribute": (Thing, lambda x: x.call(), (".calls",)),
    "new-attribute": (Thing, lambda x: setattr(x, "more", 1), (".more",)),
    "only-attribute": (Memory, lambda x: x.labels(), (".known",)),
    "deep-item": (Thing, lambda x: x.items[1]["a"].append(3), (".items[1]['a']",)),
    "replaced-object": (Thing, lambda x: setattr(x, "items", Thing()), (".items",)),
    "slot": (Slotted, lambda x: setattr(x, "size", 2), (".size",)),
    "list-item": (lambda: [1, 2], lambda x: x.__setitem__(1, 3), ("[1]",)),
    "list-grows": (lambda: [1, 2], lambda x: x.append(3), ("",)),
    "minus-one": (lambda: [-1, 5], lambda x: x.__setitem__(0, -2), ("[0]",)),
    "dict-item": (lambda: {"a": 1}, lambda x: x.update(a=2), ("['a']",)),
    "dict-grows": (lambda: {"a": [1]}, lambda x: x.update(b=2), ("['b']",)),
    "set": (lambda: {1, 2}, lambda x: x.add(3), ("",)),
    "deque": (lambda: collections.deque([1, 2]), lambda x: x.popleft(), ("",)),
    "counter": (lambda: collections.Counter("ab"), lambda x: x.update("a"), ("['a']",)),
    "bytearray": (lambda: bytearray(b"ab"), lambda x: x.__setitem__(0, 0), ("",)),
    "closure": (counter, lambda x: x(), (".count",)),
    "method": (lambda: Thing().call, lambda x: x(), (".calls",)),
    "partial": (lambda: functools.partial(len, [1]), lambda x: x.args[0].append(1), (".args[0]",)),
    "partial-call": (lambda: PartialCall(len, ([1],), {}), lambda x: x.args[0].append(1), (".args[0]",)),
    "array": (lambda: np.zeros(9), lambda x: x.__setitem__(3, 1), ("",)),
    "array-order": (lambda: np.arange(9), lambda x: x.sort() or x.__setitem__(slice(None), x[::-1].copy()), ("",)),
    "view": (lambda: np.zeros((4, 4)).T[1:], lambda x: x.__setitem__((0, 0), 1), ("",)),
    "structured": (lambda: np.zeros(3, "i4,f8"), lambda x: x["f1"].__setitem__(1, 2), ("",)),
    "dates": (lambda: np.zeros(3, "M8[s]"), lambda x: x.__setitem__(1, 7), ("",)),
    "objects": (lambda: np.array([[1], None], object), lambda x: x[0].append(1), (".tolist()[0]",)),
    "scalar": (lambda: [np.float32(1)], lambda x: x.__setitem__(0, np.float32(2)), ("[0]",)),
    "random": (lambda: random.Random(0), lambda x: x.random(), ("",)),
    "numpy-generator": (lambda: np.random.default_rng(0), lambda x: x.random(), ("",)),
    "numpy-state": (lambda: np.random.RandomState(0), lambda x: x.rand(), ("",)),
    "iterator": (lambda: iter([1, 2]), next, ("",)),
    "generator": (numbers, lambda x: (next(x), next(x)), ("",)),
    "file": (lambda: io.BytesIO(b"abc"), lambda x: x.read(1), ("",)),
    "picture": (picture, lambda x: x.putpixel((1, 2), (0, 0, 9)), ("",)),
    "picture-in-a-list": (lambda: [picture()], lambda x: x[0].thumbnail((2, 2)), ("[0]",)),
    "loud": (lambda: Loud(a=1), lambda x: dict.update(x, a=2), ("['a']",)),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_in_place_is_named(name: str) -> None:
    make, change, expected = CHANGES[name]
    assert paths(make(), change) == expected


SAME: dict[str, tuple[Callable[[], Any], Callable[[Any], object]]] = {
    "remembered-property": (Thing, lambda x: x.total),
    "remembered-results": (Memory, lambda x: x.squares(3)),
    "remembered-text-of-a-path": (Thing, lambda x: (str(x.path), hash(x.path))),
    "there-and-back": (Thing, lambda x: (x.items.append(1), x.items.pop())),
    "equal-list": (Thing, lambda x: setattr(x, "items", [1, {"a": [2]}])),
    "equal-array": (lambda: [np.zeros(3)], lambda x: x.__setitem__(0, np.zeros(3))),
    "not-a-number": (lambda: [float("nan")], len),
    "order-of-a-set": (lambda: set(range(100)), lambda x: (x.discard(5), x.add(5))),
    "cycle": (lambda: cycle([1]), len),
    "picture-that-is-read": (lambda: picture(read=False), lambda x: x.convert("L")),
}


@pytest.mark.parametrize("name", SAME)
def test_what_is_as_before_is_no_change(name: str) -> None:
    make, use = SAME[name]
    assert paths(make(), use) == ()


def test_parts_with_fingerprints_of_their_own_are_left_to_them() -> None:
    part = Thing()
    whole = {"part": part, "own": [1]}
    before = Fingerprint(whole, [part])
    part.call()
    assert before.changes(Fingerprint(whole, [part])) == ()
    whole["part"] = Thing()
    assert before.changes(Fingerprint(whole, [part])) != ()


def test_an_array_that_nothing_writes_into_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("speccheck.subjects.bulk.zlib.crc32", lambda content: pytest.fail("it was read"))
    Fingerprint(np.frombuffer(bytes(64), np.uint8))
    with pytest.raises(pytest.fail.Exception):
        Fingerprint(np.zeros(8))


def test_a_logger_belongs_to_the_process() -> None:
    """It remembers its levels, and its manager has all loggers of the process."""
    thing = Thing()
    thing.items = [logging.getLogger("of a subject")]
    assert paths(thing, lambda x: (x.items[0].info("said"), logging.getLogger("of a subject.and another"))) == ()


def test_what_is_large_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "ALL", 1000)
    assert paths(np.zeros(10_000), lambda x: x.__iadd__(1)) == ("",)
    assert paths(PIL.Image.new("P", (99, 99)), lambda x: x.paste(3, (9, 9, 90, 90))) == ("",)
    deep: list[Any] = [[at] for at in range(2 * NODES)]
    assert paths(deep, lambda x: x[5].append(1)) == ("[5]",)
    assert paths(deep, lambda x: x[-1].append(1)) == ()
    flat = list(range(10 * NODES))
    assert paths(flat, lambda x: x.__setitem__(-1, 0)) == (f"[{len(flat) - 1}]",)


def test_nothing_is_used_up() -> None:
    value = [iter([1, 2]), numbers(), itertools.count(), random.Random(3), io.StringIO("text")]
    expected = random.Random(3).random()
    Fingerprint(value)
    found: list[Any] = value
    assert (next(found[0]), next(found[1]), next(found[2]), found[3].random(), found[4].read()) == (
        1,
        1,
        0,
        expected,
        "text",
    )


def _model() -> Any:
    import torch

    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))


def _train(model: Any) -> None:
    import torch

    model.train()(torch.ones(4, 2))


TORCH: dict[str, tuple[Callable[[Any], object], tuple[str, ...]]] = {
    "weight": (lambda x: x[0].weight.data.mul_(2), ("0.weight",)),
    "one-element": (lambda x: x[0].weight.detach()[1].fill_(7), ("0.weight",)),
    "through-numpy": (lambda x: x[0].bias.detach().numpy().__setitem__(0, 9), ("0.bias",)),
    "statistics": (_train, ("1.running_mean", "1.running_var", "1.num_batches_tracked", "training")),
    "mode": (lambda x: x[1].train(), ("1.training",)),
    "frozen": (lambda x: x[0].bias.requires_grad_(False), ("0.bias",)),
    "gradient": (lambda x: x[0].bias.sum().backward(), ("0.bias.grad",)),
    "hook": (lambda x: x[0].register_forward_hook(print), ("0._forward_hooks",)),
    "replaced-weight": (lambda x: setattr(x[0], "weight", _model()[0].weight), ("0.weight",)),
    "new-module": (lambda x: x.append(_model()[0]), ("2",)),
    "dtype": (lambda x: x[0].half(), ("0.weight", "0.bias")),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TORCH)
def test_each_change_of_a_torch_module_is_named(name: str) -> None:
    change, expected = TORCH[name]
    found = [path.lstrip(".") for path in paths(_model().eval(), change)]
    for path in expected:
        assert any(one.startswith(path) for one in found), found


@pytest.mark.slow
def test_using_a_torch_module_changes_nothing() -> None:
    import torch

    def use(model: Any) -> None:
        with torch.no_grad():
            model(torch.ones(4, 2))
        model.load_state_dict(model.state_dict())
        model.train()
        model.eval()

    assert paths(_model().eval(), use) == ()


@pytest.mark.slow
def test_large_tensors_are_watched_by_version_and_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(bulk, "EACH", 100)
    large = torch.zeros(4, 5000), torch.zeros(5000, 4).T, torch.zeros(9000).bfloat16()
    for tensor in large:
        assert paths(tensor, lambda x: x.data.add_(1)) == ("",)
        assert paths(tensor, lambda x: x[-1].add_(1)) == ("",)


@pytest.mark.slow
def test_tensors_of_every_sort_have_a_fingerprint() -> None:
    import torch

    quantized = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)
    with torch.inference_mode():
        inferred = torch.ones(3)
    sorts = [
        torch.ones(3).to_sparse(),
        torch.ones(3, device="meta"),
        quantized,
        inferred,
        torch.tensor(3.0),
        torch.ones(0),
        torch.ones(3, dtype=torch.complex64).conj(),
        torch.nn.Parameter(torch.ones(3)),
        torch.nested.nested_tensor([torch.ones(2), torch.ones(3)]),
        torch.ones(3) > 0,
        torch.device("cpu"),
        torch.Generator().manual_seed(3),
    ]
    for value in sorts:
        assert paths([value], len) == ()
    assert paths(sorts, lambda x: x[-1].manual_seed(4)) == ("[11]",)
