"""``image: photo.png``: a picture file as :class:`speccheck.sdk.Image`, RGB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Image, Loader, SubjectError
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import file_at, require, unreadable


def load(definition: Mapping[str, Any], context: BuildContext) -> Image:
    """Return the pixels, float32 [3, height, width]: 8-bit values divided by 255, without transparency.

    16-bit, 32-bit and float pictures are refused, because conversion to 8 bits would clip them.
    """
    path = file_at(definition["image"], context)
    pil = require("PIL.Image", "media")
    numpy, torch = require("numpy", "media"), require("torch", "media")
    try:
        with pil.open(path) as picture:
            if picture.mode[0] in "IF":
                raise SubjectError(f"{path} has pixels of mode {picture.mode}, more than 8 bits; use target or expr")
            pixels = numpy.asarray(picture.convert("RGB"), dtype=numpy.float32) / numpy.float32(255)
    except (OSError, SyntaxError, ValueError, pil.DecompressionBombError) as error:  # Pillow raises all of these
        raise unreadable(path, "a picture", error) from error
    return Image(torch.from_numpy(pixels.transpose(2, 0, 1).copy()))


loader = Loader(
    name="image", load=load, schema=PATH, doc="A picture file: pixels float32 [3, height, width] in 0..1, RGB."
)
