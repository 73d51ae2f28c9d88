"""Images as evidence: contact sheets of frames and curves of numbers, drawn with Pillow, which is optional."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from speccheck.model.evidence import Artifact, Finding, Series
from speccheck.sdk.check import Context

if TYPE_CHECKING:
    from numpy.typing import NDArray

_COLOURS = (
    (31, 119, 180),
    (214, 39, 40),
    (44, 160, 44),
    (148, 103, 189),
    (255, 127, 14),
    (23, 190, 207),
    (140, 86, 75),
    (227, 119, 194),
)
_WIDTH, _HEIGHT = 720, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 16, 34, 40
_MARGIN = 4
_MOST_DOTS = 60
"""A line of at most this many values gets a dot for each."""
_WIDEST = 320
"""Frames wider than this many pixels are reduced by a whole factor."""


def available() -> bool:
    """Whether Pillow is installed."""
    return importlib.util.find_spec("PIL") is not None


NOT_DRAWN = Finding("no picture was drawn: pip install pillow")
"""The finding of a check that draws nothing because Pillow is absent."""


def contact_sheet(context: Context, name: str, frames: NDArray[Any], columns: int = 4) -> Artifact:
    """Keep a PNG of frames [count, 3 or 1, height, width], row by row from the left.

    Values are in 0..1, integers in 0..255. NaN is black, and other values are clipped to the range.
    """
    import numpy as np
    from PIL import Image

    scaled = frames if frames.dtype.kind in "iu" else np.nan_to_num(frames, posinf=1.0, neginf=0.0) * 255
    bytes_ = np.clip(np.rint(scaled), 0, 255).astype(np.uint8)
    factor = max(1, math.ceil(bytes_.shape[-1] / _WIDEST))
    bytes_ = np.moveaxis(bytes_[:, :, ::factor, ::factor], 1, -1)
    count, height, width, channels = bytes_.shape
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    size = (columns * (width + _MARGIN) + _MARGIN, rows * (height + _MARGIN) + _MARGIN)
    sheet = Image.new("RGB", size, (255, 255, 255))
    for index, frame in enumerate(bytes_):
        row, column = divmod(index, columns)
        picture = np.repeat(frame, 3, axis=-1) if channels == 1 else frame
        place = (_MARGIN + column * (width + _MARGIN), _MARGIN + row * (height + _MARGIN))
        sheet.paste(Image.fromarray(np.ascontiguousarray(picture)), place)
    return _kept(context, name, sheet)


def curves(context: Context, name: str, lines: Mapping[str, Sequence[float]], title: str) -> Artifact:
    """Keep a PNG with a line for each name over the places 0, 1, 2...; values that are not finite leave a gap."""
    from PIL import Image, ImageDraw

    finite = [y for line in lines.values() for y in line if math.isfinite(y)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if high == low:
        low, high = low - max(abs(low), 1) * 0.05, high + max(abs(high), 1) * 0.05
    last = max(1, max((len(line) for line in lines.values()), default=1) - 1)
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((_LEFT, _TOP, _WIDTH - _RIGHT, _HEIGHT - _BOTTOM), outline=(120, 120, 120))
    draw.text((_LEFT, 10), title, fill=(0, 0, 0))
    for part in range(5):
        value = low + (high - low) * part / 4
        y = _place(value, low, high)
        draw.line((_LEFT, y, _WIDTH - _RIGHT, y), fill=(225, 225, 225))
        draw.text((6, y - 6), f"{value:.4g}", fill=(0, 0, 0))
    room = min(160, (_WIDTH - _LEFT - _RIGHT) / max(1, len(lines)))
    for index, (label, line) in enumerate(lines.items()):
        colour = _COLOURS[index % len(_COLOURS)]
        draw.text((_LEFT + room * index, _HEIGHT - 22), label, fill=colour)
        _draw_line(draw, line, last, (low, high), colour)
    draw.text((_WIDTH - _RIGHT - 60, _HEIGHT - _BOTTOM + 4), f"step {last}", fill=(0, 0, 0))
    return _kept(context, name, picture)


def loss_curve(context: Context, losses: Sequence[float]) -> tuple[dict[str, Artifact], tuple[Finding, ...]]:
    """Keep a curve of losses by step; return it as artifacts, or the finding that explains its absence."""
    if not available():
        return {}, (NOT_DRAWN,)
    return {"loss": curves(context, "loss.png", {"loss": losses}, "loss by step")}, ()


def _draw_line(
    draw: Any, line: Sequence[float], last: int, edges: tuple[float, float], colour: tuple[int, int, int]
) -> None:
    before: tuple[float, float] | None = None
    for step, y in enumerate(line):
        if not math.isfinite(y):
            before = None
            continue
        point = (_LEFT + (_WIDTH - _LEFT - _RIGHT) * step / last, _place(y, *edges))
        if before is not None:
            draw.line((*before, *point), fill=colour, width=2)
        if len(line) <= _MOST_DOTS:
            draw.ellipse((point[0] - 2, point[1] - 2, point[0] + 2, point[1] + 2), fill=colour)
        before = point


def _place(value: float, low: float, high: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)


def _kept(context: Context, name: str, picture: Any) -> Artifact:
    path = context.artifact(name)
    picture.save(path, format="PNG")
    return context.keep(name, path, "image/png")


def loss_series(losses: Sequence[float], start: int = 0) -> Series:
    """Return losses by step as a series; the first is that of step ``start``, and None replaces NaN and infinity."""
    return Series(
        x=tuple(float(start + index) for index in range(len(losses))),
        y=tuple(loss if math.isfinite(loss) else None for loss in losses),
    )
