"""The masked video model: it predicts, at masked tubelets, the edges that are there from the tubelets it sees.

The model predicts a histogram of edge orientations per frame and tubelet, as in Wei et al., "Masked Feature
Prediction for Self-Supervised Visual Pre-Training", CVPR 2022. Unlike pixels, it does not depend on colour, light or
the phase of a texture.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from video_ssl.config import ModelConfig

FLAT = 0.003
"""Variance added before a tubelet is normalised, so that noise in flat ones stays small."""
TARGET_MEAN, TARGET_STD = 0.05, 0.045
"""About the mean and spread of unscaled targets in the generated data; a scale, which nothing depends on."""


class MaskedVideoModel(nn.Module):
    """``in_proj`` of reduced tubelets, positions, a stock transformer encoder, ``out_proj`` to orientation histograms.

    Tokens of tubelets of any size that is a multiple of ``cell`` pixels are taken: they are reduced by means first.
    """

    positions: Tensor

    def __init__(self, config: ModelConfig, grid: tuple[int, int, int], t: int = 2) -> None:
        super().__init__()
        self.cell, self.bins, self.t = config.cell, config.bins, t
        width = config.d_model
        self.in_proj = nn.Linear(t * 3 * config.cell**2, width)
        self.mask_token = nn.Parameter(torch.randn(width) * 0.02)
        self.register_buffer("positions", sincos(grid, width))
        layer = nn.TransformerEncoderLayer(
            width, config.n_heads, 4 * width, config.dropout, "gelu", batch_first=True, norm_first=True
        )
        self.encoder = nn.TransformerEncoder(
            layer, config.n_layers, norm=nn.LayerNorm(width), enable_nested_tensor=False
        )
        self.out_proj = nn.Linear(width, t * config.bins)

    def forward(self, tokens: Tensor, mask: Tensor | None = None, places: Tensor | None = None) -> Tensor:
        """float[B,K,D], bool[B,K] true where masked -> predictions float[B,K,t*bins]; see ``latent``."""
        prediction: Tensor = self.out_proj(self.latent(tokens, mask, places))
        return prediction

    def latent(self, tokens: Tensor, mask: Tensor | None = None, places: Tensor | None = None) -> Tensor:
        """float[B,K,D] -> float[B,K,d_model]; masked tokens are replaced, and nothing of them is seen.

        ``places`` int64[B,K] are the tokens' numbers in the clip; without it, they are all tokens in order.
        """
        embedded = self.embed(tokens)
        if mask is not None:
            embedded = torch.where(mask.bool()[..., None], self.mask_token, embedded)
        positions = self.positions if places is None else self.positions[places]
        latent: Tensor = self.encoder(embedded + positions)
        return latent

    def embed(self, tokens: Tensor) -> Tensor:
        """Of every token alone what the first projection gives: float[B,K,D] -> float[B,K,d_model]."""
        embedded: Tensor = self.in_proj(normalise(reduce(tokens, self.t, self.cell), self.t))
        return embedded

    def target(self, tokens: Tensor) -> Tensor:
        """The target of the prediction: float[B,K,D] -> float[B,K,t*bins], without gradient."""
        with torch.no_grad():
            return orientations(reduce(tokens, self.t, self.cell), self.t, self.bins)


def reduce(tokens: Tensor, t: int = 2, cell: int = 10) -> Tensor:
    """Tubelets float[...,t*3*p*p] -> float[...,t*3*cell*cell] by means over squares of p/cell pixels."""
    side = math.isqrt(tokens.shape[-1] // (3 * t))
    if side % cell or tokens.shape[-1] != 3 * t * side * side:
        raise ValueError(f"tokens of {tokens.shape[-1]} elements are not tubelets of {t} frames that reduce to {cell}")
    if side == cell:
        return tokens
    blocks = tokens.reshape(*tokens.shape[:-1], 3 * t, cell, side // cell, cell, side // cell)
    return blocks.mean((-1, -3)).flatten(-3)


def normalise(tokens: Tensor, t: int = 2) -> Tensor:
    """Every tubelet with the mean of each colour taken away, and divided by its own standard deviation."""
    colours = tokens.reshape(*tokens.shape[:-1], t, 3, -1)
    centred = (colours - colours.mean((-1, -3), keepdim=True)).flatten(-3)
    spread: Tensor = (centred.square().mean(-1, keepdim=True) + FLAT).sqrt()
    return centred / spread


def orientations(tokens: Tensor, t: int = 2, bins: int = 12) -> Tensor:
    """Square roots of histograms of edge orientations: float[...,t*3*c*c] -> float[...,t*bins].

    Orientations are those of the luminance's gradient, modulo 180 degrees and weighted by its size; each is shared
    by the two nearest bins.
    """
    side = math.isqrt(tokens.shape[-1] // (3 * t))
    grey = tokens.reshape(*tokens.shape[:-1], t, 3, side, side).mean(-3)
    across = grey[..., 1:-1, 2:] - grey[..., 1:-1, :-2]
    down = grey[..., 2:, 1:-1] - grey[..., :-2, 1:-1]
    size = (across.square() + down.square()).sqrt().flatten(-2)
    angle = (torch.atan2(down, across) / math.pi).remainder(1.0).flatten(-2) * bins
    low = angle.floor()
    histogram = torch.zeros(*size.shape[:-1], bins, dtype=tokens.dtype, device=tokens.device)
    histogram.scatter_add_(-1, low.long() % bins, size * (1 - (angle - low)))
    histogram.scatter_add_(-1, (low.long() + 1) % bins, size * (angle - low))
    roots = (histogram / size.shape[-1]).sqrt().flatten(-2)
    scaled: Tensor = (roots - TARGET_MEAN) / TARGET_STD
    return scaled


def sincos(grid: tuple[int, int, int], width: int) -> Tensor:
    """Positions of the tokens of a clip as sines and cosines: float[N,width]; N and order as in ``tubeletify``."""
    axes = [torch.arange(size, dtype=torch.float32) for size in grid]
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 3)
    waves = torch.arange(1, width // 6 + 1, dtype=torch.float32)
    angles = places[:, :, None] * waves * (math.pi / 2) / torch.tensor(grid, dtype=torch.float32)[:, None]
    table = torch.cat([angles.sin(), angles.cos()], -1).flatten(1)
    return nn.functional.pad(table, (0, width - table.shape[1]))
