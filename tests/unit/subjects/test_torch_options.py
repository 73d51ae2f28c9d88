"""Weights, device and dtype of a torch module; checkpoints; files that hold code."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from speccheck.sdk import SubjectError
from unit.subjects.support import MakeFactory

Build = Callable[..., Any]
LINEAR = {"target": "torch.nn:Linear", "args": [2, 1]}


@pytest.fixture
def state(factory: MakeFactory, tmp_path: Path) -> dict[str, torch.Tensor]:
    tensors = {"weight": torch.tensor([[3.0, 4.0]]), "bias": torch.tensor([5.0])}
    prefixed = {f"net.{name}": value for name, value in tensors.items()}
    save_file(tensors, tmp_path / "w.safetensors")
    torch.save({"model": {"ema": prefixed}, "epoch": 3}, tmp_path / "w.pt")
    torch.save({"weight": tensors["weight"]}, tmp_path / "part.pt")
    head = {"head.weight": torch.ones(1), "head.bias": torch.ones(1)}
    torch.save({**tensors, **head}, tmp_path / "more.pt")
    torch.save({"bias": tensors["bias"], **head}, tmp_path / "other.pt")
    torch.save({"weight": torch.ones(1, 3)}, tmp_path / "wide.pt")
    return tensors


def test_weights_come_from_safetensors_and_checkpoints(build: Build, state: dict[str, torch.Tensor]) -> None:
    for weights in (
        {"file": "w.safetensors"},
        {"file": "${here}/w.pt", "key": "model.ema", "strip": "net."},
        {"file": "w.safetensors", "strict": False},
        {"file": "part.pt", "missing": ["bias"]},
        {"file": "part.pt", "strict": False, "missing": ["b*"], "unexpected": ["head.*"]},
    ):
        module = build({**LINEAR, "weights": weights})
        assert torch.equal(module.weight, state["weight"])
        assert torch.equal(module.bias, state["bias"]) is (weights["file"] != "part.pt")


def test_dtype_and_device_are_applied_last(build: Build, state: dict[str, torch.Tensor]) -> None:
    module = build({**LINEAR, "weights": {"file": "w.safetensors"}, "dtype": "float64", "device": "cpu"})
    assert (module.weight.dtype, module.weight.device.type) == (torch.float64, "cpu")
    assert torch.equal(module.weight, state["weight"].double())
    assert build({"expr": "torch.nn.Linear(2, 1)", "dtype": "float16"}).bias.dtype == torch.float16
    with pytest.raises(SubjectError, match="cannot be moved to nowhere"):
        build({**LINEAR, "device": "nowhere"})
    with pytest.raises(SubjectError, match="unknown torch dtype 'half_'"):
        build({**LINEAR, "dtype": "half_"})


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"file": "part.pt"}, r"/part.pt do not fit: .*Missing key\(s\) in state_dict: \"bias\""),
        ({"file": "w.pt", "key": "model.ema"}, r"Unexpected key\(s\) in state_dict: \"net.weight\", \"net.bias\""),
        (
            {"file": "w.pt", "key": "model.ema", "strict": False},
            "none of the weights in .* fits the module; the file contains net.bias",
        ),
        (
            {"file": "w.pt"},
            "is not a state dict, as these are not tensors: epoch, model; name the state dict inside it with `key`",
        ),
        ({"file": "w.pt", "key": "model.ama"}, "key 'model.ama' is not in .*: where 'ama' should be, there is ema"),
        ({"file": "w.pt", "key": "epoch"}, "contains int, not a state dict"),
        (
            {"file": "w.safetensors", "strip": "net."},
            "no weight in .* starts with 'net.'; the file contains bias, weight",
        ),
        ({"file": "w.safetensors", "stirct": True}, "unknown key 'stirct' of weights; did you mean 'strict'?"),
        ({"file": "w.safetensors", "strict": "no"}, "weights.strict must be true or false, not 'no'"),
        (
            {"file": "part.pt", "strict": False},
            r"/part.pt holds 1 of the module's 2 weights; missing: bias; if that is meant, allow these keys in weights "
            r"with `missing: \[PATTERN\]`",
        ),
        (
            {"file": "more.pt", "strict": False},
            "/more.pt holds 2 of the module's 2 weights; unexpected: head.bias, head.weight; .* `unexpected: ",
        ),
        (
            {"file": "other.pt", "missing": ["weight"], "unexpected": ["head.weight"]},
            "/other.pt holds 1 of the module's 2 weights; unexpected: head.bias; ",
        ),
        ({"file": "other.pt", "missing": ["we"], "unexpected": ["head.*"]}, "1 of the module's 2 weights; missing: w"),
        ({"file": "wide.pt", "missing": ["*"], "unexpected": ["*"]}, "/wide.pt do not fit: .*size mismatch for weight"),
        ({"file": "part.pt", "missing": "bias"}, "weights.missing must be a list of names or patterns, not 'bias'"),
        (
            {"file": "part.pt", "strict": True, "missing": ["bias"]},
            "weights.missing allows what strict: true refuses; leave `strict` out",
        ),
        ({"key": "model"}, "weights needs a file"),
        ({"file": "none.pt"}, "no such file: /.*/none.pt"),
    ],
)
def test_weights_that_do_not_fit(
    build: Build, state: dict[str, torch.Tensor], weights: dict[str, Any], message: str
) -> None:
    with pytest.raises(SubjectError, match=message) as caught:
        build({**LINEAR, "weights": weights})
    assert caught.value.name == "x"


def test_what_was_allowed_to_differ_is_told_of_all_that_reaches_the_module(
    factory: MakeFactory, state: dict[str, torch.Tensor]
) -> None:
    shop = factory()
    allowed = {"file": "other.pt", "missing": ["weight"], "unexpected": ["head.*"]}
    definitions = {
        "net": {**LINEAR, "weights": allowed},
        "both": {"target": "torch.nn:Sequential", "args": ["$net"]},
        "exact": {**LINEAR, "weights": {"file": "w.safetensors", "missing": ["weight"]}},
    }
    told = (
        "subject net: other.pt holds 1 of the module's 2 weights; "
        "allowed to be missing: weight; unexpected: head.bias, head.weight",
    )
    for name in ("net", "both", "both"):  # built first, built from one that is built, and already built
        scope = shop.scope(definitions)
        scope.get(name)
        assert scope.remarks() == told
    scope = shop.scope(definitions)
    scope.get("exact")
    fresh = scope.live("$both", "fresh")
    assert scope.remarks() == ()
    fresh()
    assert scope.remarks() == told


def test_sizes_that_differ_and_things_that_are_no_module(build: Build, state: dict[str, torch.Tensor]) -> None:
    with pytest.raises(SubjectError, match="size mismatch for weight"):
        build({"target": "torch.nn:Linear", "args": [3, 1], "weights": {"file": "w.safetensors"}})
    with pytest.raises(SubjectError, match="weights can be loaded into a torch module, not into dict"):
        build({"expr": "dict()", "weights": {"file": "w.safetensors"}})


class Hostile:
    """A pickle that makes a folder when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("definition", [{**LINEAR, "weights": {"file": "evil.pt"}}, {"checkpoint": "evil.pt"}])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_checkpoint_that_holds_code_is_refused(
    build: Build, tmp_path: Path, definition: dict[str, Any], legacy: bool
) -> None:
    trace = tmp_path / "executed"
    if legacy:
        (tmp_path / "evil.pt").write_bytes(pickle.dumps(Hostile(trace)))
    else:
        torch.save({"weight": Hostile(trace)}, tmp_path / "evil.pt")
    with pytest.raises(SubjectError, match=f"{tmp_path}/evil.pt is refused: checkpoints are read with weights_only"):
        build(definition)
    assert not trace.exists()


def test_checkpoint_gives_what_the_file_holds(build: Build, state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    assert build({"checkpoint": "w.pt"})["epoch"] == 3
    assert torch.equal(build({"checkpoint": "w.safetensors"})["bias"], state["bias"])
    (tmp_path / "bad.safetensors").write_bytes(b"no")
    with pytest.raises(SubjectError, match=f"{tmp_path}/bad.safetensors cannot be read as a checkpoint"):
        build({"checkpoint": "bad.safetensors"})


def test_fresh_modules_are_new_and_equal(factory: MakeFactory, state: dict[str, torch.Tensor]) -> None:
    scope = factory().scope({"net": LINEAR, "both": {"target": "torch.nn:Sequential", "args": ["$net"]}})
    fresh = scope.live("$both", "fresh")
    one, two = fresh(), fresh()
    assert torch.equal(one[0].weight, two[0].weight)
    with torch.no_grad():
        one[0].weight.zero_()
    assert not torch.equal(one[0].weight, two[0].weight)
    assert torch.equal(two[0].weight, scope.get("net").weight)
