"""Tokens as pairs of 64-bit numbers, and a hash index that finds the row of each.

A token of 32 lower-case hexadecimal digits is packed exactly, and so is a text of at most 7 bytes (``""`` and the
``"1"`` to ``"4"`` of visibility); any other text is represented by its BLAKE2 digest of 128 bits.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Tokens: TypeAlias = NDArray[np.uint64]
"""[n, 2]"""
Rows: TypeAlias = NDArray[np.int32]
"""[n]: row in another table, ``NONE`` for the empty token, ``DANGLING`` for one that leads nowhere"""

NONE, DANGLING = -1, -2
SHORT = 0x9E6C63D0876A9A00
"""First number of a packed short text, its length added; the second number is its bytes."""

_HEX = re.compile(r"[0-9a-f]{32}")
_STEP = 1 << 16


def pack(texts: Sequence[str]) -> Tokens:
    """The tokens of texts, one by one."""
    pairs = [_pair(text) for text in texts]
    return np.array(pairs, dtype=np.uint64).reshape(-1, 2)


def _pair(text: str) -> tuple[int, int]:
    data = text.encode()
    if _HEX.fullmatch(text):
        data = bytes.fromhex(text)
    elif len(data) <= 7:
        return SHORT + len(data), int.from_bytes(data, "little")
    else:
        data = hashlib.blake2b(data, digest_size=16).digest()
    return int.from_bytes(data[:8], "little"), int.from_bytes(data[8:], "little")


class TokenIndex:
    """From token to row. ``duplicates`` are the rows whose token an earlier row has, or in which it is empty."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = np.ascontiguousarray(tokens)
        self._wide = self._tokens.view(np.complex128).ravel()  # 16 bytes an item, which is gathered faster than a row
        self._bits = max(4, (2 * len(tokens)).bit_length())
        self._slots = np.full(1 << self._bits, NONE, dtype=np.int32)
        repeated = [self._insert(start, min(start + _STEP, len(tokens))) for start in range(0, len(tokens), _STEP)]
        self.duplicates = np.concatenate(repeated) if repeated else np.empty(0, np.int64)

    def _hash(self, tokens: Tokens) -> NDArray[np.int64]:
        mixed = tokens[:, 1] * np.uint64(0xD6E8FEB86659FD93)
        mixed ^= tokens[:, 0]
        mixed ^= mixed >> np.uint64(32)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        return (mixed >> np.uint64(64 - self._bits)).view(np.int64)

    def _same(self, rows: NDArray[np.int32], tokens: Tokens) -> NDArray[np.bool_]:
        found = self._wide[rows].view(np.uint64).reshape(-1, 2)
        same: NDArray[np.bool_] = (found[:, 0] == tokens[:, 0]) & (found[:, 1] == tokens[:, 1])
        return same

    def _insert(self, start: int, stop: int) -> NDArray[np.int64]:
        """Linear probing, all rows at once; where several want one slot the last written has it. Returns duplicates."""
        rows = np.arange(start, stop, dtype=np.int32)
        tokens = self._tokens[start:stop]
        slots, repeated = self._hash(tokens), _is_empty(tokens)
        duplicates = [rows[repeated]]
        rows, slots = rows[~repeated], slots[~repeated]
        while len(rows):
            free = self._slots[slots] == NONE
            self._slots[slots[free][::-1]] = rows[free][::-1]
            owners = self._slots[slots]
            placed = owners == rows
            repeated = ~placed & self._same(owners, self._tokens[rows])
            duplicates.append(rows[repeated])
            left = ~(placed | repeated)
            rows, slots = rows[left], (slots[left] + 1) & ((1 << self._bits) - 1)
        return np.sort(np.concatenate(duplicates)).astype(np.int64)

    def likely_rows(self, tokens: Tokens, guess: Rows) -> Rows:
        """As :meth:`rows`; a guess (a row, or below 0 for none) that is right spares looking a token up."""
        if len(self.duplicates) or not len(self._tokens):
            return self.rows(tokens)
        found = guess.copy()
        wrong = np.flatnonzero((guess < 0) | ~self._same(np.maximum(guess, 0), tokens))
        found[wrong] = self.rows(tokens[wrong])
        return found

    def rows(self, tokens: Tokens) -> Rows:
        """The row of each token."""
        found: Rows = np.empty(len(tokens), np.int32)
        for start in range(0, len(tokens), _STEP):
            found[start : start + _STEP] = self._rows(tokens[start : start + _STEP])
        return found

    def _rows(self, tokens: Tokens) -> Rows:
        """Where most tokens follow an equal one (a sensor's, a scene's), only the first of each run is looked up."""
        if len(tokens) < 2 or not len(self._tokens):
            return self._look_up(tokens)
        starts = (tokens[1:, 0] != tokens[:-1, 0]) | (tokens[1:, 1] != tokens[:-1, 1])
        heads = np.flatnonzero(starts) + 1
        if 2 * len(heads) > len(tokens):
            return self._look_up(tokens)
        heads = np.concatenate([[0], heads])
        return np.repeat(self._look_up(tokens[heads]), np.diff(heads, append=len(tokens)))

    def _look_up(self, tokens: Tokens) -> Rows:
        if not len(self._tokens):
            return np.where(_is_empty(tokens), np.int32(NONE), np.int32(DANGLING))
        slots = self._hash(tokens)
        owners = self._slots[slots]
        taken = owners != NONE
        same = self._same(owners, tokens) & taken
        found: Rows = np.where(same, owners, np.int32(DANGLING))
        self._probe(np.flatnonzero(taken & ~same), slots, tokens, found)
        found[_is_empty(tokens)] = NONE
        return found

    def _probe(self, places: NDArray[np.int64], slots: NDArray[np.int64], tokens: Tokens, found: Rows) -> None:
        """Look up those whose first slot is another's, in the slots that follow."""
        slots = slots[places]
        while len(places):
            slots = (slots + 1) & ((1 << self._bits) - 1)
            owners = self._slots[slots]
            taken = owners != NONE
            places, slots, owners = places[taken], slots[taken], owners[taken]
            same = self._same(owners, tokens[places])
            found[places[same]] = owners[same]
            places, slots = places[~same], slots[~same]


def _is_empty(tokens: Tokens) -> NDArray[np.bool_]:
    empty: NDArray[np.bool_] = (tokens[:, 0] == np.uint64(SHORT)) & (tokens[:, 1] == 0)
    return empty
