"""Series, curves and contact sheets: what is drawn is what was measured."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from speccheck.sdk import pictures
from support.context import FakeContext


@pytest.fixture
def context(tmp_path: Path) -> FakeContext:
    return FakeContext.under(tmp_path)


def _pixels(context: FakeContext, name: str) -> np.ndarray:
    with PIL.Image.open(context.artifacts / name) as picture:
        return np.asarray(picture.convert("RGB"))


def test_frames_are_laid_out_row_by_row(context: FakeContext) -> None:
    frames = np.stack([np.full((3, 5, 6), at / 4) for at in range(5)])
    kept = pictures.contact_sheet(context, "sheet.png", frames, columns=3)
    assert (kept.path, kept.media_type) == ("sheet.png", "image/png")
    pixels = _pixels(context, "sheet.png")
    assert pixels.shape == (4 + 2 * (5 + 4), 4 + 3 * (6 + 4), 3)
    for at in range(5):
        row, column = divmod(at, 3)
        patch = pixels[4 + row * 9 : 9 + row * 9, 4 + column * 10 : 10 + column * 10]
        assert (patch == round(at / 4 * 255)).all()
    assert (pixels[13:, 24:] == 255).all()


def test_grey_integers_and_values_outside_the_range(context: FakeContext) -> None:
    pictures.contact_sheet(context, "grey.png", np.array([[[[0, 128, 300]]]]))
    assert _pixels(context, "grey.png")[4, 4:7].tolist() == [[0] * 3, [128] * 3, [255] * 3]
    pictures.contact_sheet(context, "odd.png", np.array([[[[-1.0, math.nan, math.inf]]]]))
    assert _pixels(context, "odd.png")[4, 4:7, 0].tolist() == [0, 0, 255]


def test_wide_frames_are_made_smaller(context: FakeContext) -> None:
    pictures.contact_sheet(context, "wide.png", np.zeros((1, 3, 10, 700)))
    assert _pixels(context, "wide.png").shape == (4 + 4 + 4, 234 + 8, 3)


def test_a_curve_goes_through_its_values(context: FakeContext) -> None:
    pictures.curves(context, "curve.png", {"a": [0.0, 1.0], "b": [1.0, 0.0]}, "two lines")
    pixels = _pixels(context, "curve.png")
    blue, red = (31, 119, 180), (214, 39, 40)
    left, right = pixels[:, 72], pixels[:, -17]
    assert _rows(left, blue).mean() > _rows(left, red).mean()
    assert _rows(right, blue).mean() < _rows(right, red).mean()


def _rows(column: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    found = np.flatnonzero((column == colour).all(axis=1))
    assert len(found)
    return found


@pytest.mark.parametrize("line", [[], [1.0], [2.0, 2.0], [math.nan, math.inf], [1.0, math.nan, 3.0], [0.5] * 200])
def test_odd_lines_are_drawn(context: FakeContext, line: list[float]) -> None:
    kept = pictures.curves(context, "odd.png", {"odd": line}, "odd")
    assert kept.size > 0
    assert _pixels(context, "odd.png").shape == (360, 720, 3)


def test_a_series_starts_where_it_is_told_and_leaves_gaps() -> None:
    series = pictures.loss_series([1.0, math.nan, 3.0], start=5)
    assert series.x == (5.0, 6.0, 7.0)
    assert series.y == (1.0, None, 3.0)


def test_the_loss_curve_is_evidence_or_a_finding(context: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    artifacts, findings = pictures.loss_curve(context, [2.0, 1.0])
    assert (list(artifacts), findings) == (["loss"], ())
    monkeypatch.setattr(pictures, "available", lambda: False)
    assert pictures.loss_curve(context, [2.0, 1.0]) == ({}, (pictures.NOT_DRAWN,))
