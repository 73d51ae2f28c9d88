"""Byte-level BPE (Sennrich et al. 2016; byte alphabet as in GPT-2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer


class TextTokenizer:
    """Text to local ids ``0..vocab_size-1`` and back; exact for every valid Unicode string."""

    def __init__(self, weights: Path) -> None:
        self._bpe = Tokenizer.from_file(str(weights))

    @property
    def vocab_size(self) -> int:
        """Number of ids, counted in the loaded vocabulary."""
        return int(self._bpe.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        """Local ids of ``text``; every byte is in the vocabulary, so nothing is ever unknown."""
        return list(self._bpe.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of local ids; bytes that are not UTF-8 (a cut sequence) become U+FFFD."""
        return str(self._bpe.decode(list(ids), skip_special_tokens=False))
