"""The loaders tensor and expr."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from speccheck.sdk import SubjectError
from speccheck.subjects import audited_traceback
from unit.subjects.support import MakeFactory

Build = Callable[..., Any]


def test_tensor_draws_from_each_distribution(build: Build) -> None:
    normal = build({"tensor": "float32[100, 200]", "normal": [3, 0.5]})
    assert (normal.dtype, tuple(normal.shape)) == (torch.float32, (100, 200))
    assert normal.mean().item() == pytest.approx(3, abs=0.05)
    assert normal.std().item() == pytest.approx(0.5, abs=0.05)
    uniform = build({"tensor": "float64[10000]", "uniform": [-1, 3]})
    assert -1 <= uniform.min() < -0.9
    assert 2.9 < uniform.max() <= 3
    assert build({"tensor": "int64[500]", "integers": [2, 5]}).unique().tolist() == [2, 3, 4]
    assert build({"tensor": "bool[100]", "integers": [0, 2]}).unique().tolist() == [False, True]
    assert build({"tensor": "bfloat16[]", "fill": 0.1}).item() == pytest.approx(0.1, abs=1e-3)
    assert build({"tensor": "int32[2]", "fill": 7}).tolist() == [7, 7]
    assert build({"tensor": "float32[2]", "fill": 1, "dtype": "float64"}).dtype == torch.float64


def test_tensor_depends_on_seed_and_name_only(factory: MakeFactory) -> None:
    noise = {"tensor": "float32[4]", "normal": [0, 1]}
    scope = factory().scope({"a": noise, "b": noise, "c": {**noise, "seed": 5}})
    torch.rand(3)
    again = factory().scope({"b": noise, "a": noise})
    assert torch.equal(scope.get("a"), again.get("a"))
    assert not torch.equal(scope.get("a"), scope.get("b"))
    assert torch.equal(scope.get("c"), factory(seed=9).scope({"c": {**noise, "seed": 5}}).get("c"))
    assert not torch.equal(scope.get("a"), factory(seed=9).scope({"a": noise}).get("a"))


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"tensor": "float32[2]"}, "exactly one of normal, uniform, integers, fill; none is given"),
        ({"tensor": "float32[2]", "fill": 1, "normal": [0, 1]}, "normal and fill are given"),
        ({"tensor": "float32 2", "fill": 1}, "not a tensor description: 'float32 2'; write float32"),
        ({"tensor": "float31[2]", "fill": 1}, "unknown torch dtype 'float31'"),
        ({"tensor": "nn[2]", "fill": 1}, "unknown torch dtype 'nn'"),
        ({"tensor": "int64[2]", "normal": [0, 1]}, "normal draws real numbers, but the tensor is int64"),
        ({"tensor": "int64[2]", "uniform": [0, 1]}, "uniform draws real numbers"),
        ({"tensor": "float32[2]", "normal": [0, -1]}, "needs a std of at least 0, not -1"),
        ({"tensor": "float32[2]", "normal": [0]}, "normal must be a list of two numbers"),
        ({"tensor": "float32[2]", "uniform": [2, 1]}, r"low <= high, not \[2, 1\]"),
        ({"tensor": "int64[2]", "integers": [2, 2]}, "low < high"),
        ({"tensor": "int64[2]", "integers": [0.5, 2]}, "whole numbers"),
        ({"tensor": "uint8[2]", "integers": [0, 257]}, "integers: uint8 cannot represent 256"),
        ({"tensor": "int64[2]", "fill": 1.5}, "fill: int64 cannot represent 1.5"),
        ({"tensor": "int64[2]", "fill": "one"}, "fill must be a number, not 'one'"),
        ({"tensor": "complex64[2]", "normal": [0, 1]}, "cannot be drawn"),
    ],
)
def test_tensors_that_cannot_be(build: Build, definition: Any, message: str) -> None:
    with pytest.raises(SubjectError, match=message):
        build(definition)


def test_expr_sees_subjects_torch_numpy_and_math(build: Build) -> None:
    ones = {"tensor": "float32[3]", "fill": 1}
    assert build({"expr": "torch.sum(a * 2).item() + math.sqrt(4) + np.ones(2).sum() + numpy.pi * 0"}, a=ones) == 10
    assert build({"expr": "[len(a) + i for i in range(2)]"}, a=ones) == [3, 4]
    assert build({"expr": "sorted(map(lambda a: -a, [1, 2]))"}) == [-2, -1]
    assert build({"expr": "(n := 3) * sum(n for _ in range(2))"}) == 18
    assert build({"expr": "max + 1"}, max={"expr": "2"}) == 3
    assert build({"expr": "'${here}' + str({'k': 1}['k'])"}).endswith("1")


def test_expr_builds_only_what_it_names(build: Build) -> None:
    broken = {"json": "none.json"}
    assert build({"expr": "sum(broken for broken in [1, 2])"}, broken=broken) == 3
    with pytest.raises(SubjectError, match="no such file"):
        build({"expr": "broken"}, broken=broken)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("open('x')", "'open' in expr is not a subject, module or function"),
        ("__import__('os')", "'__import__' in expr"),
        ("[eval for _ in range(1)]", "'eval' in expr"),
        ("clop + 1", "'clop' in expr .* did you mean 'clip'"),
        ("import os", "is not one Python expression"),
        ("a = 1", "is not one Python expression"),
        ("1 +", "is not one Python expression"),
        ("1 / 0", "expr '1 / 0' raised ZeroDivisionError"),
    ],
)
def test_expr_errors(build: Build, text: str, message: str) -> None:
    with pytest.raises(SubjectError, match=message) as caught:
        build({"expr": text}, clip={"expr": "1"})
    assert caught.value.name == "x"
    assert "speccheck/subjects" not in audited_traceback(caught.value)


def test_expr_has_no_other_builtins(build: Build) -> None:
    function = build({"expr": "lambda text: math.floor(float(text))"})
    assert function("3.7") == 3
    assert set(function.__globals__) == {"__builtins__", "math", "float"}
    with pytest.raises(SubjectError, match="'__builtins__' in expr is not a subject"):
        build({"expr": "lambda: __builtins__['open']"})
