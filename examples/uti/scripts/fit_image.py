"""Fit weights/image.safetensors and weights/diffusion.safetensors on scikit-learn's two photographs.

Needs scikit-learn.  The rectangle of flower.jpg that became assets/photo.png is left out.

    PYTHONPATH=. python scripts/fit_image.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch
from kmeans import kmeans, make_repeatable
from make_assets import PHOTO_BOX
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image
from torch import Tensor, nn
from torch.nn import functional

from uti.config import load_config
from uti.diffusion import TRAIN_STEPS, Denoiser, signal_power
from uti.image import Refiner, nearest, patchify, unpatchify

ROOT = Path(__file__).resolve().parent.parent
SEED = 0
CROP = 64  # pixels, side of a training crop
SCALES = ((1.0, 1.0), (0.93, 0.7), (0.75, 0.75), (0.6, 0.6))  # height, width
MAX_PATCHES = 60_000


def pictures() -> list[Tensor]:
    """float32[3,H,W] in [0,1]: the photographs without the test rectangle, several scales and all 8 orientations."""
    china, flower = (
        torch.from_numpy(load_sample_image(name).copy()).permute(2, 0, 1).float() / 255
        for name in ("china.jpg", "flower.jpg")
    )
    left, _, right, lower = PHOTO_BOX
    pieces = [china, flower[:, :, :left], flower[:, :, right:], flower[:, lower:, :]]
    scaled = [
        functional.interpolate(piece[None], scale_factor=scale, mode="bilinear", antialias=True)[0].clamp(0, 1)
        for piece in pieces
        for scale in SCALES
    ]
    mirrored = scaled + [piece.flip(2) for piece in scaled]
    upended = mirrored + [piece.flip(1) for piece in mirrored]
    return upended + [piece.transpose(1, 2) for piece in upended]


def crops(images: list[Tensor], n: int, size: int, generator: torch.Generator) -> Tensor:
    """float32[n,3,size,size]: random squares, each image as likely as its number of pixels."""
    images = [image for image in images if min(image.shape[1:]) > size]
    areas = torch.tensor([float(image.shape[1] * image.shape[2]) for image in images])
    out = []
    for index in torch.multinomial(areas, n, replacement=True, generator=generator).tolist():
        image = images[index]
        top = int(torch.randint(image.shape[1] - size, (1,), generator=generator))
        left = int(torch.randint(image.shape[2] - size, (1,), generator=generator))
        out.append(image[:, top : top + size, left : left + size])
    return torch.stack(out)


def fit(model: nn.Module, loss: Callable[[], Tensor], steps: int, name: str) -> None:
    """Minimise ``loss`` with Adam, its rate falling to zero along a cosine."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    total = 0.0
    for step in range(1, steps + 1):
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        total += float(value.detach())
        if step % 100 == 0:
            print(f"{name} step {step}: mean loss {total / 100:.6f}")
            total = 0.0


def blocky(images: Tensor, codebook: Tensor, patch: int) -> Tensor:
    """Codeword patches of a batch: float32[B,3,H,W] -> the same shape."""
    patches = patchify(images, patch)
    codes = nearest(patches.flatten(0, 1), codebook)
    grid = (images.shape[2] // patch, images.shape[3] // patch)
    return unpatchify(codebook[codes].view_as(patches), grid, patch)


def fit_refiner(data: Tensor, codebook: Tensor, patch: int, generator: torch.Generator) -> Refiner:
    """Learn to bring codeword patches closer to the crops ``data``, float32[N,3,CROP,CROP]."""
    refiner = Refiner(patch)

    def loss() -> Tensor:
        batch = data[torch.randint(len(data), (16,), generator=generator)]
        return functional.mse_loss(refiner(blocky(batch, codebook, patch)), batch)

    fit(refiner, loss, 800, "refiner")
    return refiner


def fit_denoiser(target: Tensor, condition: Tensor, scale: float, generator: torch.Generator) -> Denoiser:
    """Learn to find the scaled residual ``target - condition`` under noise of every level."""
    denoiser = Denoiser()

    def loss() -> Tensor:
        index = torch.randint(len(target), (16,), generator=generator)
        clean = (target[index] - condition[index]) / scale
        t = torch.rand(16, generator=generator) * TRAIN_STEPS
        power = signal_power(t)[:, None, None, None]
        noise = torch.randn(clean.shape, generator=generator)
        return functional.mse_loss(
            denoiser(power.sqrt() * clean + (1 - power).sqrt() * noise, condition[index], t), clean
        )

    fit(denoiser, loss, 800, "denoiser")
    return denoiser


def main() -> None:
    """Codebook, then refiner, then denoiser; each depends on those before."""
    make_repeatable(SEED)
    generator = torch.Generator().manual_seed(SEED)
    config = load_config(ROOT / "uti.yaml").image
    images = pictures()
    patches = crops(images, MAX_PATCHES, config.patch, generator).flatten(1)
    codebook = kmeans(patches, config.codebook_size, SEED)
    data = crops(images, 1500, CROP, generator)
    refiner = fit_refiner(data, codebook, config.patch, generator)
    with torch.no_grad():
        condition = torch.cat(
            [refiner(blocky(part, codebook, config.patch)).clamp(0, 1) for part in torch.split(data, 50)]
        )
    scale = float((data - condition).std())
    denoiser = fit_denoiser(data, condition, scale, generator)
    config.weights.parent.mkdir(exist_ok=True)
    refined = {f"refiner.{name}": value for name, value in refiner.state_dict().items()}
    save_file({"codebook": codebook, **refined}, config.weights)
    save_file({"residual_scale": torch.tensor(scale), **denoiser.state_dict()}, config.diffusion_weights)


if __name__ == "__main__":
    main()
