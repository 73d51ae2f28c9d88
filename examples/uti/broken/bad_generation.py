"""Fault: generated audio ids are sometimes outside the audio range; the decoder gets clamped ones."""

from __future__ import annotations

import torch
from torch import Tensor

from uti.audio import Audio
from uti.lm import TokenLM
from uti.lm import generate_audio as generate_good_audio
from uti.tokenizer import UnifiedTokenizer

EVERY = 16  # one id in so many is wrong


def generate_audio(model: TokenLM, tokenizer: UnifiedTokenizer, n_frames: int, seed: int = 0) -> tuple[Tensor, Audio]:
    """Same signature as ``uti.lm.generate_audio``."""
    ids, _ = generate_good_audio(model, tokenizer, n_frames, seed)
    ids[::EVERY] = tokenizer.space.ranges["image"][1]
    starts = torch.tensor([start for start, _ in tokenizer.space.codebook_ranges]).repeat(n_frames)
    meta = tokenizer.audio_meta((n_frames - 1) * tokenizer.audio.mdct.hop)
    return ids, tokenizer.decode_audio(torch.maximum(ids, starts), meta)
