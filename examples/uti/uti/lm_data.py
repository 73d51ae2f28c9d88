"""Training data of the language model: the sample assets as one stream of tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import torch
from PIL import Image
from torch import Tensor

from uti.tokenizer import UnifiedTokenizer


def read_image(path: Path) -> Tensor:
    """float32[3,H,W] in [0,1]."""
    with Image.open(path) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB"))).permute(2, 0, 1).float() / 255


def read_audio(path: Path) -> tuple[Tensor, int]:
    """float32[C,N] in [-1,1] and the rate in Hz."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return torch.from_numpy(samples.T.copy()), int(rate)


def token_stream(tokenizer: UnifiedTokenizer) -> Tensor:
    """int64[N]: the corpus, the photograph and the speech, each between its special tokens."""
    special, assets = tokenizer.space.special, tokenizer.config.assets
    text, _ = tokenizer.encode_text(assets.corpus.read_text(encoding="utf-8"))
    image, _ = tokenizer.encode_image(read_image(assets.photo))
    audio, _ = tokenizer.encode_audio(*read_audio(assets.speech))
    parts = [
        [special["bos"], *text, special["eos"]],
        [special["bos"], special["boi"], *image.tolist(), special["eoi"], special["eos"]],
        [special["bos"], special["boa"], *audio.tolist(), special["eoa"], special["eos"]],
    ]
    return torch.tensor([token for part in parts for token in part])


def windows(stream: Tensor, length: int) -> Tensor:
    """int64[N] -> int64[N // length, length]; the incomplete end is dropped."""
    count = len(stream) // length
    return stream[: count * length].view(count, length)
