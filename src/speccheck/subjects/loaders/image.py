"""``image: photo.png``: a picture file as :class:`speccheck.sdk.Image`, RGB."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speccheck.sdk import BuildContext, Image, Loader, SubjectError
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import file_at, require, unreadable

_GREY = re.compile(r"I;16[BLN]?")
_COLOUR = re.compile(r"(RGB|RGBA|RGBX);16([BLN])")
_DEEP = re.compile(r".*;16[BLN]|.* of 0\.\.[0-9]+")
_KEPT_DEEP = frozenset({"PNG", "TIFF", "PPM"})
_OTHER_BYTE = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}
_MOST = 65535


def load(definition: Mapping[str, Any], context: BuildContext) -> Image:
    """Return the pixels, float32 [3, height, width], upright as EXIF says, without transparency.

    8-bit values are divided by 255, those of 16 bits by 65535. A picture whose values Pillow would clip or round, such
    as one of 12 bits, 32 bits or floats, is refused.
    """
    path = file_at(definition["image"], context)
    pil = require("PIL.Image", "media")
    torch = require("torch", "media")
    try:
        pixels = _pixels(path)
    except (OSError, SyntaxError, ValueError, pil.DecompressionBombError) as error:  # Pillow raises all of these
        raise unreadable(path, "a picture", error) from error
    return Image(torch.from_numpy(pixels.transpose(2, 0, 1).copy()))


def _pixels(path: Path) -> Any:
    """The values in 0..1, float32 [height, width, 3]."""
    numpy, pil = require("numpy", "media"), require("PIL.Image", "media")
    with pil.open(path) as picture:
        stored = _stored(picture)
        kept = picture.format in _KEPT_DEEP
        colour = _COLOUR.fullmatch(stored) if kept else None
        if colour is not None:
            return _deep_colour(path, *colour.groups())
        if kept and _GREY.fullmatch(stored):
            grey = numpy.asarray(_upright(picture)).astype(numpy.float32) / numpy.float32(_MOST)
            return numpy.repeat(grey[..., None], 3, axis=-1)
        if picture.mode[0] in "IF" or _DEEP.fullmatch(stored):
            found = f"pixels of mode {picture.mode}" + (f", stored as {stored}" if stored else "")
            raise SubjectError(f"{path} has {found}, more than 8 bits; use target or expr")
        return numpy.asarray(_upright(picture).convert("RGB"), dtype=numpy.float32) / numpy.float32(255)


def _stored(picture: Any) -> str:
    """How the file holds its values, in Pillow's words: ``RGB;16B``; '' when the format does not say."""
    for tile in picture.tile:
        given = tile[3] if isinstance(tile[3], tuple) else (tile[3],)
        raw = next((item for item in given if isinstance(item, str)), "")
        most = given[-1] if picture.format == "PPM" and given else 0
        if isinstance(most, int) and most > 255:
            return f"{raw} of 0..{most}"
        if raw:
            return raw
    return ""


def _upright(picture: Any) -> Any:
    picture.load()
    return require("PIL.ImageOps", "media").exif_transpose(picture)


def _deep_colour(path: Path, channels: str, order: str) -> Any:
    """16-bit colour: Pillow gives one byte of each value, so it reads the high ones, and then the low ones as such."""
    numpy = require("numpy", "media")
    high, low = (_bytes(path, f"{channels};16{which}") for which in (order, _OTHER_BYTE[order]))
    return (high.astype(numpy.float32) * 256 + low) / numpy.float32(_MOST)


def _bytes(path: Path, raw: str) -> Any:
    """The bytes of the colours that Pillow takes when it reads the file as ``raw``, [height, width, 3]."""
    numpy, pil = require("numpy", "media"), require("PIL.Image", "media")
    with pil.open(path) as picture:
        picture.tile = [_as(tile, raw) for tile in picture.tile]
        return numpy.asarray(_upright(picture))[..., :3]


def _as(tile: Any, raw: str) -> Any:
    args = (raw, *tile[3][1:]) if isinstance(tile[3], tuple) else raw
    return type(tile)(*tile[:3], args)


loader = Loader(
    name="image",
    load=load,
    schema=PATH,
    doc="A picture file, upright: pixels float32 [3, height, width] in 0..1 of its own depth, RGB.",
)
