"""Typed, frozen configuration, read from YAML."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class TextConfig:
    """Byte-level BPE."""

    weights: Path
    vocab_size: int


@dataclass(frozen=True)
class ImageConfig:
    """Patch VQ; ``proc_size`` is (height, width) and ``patch`` a side, all in pixels."""

    weights: Path
    diffusion_weights: Path
    proc_size: tuple[int, int]
    patch: int
    codebook_size: int


@dataclass(frozen=True)
class AudioConfig:
    """MDCT + residual VQ; ``rate`` in Hz, ``hop`` in samples per frame."""

    weights: Path
    rate: int
    hop: int
    n_codebooks: int
    codebook_size: int


@dataclass(frozen=True)
class LMConfig:
    """Language model and its training; ``max_len`` in tokens."""

    d_model: int
    n_layers: int
    n_heads: int
    max_len: int
    dropout: float
    batch_size: int
    lr: float


@dataclass(frozen=True)
class AssetConfig:
    """Sample inputs the language model is trained on."""

    corpus: Path
    photo: Path
    speech: Path


@dataclass(frozen=True)
class UtiConfig:
    """The whole configuration; every path is already resolved against the YAML's folder."""

    text: TextConfig
    image: ImageConfig
    audio: AudioConfig
    lm: LMConfig
    assets: AssetConfig
    special_tokens: tuple[str, ...]


def load_config(path: str | Path) -> UtiConfig:
    """Read ``path``; unknown or missing keys are errors rather than silent defaults."""
    path = Path(path)
    root = path.resolve().parent
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    try:
        return UtiConfig(
            text=TextConfig(**_resolve(raw["text"], root, "weights")),
            image=_image_config(_resolve(raw["image"], root, "weights", "diffusion_weights")),
            audio=AudioConfig(**_resolve(raw["audio"], root, "weights")),
            lm=LMConfig(**raw["lm"]),
            assets=AssetConfig(**_resolve(raw["assets"], root, "corpus", "photo", "speech")),
            special_tokens=tuple(raw["special_tokens"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: bad configuration: {error}") from error


def _resolve(section: dict[str, Any], root: Path, *keys: str) -> dict[str, Any]:
    """Copy of ``section`` in which the named entries are paths under ``root``."""
    return {name: root / value if name in keys else value for name, value in section.items()}


def _image_config(section: dict[str, Any]) -> ImageConfig:
    height, width = section["proc_size"]
    config = ImageConfig(**{**section, "proc_size": (int(height), int(width))})
    if height % config.patch or width % config.patch:
        raise ValueError(f"image.proc_size {height}x{width} is not a multiple of patch {config.patch}")
    return config
