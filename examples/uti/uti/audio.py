"""Audio tokens: MDCT frames coded by residual vector quantisation."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.nn import functional

from uti.image import nearest


class Audio(NamedTuple):
    """Sound as float32[1,N] samples, nominally in [-1,1], and its rate in Hz."""

    samples: Tensor
    rate: int


class Mdct:
    """Orthonormal lapped transform with a sine window (Princen & Bradley 1986).

    ``synthesis(analysis(x))`` is ``x`` up to rounding, because the windowed basis is orthonormal
    across overlapping frames.
    """

    def __init__(self, hop: int) -> None:
        self.hop = hop
        n = torch.arange(2 * hop, dtype=torch.float64)[:, None]
        k = torch.arange(hop, dtype=torch.float64)[None, :]
        window = torch.sin(math.pi / (2 * hop) * (n + 0.5))
        cosine = torch.cos(math.pi / hop * (n + 0.5 + hop / 2) * (k + 0.5))
        self.basis = (window * cosine * math.sqrt(2 / hop)).float()  # float32[2*hop, hop]

    def n_frames(self, n_samples: int) -> int:
        """Frames that cover ``n_samples``; the first and last reach ``hop`` or more beyond the ends."""
        return -(-n_samples // self.hop) + 1

    def analysis(self, samples: Tensor) -> Tensor:
        """float32[N] -> float32[n_frames, hop] coefficients."""
        frames = self.n_frames(len(samples))
        padded = functional.pad(samples, (self.hop, frames * self.hop - len(samples)))
        return padded.unfold(0, 2 * self.hop, self.hop) @ self.basis

    def synthesis(self, coefficients: Tensor, n_samples: int) -> Tensor:
        """float32[n_frames, hop] -> float32[n_samples]."""
        pieces = coefficients @ self.basis.T
        total = torch.zeros(len(pieces) + 1, self.hop)
        total[:-1] += pieces[:, : self.hop]
        total[1:] += pieces[:, self.hop :]
        return total.flatten()[self.hop : self.hop + n_samples]


def quantise(vectors: Tensor, codebooks: Tensor) -> Tensor:
    """Greedy residual VQ: float32[F,D], float32[S,K,D] -> int64[F,S]; stage s codes what s-1 left over."""
    residual = vectors
    codes = []
    for codebook in codebooks:
        codes.append(nearest(residual, codebook))
        residual = residual - codebook[codes[-1]]
    return torch.stack(codes, 1)


class AudioCodec:
    """Mono samples at one rate to local codes ``0..codebook_size-1`` in each codebook, and back."""

    def __init__(self, weights: Path, rate: int, hop: int) -> None:
        self.codebooks = load_file(weights)["codebooks"]  # float32[n_codebooks, K, hop]
        if self.codebooks.shape[2] != hop:
            raise ValueError(f"audio weights are for a hop of {self.codebooks.shape[2]} samples, not {hop}")
        self.rate = rate
        self.mdct = Mdct(hop)

    @property
    def n_codebooks(self) -> int:
        """Number of residual stages in the loaded weights."""
        return int(self.codebooks.shape[0])

    @property
    def codebook_size(self) -> int:
        """Number of codewords of each stage in the loaded weights."""
        return int(self.codebooks.shape[1])

    def mono(self, samples: Tensor, rate: int) -> Tensor:
        """float32[C,N] or [N] at ``rate`` Hz -> float32[N]; another rate is refused, never resampled."""
        if rate != self.rate:
            raise ValueError(f"audio is at {rate} Hz but the codec works at {self.rate} Hz; resample it first")
        if samples.ndim not in (1, 2) or samples.numel() == 0:
            raise ValueError(f"expected samples of shape [N] or [C,N], not empty; got {list(samples.shape)}")
        if samples.dtype != torch.float32:
            raise ValueError(f"expected float32 samples in [-1,1], got {samples.dtype}")
        return samples if samples.ndim == 1 else samples.mean(0)

    @torch.no_grad()
    def encode(self, samples: Tensor) -> Tensor:
        """float32[N] -> int64[n_frames, n_codebooks]."""
        return quantise(self.mdct.analysis(samples), self.codebooks)

    @torch.no_grad()
    def decode(self, codes: Tensor, n_samples: int, stages: int | None = None) -> Tensor:
        """int64[n_frames, n_codebooks] -> float32[n_samples], using only the first ``stages`` codebooks if given."""
        if len(codes) != self.mdct.n_frames(n_samples):
            raise ValueError(f"{len(codes)} frames do not make {n_samples} samples")
        used = self.n_codebooks if stages is None else stages
        coefficients = torch.zeros(len(codes), self.mdct.hop)
        for stage in range(used):
            coefficients += self.codebooks[stage][codes[:, stage]]
        return self.mdct.synthesis(coefficients, n_samples).clamp(-1.0, 1.0)
