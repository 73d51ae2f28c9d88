"""Sound and images as loaders build them and checks take them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import torch


class Audio(NamedTuple):
    """A sound: ``samples`` float32 [channels, frames] in -1..1, ``rate`` in Hz.

    It is a named tuple, so that it can be spread over the arguments of a function of (samples, rate).
    """

    samples: torch.Tensor
    rate: int


class Image(NamedTuple):
    """An image: ``pixels`` float32 [3, height, width] in 0..1, RGB."""

    pixels: torch.Tensor
