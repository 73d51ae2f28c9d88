"""UnifiedTokenizer: text, images and audio to ids of one token space, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from uti.audio import Audio, AudioCodec
from uti.config import UtiConfig, load_config
from uti.diffusion import DiffusionDecoder
from uti.image import ImageTokenizer
from uti.text import TextTokenizer
from uti.token_space import TokenSpace

DECODE_MODES = ("deterministic", "diffusion")


class UnifiedTokenizer:
    """Every id taken or returned is global, that is, in ``space``; every ``meta`` is plain data."""

    def __init__(self, config: UtiConfig, decode_mode: str = "deterministic") -> None:
        if decode_mode not in DECODE_MODES:
            raise ValueError(f"decode_mode is {decode_mode!r}, expected one of {', '.join(DECODE_MODES)}")
        self.config = config
        self.decode_mode = decode_mode
        self.text = TextTokenizer(config.text.weights)
        self.image = ImageTokenizer(config.image.weights, config.image.proc_size, config.image.patch)
        self.audio = AudioCodec(config.audio.weights, config.audio.rate, config.audio.hop)
        self._diffusion = DiffusionDecoder(config.image.diffusion_weights) if decode_mode == "diffusion" else None
        self._check_sizes()
        self.space = self._build_space()

    @classmethod
    def from_config(cls, config: str | Path, decode_mode: str = "deterministic") -> Self:
        """Load from a YAML file; weights are found relative to it."""
        return cls(load_config(config), decode_mode)

    def runtime_sizes(self) -> dict[str, int]:
        """Sizes counted in the loaded weights, not read from the configuration."""
        return {
            "text": self.text.vocab_size,
            "image": self.image.codebook_size,
            "audio_codebooks": self.audio.n_codebooks,
            "audio_codebook": self.audio.codebook_size,
        }

    def _build_space(self) -> TokenSpace:
        """The token space of the configured sizes, which ``_check_sizes`` found in the weights too."""
        config = self.config
        return TokenSpace.build(
            config.special_tokens,
            config.text.vocab_size,
            config.image.codebook_size,
            config.audio.n_codebooks,
            config.audio.codebook_size,
        )

    def _check_sizes(self) -> None:
        """Raise ValueError where the configuration and the weights disagree."""
        config = self.config
        pairs = {
            "text.vocab_size": (config.text.vocab_size, self.text.vocab_size),
            "image.codebook_size": (config.image.codebook_size, self.image.codebook_size),
            "audio.n_codebooks": (config.audio.n_codebooks, self.audio.n_codebooks),
            "audio.codebook_size": (config.audio.codebook_size, self.audio.codebook_size),
        }
        for name, (configured, loaded) in pairs.items():
            if configured != loaded:
                raise ValueError(f"{name} is {configured} in the configuration but {loaded} in the weights")

    # Text

    def encode_text(self, text: str) -> tuple[list[int], dict[str, Any]]:
        """Global ids of ``text``, and the number of them."""
        start = self.space.ranges["text"][0]
        ids = [start + code for code in self.text.encode(text)]
        return ids, {"n_tokens": len(ids)}

    def decode_text(self, ids: Sequence[int], meta: Mapping[str, Any] | None = None) -> str:
        """Inverse of ``encode_text``; ``meta`` is not needed."""
        return self.text.decode(self._local(torch.as_tensor(ids, dtype=torch.int64), "text").tolist())

    # Image

    def process_image(self, pixels: Tensor) -> Tensor:
        """float32[3,H,W] in [0,1] -> float32[3,*proc_size]: what a decoded image is to be compared with."""
        return self.image.process(pixels)

    def encode_image(self, pixels: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """float32[3,H,W] in [0,1] -> int64[rows*columns], patches in row-major order."""
        ids = self.image.encode(pixels) + self.space.ranges["image"][0]
        meta = {"grid": list(self.image.grid), "proc_size": list(self.image.proc_size), "n_tokens": len(ids)}
        return ids, meta

    def decode_image(self, ids: Tensor, meta: Mapping[str, Any], generator: torch.Generator | None = None) -> Tensor:
        """int64[rows*columns] -> float32[3,*proc_size] in [0,1].

        Only the diffusion mode draws from ``generator``; without one it draws from a fresh
        generator seeded with 0, so that the global random state is never involved.
        """
        if tuple(meta["grid"]) != self.image.grid or len(ids) != self.image.grid[0] * self.image.grid[1]:
            raise ValueError(f"{len(ids)} ids and grid {meta['grid']} do not make a grid of {list(self.image.grid)}")
        picture = self.image.decode(self._local(ids, "image"))
        if self._diffusion is None:
            return picture
        return self._diffusion.sample(picture, generator or torch.Generator().manual_seed(0))

    # Audio

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """float32[C,N] or [N] -> int64[n_frames*n_codebooks]; position i is frame i//n_codebooks.

        Channels are averaged; ``channels`` in the meta is the number coded, which is always 1.
        """
        mono = self.audio.mono(samples, rate)
        codes = self.audio.encode(mono)
        meta = self.audio_meta(len(mono))
        return (codes + self._codebook_starts()).flatten(), meta

    def audio_meta(self, n_samples: int) -> dict[str, Any]:
        """The meta of ``n_samples`` samples of sound."""
        return {
            "rate": self.audio.rate,
            "channels": 1,
            "n_samples": n_samples,
            "n_frames": self.audio.mdct.n_frames(n_samples),
            "n_codebooks": self.audio.n_codebooks,
        }

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """int64[n_frames*n_codebooks] -> the sound; ``stages`` drops all but the first codebooks."""
        codes = ids.reshape(-1, self.audio.n_codebooks) - self._codebook_starts()
        if int(codes.min()) < 0 or int(codes.max()) >= self.audio.codebook_size:
            raise ValueError("audio ids are outside the range of the codebook of their position")
        samples = self.audio.decode(codes, int(meta["n_samples"]), stages)
        return Audio(samples[None], self.audio.rate)

    def _codebook_starts(self) -> Tensor:
        """int64[n_codebooks]: first global id of each codebook."""
        return torch.tensor([start for start, _ in self.space.codebook_ranges])

    def _local(self, ids: Tensor, name: str) -> Tensor:
        """Global ids to codes counted from the start of the range ``name``."""
        start, end = self.space.ranges[name]
        if ids.numel() and not (start <= int(ids.min()) and int(ids.max()) <= end):
            raise ValueError(f"{name} ids must be in [{start}, {end}]")
        return ids - start
