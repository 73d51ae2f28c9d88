from __future__ import annotations

import enum
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.config.values import check
from speccheck.sdk import MeasurementError, TensorDescription
from support.checking import changed, measured
from support.context import FakeContext


class Mode(enum.Enum):
    FAST = "fast"


@dataclass
class Optim:
    lr: float = 3e-4
    betas: tuple[float, float] = (0.9, 0.999)


@dataclass
class Config:
    optim: Optim = field(default_factory=Optim)
    seeds: list[int] = field(default_factory=lambda: [1, 2, 3])
    mode: Mode = Mode.FAST
    out: PurePosixPath = field(default_factory=lambda: PurePosixPath("runs/a"))
    nothing: None = None


KEYS = {"lr": "optim.lr", "beta": "optim.betas[1]", "last": "seeds[-1]"}
FORMS = [
    Config(),
    {"optim": {"lr": 3e-4, "betas": [0.9, 0.999]}, "seeds": [1, 2, 3]},
    SimpleNamespace(optim=OrderedDict(lr=3e-4, betas=(0.9, 0.999)), seeds=(1, 2, 3)),
]


@pytest.mark.parametrize("source", FORMS)
def test_values_are_read_from_any_form(context: FakeContext, source: Any) -> None:
    metrics = measured(check, context, source=source, keys=KEYS).metrics
    assert metrics == {"values": {"lr": 3e-4, "beta": 0.999, "last": 3}, "missing": [], "count": 3}


def test_a_changed_value_changes_that_value_alone(context: FakeContext) -> None:
    evidence = measured(check, context, source=Config(optim=Optim(lr=1e-3)), keys=KEYS)
    assert changed(measured(check, context, source=Config(), keys=KEYS), evidence) == {"values"}
    assert evidence.metrics["values"] == {"lr": 1e-3, "beta": 0.999, "last": 3}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("optim.lrr", "optim is a Optim without 'lrr'; did you mean 'lr'?"),
        ("optimiser.lr", "the source is a Config without 'optimiser'"),
        ("seeds[3]", "seeds is a list of 3 without item 3"),
        ("optim.lr[0]", "optim.lr is a float without item 0"),
        ("seeds[0].x", "seeds[0] is a int without 'x'"),
    ],
)
def test_a_path_that_leads_nowhere_is_missing_and_said(context: FakeContext, path: str, message: str) -> None:
    evidence = measured(check, context, source=Config(), keys={"here": "mode", "gone": path})
    assert evidence.metrics == {"values": {"here": "fast"}, "missing": ["gone"], "count": 1}
    assert message in evidence.findings[0].message
    assert evidence.findings[0].symbol == path


def test_with_every_path_missing_there_are_no_values(context: FakeContext) -> None:
    assert measured(check, context, source={}, keys={"a": "a"}).metrics == {"missing": ["a"], "count": 0}


def test_a_mapping_has_keys_and_no_methods(context: FakeContext) -> None:
    source = {"items": 3, "a.b": {"c-d": 4}, "0": "zero"}
    keys = {"items": "items", "quoted": '["a.b"]["c-d"]', "single": "['a.b']['c-d']", "digit": "0", "keys": "keys"}
    metrics = measured(check, context, source=source, keys=keys).metrics
    assert metrics["values"] == {"items": 3, "quoted": 4, "single": 4, "digit": "zero"}
    assert metrics["missing"] == ["keys"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (torch.zeros(2, 3), TensorDescription("float32", (2, 3))),
        (np.zeros(4, dtype=np.uint8), TensorDescription("uint8", (4,))),
        (np.float64(0.5), 0.5),
        (torch.float32, "torch.float32"),
        (torch.device("cpu"), "cpu"),
        (Mode.FAST, "fast"),
        (PurePosixPath("a/b"), "a/b"),
        ({3, 1, 2}, [1, 2, 3]),
        ({1: (True, None)}, {"1": [True, None]}),
        (Optim(), {"lr": 3e-4, "betas": [0.9, 0.999]}),
        (Optim, f"{__name__}.Optim"),
        (math.sin, "math.sin"),
        (torch.nn.GELU(), "torch.nn.modules.activation.GELU"),
        (range(3), [0, 1, 2]),
        (math.inf, math.inf),
    ],
)
def test_values_become_plain_data(context: FakeContext, value: Any, plain: Any) -> None:
    found = measured(check, context, source={"x": value}, keys={"x": "x"}).metrics["values"]["x"]
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a[", "a[x]", "a b", "[0]x"])
def test_what_is_no_path_is_refused(context: FakeContext, path: str) -> None:
    with pytest.raises(MeasurementError, match="path"):
        measured(check, context, source={}, keys={"a": path})


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"source": {"lr": 0.1, "model": {"depth": 2}}, "keys": {"lr": "lr", "d": "model.depth"}}
