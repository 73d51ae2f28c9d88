"""Descriptions of built subjects."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.sdk import Audio, Fresh, Image, PartialCall
from speccheck.subjects import Description, describe, source_file
from speccheck.subjects.describe import source_file as same


class Unsized:
    """Its length raises."""

    def __len__(self) -> int:
        raise ValueError("unknown")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.zeros(2, 3), Description("torch.Tensor", "float32[2,3]")),
        (np.zeros(4, dtype=np.int16), Description("numpy.ndarray", "int16[4]")),
        (Audio(torch.zeros(1, 8), 16000), Description("speccheck.sdk.media.Audio", "float32[1,8] at 16000 Hz")),
        (Image(torch.zeros(3, 2, 2)), Description("speccheck.sdk.media.Image", "float32[3,2,2]")),
        ({"a": 1}, Description("dict", "1 item")),
        (3.5, Description("float")),
        (math.sqrt, Description("function math.sqrt")),
        (json.loads, Description("function json.loads", "", str(json.__file__))),
        (json, Description("module json", "", str(json.__file__))),
        (functools.partial(json.loads, "1"), Description("function json.loads", "", str(json.__file__))),
        (PartialCall(json.loads, ("1",), {}), Description("function json.loads", "", str(json.__file__))),
        (json.JSONEncoder, Description("class json.encoder.JSONEncoder", "", str(json.encoder.__file__))),
    ],
)
def test_descriptions(value: Any, expected: Description) -> None:
    assert describe(value) == expected


def test_modules_and_odd_values() -> None:
    linear = describe(torch.nn.Linear(2, 1))
    assert linear.shape == "3 parameters"
    assert linear.source.endswith("linear.py")
    assert describe(Unsized()).shape == "unknown length (ValueError: unknown)"
    assert describe(Unsized()).source == str(Path(__file__))
    assert describe(Fresh(dict)).type == "factory of fresh instances"
    assert source_file(json.JSONEncoder().encode) == json.encoder.__file__
    assert source_file is same
