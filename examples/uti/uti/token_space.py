"""The one integer space that all three modalities share.

Layout, in order: special tokens, text, image, audio codebook 0, 1, ...  Every range is a pair
``[start, end]`` whose end is INCLUSIVE.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True)
class TokenSpace:
    """Where each kind of token lives; immutable, and checked when it is made."""

    special: Mapping[str, int]
    ranges: Mapping[str, list[int]]
    codebook_ranges: list[list[int]]
    size: int

    def __post_init__(self) -> None:
        self.validate()

    @classmethod
    def build(
        cls, special: Sequence[str], text_size: int, image_size: int, n_codebooks: int, codebook_size: int
    ) -> TokenSpace:
        """Lay the ranges out one after another; all sizes are numbers of ids."""
        text = len(special)
        image = text + text_size
        audio = image + image_size
        size = audio + n_codebooks * codebook_size
        starts = [audio + index * codebook_size for index in range(n_codebooks)]
        return cls(
            special=MappingProxyType({name: index for index, name in enumerate(special)}),
            ranges=MappingProxyType(
                {"text": [text, image - 1], "image": [image, audio - 1], "audio": [audio, size - 1]}
            ),
            codebook_ranges=[[start, start + codebook_size - 1] for start in starts],
            size=size,
        )

    @property
    def blocks(self) -> dict[str, list[int]]:
        """``ranges`` and the block of special tokens: together they tile ``[0, size)``."""
        return {"special": [min(self.special.values()), max(self.special.values())], **self.ranges}

    def validate(self) -> None:
        """Raise ValueError unless blocks tile ``[0, size)`` and codebooks tile the audio range."""
        if sorted(self.special.values()) != list(range(len(self.special))):
            raise ValueError(f"special tokens are not numbered 0..{len(self.special) - 1}: {dict(self.special)}")
        _check_tiling(self.blocks, 0, self.size - 1)
        named = {f"audio_{index}": pair for index, pair in enumerate(self.codebook_ranges)}
        _check_tiling(named, *self.ranges["audio"])

    def as_dict(self) -> dict[str, Any]:
        """Plain data, enough to rebuild the space."""
        return {
            "codebook_ranges": {f"audio_{index}": list(pair) for index, pair in enumerate(self.codebook_ranges)},
            "ranges": {name: list(pair) for name, pair in self.ranges.items()},
            "size": self.size,
            "special": dict(self.special),
        }

    def to_json(self) -> str:
        """Sorted keys and a fixed layout, so that equal spaces give equal bytes."""
        return json.dumps(self.as_dict(), sort_keys=True, indent=2) + "\n"

    def sha256(self) -> str:
        """Hex digest of ``to_json`` in UTF-8."""
        return hashlib.sha256(self.to_json().encode("utf-8")).hexdigest()

    def save(self, path: str | Path) -> None:
        """Write the JSON to ``path`` and its digest to the same name ending in ``.sha256``."""
        path = Path(path)
        path.write_text(self.to_json(), encoding="utf-8")
        path.with_suffix(".sha256").write_text(self.sha256() + "\n", encoding="utf-8")


def _check_tiling(blocks: Mapping[str, list[int]], first: int, last: int) -> None:
    """Raise ValueError unless the blocks cover first..last once each, without gaps."""
    expected = first
    for name, (start, end) in sorted(blocks.items(), key=lambda item: item[1][0]):
        if start != expected or end < start:
            raise ValueError(f"token range {name} is [{start}, {end}], expected it to start at {expected}")
        expected = end + 1
    if expected != last + 1:
        raise ValueError(f"token ranges end at {expected - 1}, expected {last}")
