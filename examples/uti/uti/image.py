"""Image tokens: vector-quantised RGB patches, and a small convolutional refinement of the decoded picture."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional


def patchify(pixels: Tensor, patch: int) -> Tensor:
    """float[B,3,H,W] -> float[B, H/patch * W/patch, 3*patch*patch], patches in row-major order."""
    return functional.unfold(pixels, kernel_size=patch, stride=patch).transpose(1, 2)


def unpatchify(patches: Tensor, grid: tuple[int, int], patch: int) -> Tensor:
    """Inverse of ``patchify`` for a (rows, columns) grid of patches."""
    size = (grid[0] * patch, grid[1] * patch)
    return functional.fold(patches.transpose(1, 2), size, kernel_size=patch, stride=patch)


def nearest(vectors: Tensor, codebook: Tensor) -> Tensor:
    """Index of the closest codeword (Euclidean): float[N,D], float[K,D] -> int64[N]."""
    # |v|^2 is the same for every codeword, so it is left out of the comparison.
    return (codebook.square().sum(1) - 2.0 * vectors @ codebook.T).argmin(1)


class Refiner(nn.Module):
    """Adds a learned correction to a picture made of codeword patches (it mostly removes block edges)."""

    def __init__(self, patch: int, width: int = 24) -> None:
        super().__init__()
        self.patch = patch
        self.layers = nn.Sequential(
            nn.Conv2d(5, width, 5, padding=2),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(width, 3, 5, padding=2),
        )

    def forward(self, blocky: Tensor) -> Tensor:
        """float[B,3,H,W] -> float[B,3,H,W], both nominally in [0,1]."""
        height, width = blocky.shape[-2:]
        # The position inside the patch shows the network where the block edges are.
        rows = (torch.arange(height) % self.patch / self.patch - 0.5).view(1, 1, -1, 1)
        columns = (torch.arange(width) % self.patch / self.patch - 0.5).view(1, 1, 1, -1)
        phase = torch.cat(
            [rows.expand(len(blocky), 1, height, width), columns.expand(len(blocky), 1, height, width)], 1
        )
        correction: Tensor = self.layers(torch.cat([blocky - 0.5, phase], 1))
        return blocky + correction


class ImageTokenizer:
    """Pixels to local ids ``0..codebook_size-1``, one for each patch, and back."""

    def __init__(self, weights: Path, proc_size: tuple[int, int], patch: int) -> None:
        state = load_file(weights)
        self.codebook = state.pop("codebook")  # float32[K, 3*patch*patch]
        self.proc_size = proc_size
        self.patch = patch
        self.refiner = Refiner(patch)
        self.refiner.load_state_dict({name.removeprefix("refiner."): value for name, value in state.items()})
        self.refiner.eval()

    @property
    def codebook_size(self) -> int:
        """Number of codewords in the loaded weights."""
        return int(self.codebook.shape[0])

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of patches."""
        return self.proc_size[0] // self.patch, self.proc_size[1] // self.patch

    def process(self, pixels: Tensor) -> Tensor:
        """Resize float32[3,H,W] in [0,1] to ``proc_size``; a picture of that size passes unchanged."""
        if pixels.ndim != 3 or pixels.shape[0] != 3:
            raise ValueError(f"expected an image of shape [3,H,W], got {list(pixels.shape)}")
        if pixels.dtype != torch.float32:
            raise ValueError(f"expected float32 pixels in [0,1], got {pixels.dtype}")
        if tuple(pixels.shape[1:]) != self.proc_size:
            batch = functional.interpolate(
                pixels[None], self.proc_size, mode="bilinear", align_corners=False, antialias=True
            )
            pixels = batch[0]
        return pixels.clamp(0.0, 1.0)

    @torch.no_grad()
    def encode(self, pixels: Tensor) -> Tensor:
        """float32[3,H,W] -> int64[rows*columns]."""
        return nearest(patchify(self.process(pixels)[None], self.patch)[0], self.codebook)

    @torch.no_grad()
    def decode_patches(self, codes: Tensor) -> Tensor:
        """int64[rows*columns] -> float32[3,H,W]: the codewords side by side, unrefined."""
        return unpatchify(self.codebook[codes][None], self.grid, self.patch)[0].clamp(0.0, 1.0)

    @torch.no_grad()
    def decode(self, codes: Tensor) -> Tensor:
        """int64[rows*columns] -> float32[3,H,W] in [0,1], refined."""
        refined: Tensor = self.refiner(self.decode_patches(codes)[None])
        return refined[0].clamp(0.0, 1.0)
