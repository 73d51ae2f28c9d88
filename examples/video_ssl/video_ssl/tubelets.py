"""Clips cut into tubelets, masks over them, and the loss at masked ones."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor


def tubeletify(clips: Tensor, t: int = 2, p: int = 40) -> Tensor:
    """float[B,T,3,H,W] -> float[B,N,t*3*p*p]; N = T/t * H/p * W/p, counted by time, then row, then column.

    The elements of a token are ordered by frame, colour, row and column. ValueError where tubelets do not tile a clip.
    """
    batch, frames, colours, height, width = clips.shape
    if frames % t or height % p or width % p:
        raise ValueError(f"tubelets of {t} frames and {p} pixels do not tile {frames} frames of {height}x{width}")
    blocks = clips.reshape(batch, frames // t, t, colours, height // p, p, width // p, p)
    return blocks.permute(0, 1, 4, 6, 2, 3, 5, 7).reshape(batch, -1, t * colours * p * p)


def untubeletify(
    tokens: Tensor, t: int = 2, p: int = 40, frames: int = 8, height: int = 360, width: int = 640
) -> Tensor:
    """The inverse of ``tubeletify``: float[B,N,t*3*p*p] -> float[B,frames,3,height,width]."""
    blocks = tokens.reshape(len(tokens), frames // t, height // p, width // p, t, -1, p, p)
    return blocks.permute(0, 1, 4, 5, 2, 6, 3, 7).reshape(len(tokens), frames, -1, height, width)


def random_mask(batch: int, tokens: int, ratio: float, generator: torch.Generator) -> Tensor:
    """bool[batch,tokens], true at masked tokens: the same number, round(ratio * tokens), in every row."""
    order = torch.rand(batch, tokens, generator=generator).argsort(1)
    return order < round(ratio * tokens)


def masked_loss(
    prediction: Tensor, target: Tensor, mask: Tensor, kind: Literal["squared", "absolute"] = "squared"
) -> Tensor:
    """Mean error over masked tokens alone: float[B,N,D], float[B,N,D], bool[B,N] -> float[].

    ValueError where nothing is masked.
    """
    masked = mask.bool()
    if not bool(masked.any()):
        raise ValueError("no token is masked, so there is nothing to learn from")
    error = (prediction - target)[masked]
    return error.square().mean() if kind == "squared" else error.abs().mean()
