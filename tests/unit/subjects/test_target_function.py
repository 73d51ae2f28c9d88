"""The loaders target, function and module: calls, signatures, tracebacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from speccheck.sdk import PartialCall, SubjectError, fill
from speccheck.subjects import audited_traceback
from unit.subjects.support import MakeFactory

CODE = """
    import sys

    class Net:
        def __init__(self, size, *, bias=True):
            self.size = size
            self.bias = bias

        @classmethod
        def small(cls, **options):
            return cls(1, **options)

        def scaled(self, factor, other=0):
            return self.size * factor + other

    def inner():
        raise KeyError("lost")

    def failing():
        try:
            inner()
        except KeyError as error:
            raise ValueError("cannot go on") from error

    def leaving():
        sys.exit(3)

    NUMBER = 3
"""


@pytest.fixture(autouse=True)
def net(factory: MakeFactory, write: Callable[[str, str], Path]) -> Path:
    return write("code/tf_net.py", CODE)


def test_target_calls_with_lists_mappings_and_both(build: Callable[..., Any]) -> None:
    assert build({"target": "tf_net:Net", "args": [4]}).size == 4
    assert build({"target": "tf_net:Net", "args": {"size": 5, "bias": False}}).bias is False
    both = build({"target": "tf_net:Net", "args": [6], "kwargs": {"bias": None}})
    assert (both.size, both.bias) == (6, None)
    assert build({"target": "tf_net:Net.small"}).size == 1
    assert build({"target": "$net.scaled", "args": [3]}, net={"target": "tf_net:Net", "args": [2]}) == 6
    assert build({"target": "collections:OrderedDict", "args": {"a": 1}}) == {"a": 1}


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"target": "tf_net:Nut"}, r"tf_net has no attribute 'Nut'; did you mean 'Net'\? \(.*tf_net.py\)"),
        ({"target": "tf_net.Net"}, "target tf_net.Net lacks a colon"),
        ({"target": "tf_net:NUMBER"}, "target tf_net:NUMBER is int, which cannot be called"),
        ({"target": "tf_nut:Net"}, "module 'tf_nut' is neither in the code folder .*/code nor in the env"),
        (
            {"target": "tf_net:Net", "args": {"sise": 3}},
            r"does not accept these arguments: .*; its signature is Net\(size, \*, bias=True\)",
        ),
        ({"target": "tf_net:Net", "args": {"size": 3}, "kwargs": {"bias": 1}}, "args and kwargs are both mappings"),
        ({"target": "tf_net:Net", "args": "size"}, "args must be a list or a mapping, not str"),
        ({"target": "tf_net:Net", "kwargs": [1]}, "kwargs must be a mapping of argument to value, not list"),
        ({"target": "tf_net:failing"}, "target tf_net:failing raised ValueError: cannot go on"),
        ({"target": "tf_net:leaving"}, "target tf_net:leaving raised SystemExit: 3"),
    ],
)
def test_target_errors(build: Callable[..., Any], definition: Any, message: str) -> None:
    with pytest.raises(SubjectError, match=message) as caught:
        build(definition)
    assert caught.value.name == "x"


def test_tracebacks_show_the_audited_frames_only(build: Callable[..., Any], net: Path) -> None:
    with pytest.raises(SubjectError) as caught:
        build({"target": "tf_net:failing"})
    cause = caught.value.cause
    assert cause is not None
    text = audited_traceback(cause)
    assert text.count("Traceback (most recent call last):") == 2
    assert text.count(f'File "{net}"') == 3
    assert "speccheck" not in text.replace(str(net), "")
    assert "KeyError: 'lost'" in text
    assert text.endswith("\nValueError: cannot go on")
    assert audited_traceback(caught.value) == text, "the message of the SubjectError is not repeated"


def test_a_wrong_argument_has_no_frames_of_ours(build: Callable[..., Any]) -> None:
    with pytest.raises(SubjectError) as caught:
        build({"target": "tf_net:Net"})
    assert caught.value.cause is not None
    assert audited_traceback(caught.value.cause) == "TypeError: missing a required argument: 'size'"
    assert "missing a required argument: 'size'" in str(caught.value)
    assert audited_traceback(caught.value) == "", "the message names the error already"


def test_function_gives_the_callable_or_binds_its_arguments(build: Callable[..., Any]) -> None:
    net = {"target": "tf_net:Net", "args": [2]}
    plain = build({"function": "$net.scaled"}, net=net)
    assert plain(5) == 10
    bound = build({"function": "$net.scaled", "args": [5]}, net=net)
    assert isinstance(bound, PartialCall)
    assert bound(1) == 11
    assert (
        fill(build({"function": "$net.scaled", "args": {"factor": "${output.real}", "other": 1}}, net=net), output=4)
        == 9
    )
    nested = build(
        {"function": "$half", "kwargs": {"other": "${batch}"}},
        half={"function": "$net.scaled", "args": ["${output}"]},
        net=net,
    )
    assert fill(nested, output=3, batch=4) == 10


def test_function_errors(build: Callable[..., Any]) -> None:
    with pytest.raises(
        SubjectError, match=r"function tf_net:Net does not accept these .* its signature is Net\(size, \*, bias"
    ):
        build({"function": "tf_net:Net", "args": {"sise": 1}})
    with pytest.raises(SubjectError, match="function tf_net:NUMBER is int"):
        build({"function": "tf_net:NUMBER"})


def test_module_gives_the_module(build: Callable[..., Any], net: Path) -> None:
    assert build({"module": "tf_net"}).__file__ == str(net)
    assert build({"expr": "m.NUMBER"}, m={"module": "tf_net"}) == 3
    with pytest.raises(SubjectError, match="module tf_net:Net contains a colon"):
        build({"module": "tf_net:Net"})
