"""Sound and pictures as checks and loaders pass them on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch


class Audio(NamedTuple):
    """A sound: ``samples`` float32 [channels, frames] in -1..1, ``rate`` in Hz.

    A named tuple, so a function of (samples, rate) takes it spread.
    """

    samples: torch.Tensor
    rate: int


class Image(NamedTuple):
    """A picture: ``pixels`` float32 [3, height, width] in 0..1, RGB."""

    pixels: torch.Tensor
