"""Tubelets as the tests of round trips cut them, right and wrong."""

from __future__ import annotations

import torch
from torch import Tensor

SHAPE = (2, 8, 3, 24, 40)
CLIPS = torch.rand(SHAPE, generator=torch.Generator().manual_seed(0))


def cut(x: Tensor, t: int = 2, p: int = 8) -> Tensor:
    """[B, T, C, H, W] as [B, tokens, elements], tokens by time, row, column."""
    b, frames, c, h, w = x.shape
    y = x.reshape(b, frames // t, t, c, h // p, p, w // p, p)
    return y.permute(0, 1, 4, 6, 2, 3, 5, 7).reshape(b, -1, t * c * p * p)


def join(tokens: Tensor, t: int = 2, p: int = 8) -> Tensor:
    """The inverse of :func:`cut`."""
    b, frames, c, h, w = SHAPE
    y = tokens.reshape(b, frames // t, h // p, w // p, t, c, p, p)
    return y.permute(0, 1, 4, 5, 2, 6, 3, 7).reshape(b, frames, c, h, w)


ORDER = torch.randperm(60, generator=torch.Generator().manual_seed(1))


def permuted(x: Tensor) -> Tensor:
    """Right tokens in a wrong order."""
    return cut(x)[:, ORDER]


def unpermuted(tokens: Tensor) -> Tensor:
    """Its inverse."""
    return join(tokens[:, ORDER.argsort()])


def exchanged(x: Tensor) -> Tensor:
    """t = 8, p = 4: the shape of t = 2, p = 8."""
    return cut(x, 8, 4)


def joined_exchanged(tokens: Tensor) -> Tensor:
    """Its inverse."""
    return join(tokens, 8, 4)
