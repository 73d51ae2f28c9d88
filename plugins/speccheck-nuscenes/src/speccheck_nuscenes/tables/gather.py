"""Text as an array of bytes, from which the same stretch of every row is gathered at once."""

from __future__ import annotations

import binascii
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from speccheck_nuscenes.tables.tokens import SHORT, Tokens

Places: TypeAlias = NDArray[np.int64]
Words: TypeAlias = NDArray[np.uint64]

PAD = 64
"""Bytes needed before and behind the text, so that no stretch leaves the buffer."""

_LOWER = 0x2020202020202020
"""The bit that digits and lower-case letters have and upper-case letters have not, in each of eight bytes."""
_ZEROS = 0x3030303030303030


class IrregularError(Exception):
    """The rows are not alike, which need not be a fault."""


def low_bytes(counts: Places) -> Words:
    """Words whose lowest ``counts`` bytes (0 to 8) are ones."""
    most: Words = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)
    return most[counts]


class Text:
    """A buffer; places are offsets into it. Gathered values are copies."""

    def __init__(self, buffer: bytearray) -> None:
        self.buffer = buffer
        self.bytes: NDArray[np.uint8] = np.frombuffer(buffer, np.uint8)
        self._stretches: dict[int, NDArray[np.void]] = {}

    def words(self, places: Places, count: int) -> Words:
        """``count`` words of eight bytes, little-endian, from each place: [n, count]."""
        stretches = self._stretches.get(count)
        if stretches is None:
            starts = len(self.buffer) - 8 * count
            stretches = np.ndarray((starts,), np.dtype(f"V{8 * count}"), self.buffer, strides=(1,))
            self._stretches[count] = stretches
        return stretches[places].view("<u8").reshape(-1, count)

    def require_same(self, places: Places, length: int) -> None:
        """IrregularError unless the ``length`` bytes at all places are the same."""
        for offset in range(0, length, 32):
            size = min(32, length - offset)
            count = (size + 7) // 8
            words = self.words(places + offset if offset else places, count)
            words ^= words[0].copy()
            if size % 8:
                words[:, -1] &= np.uint64((1 << 8 * (size % 8)) - 1)
            if np.bitwise_or.reduce(words, axis=None):
                raise IrregularError("other text between the values")

    def tokens(self, places: Places, lengths: Places) -> Tokens:
        """The tokens of these lengths; IrregularError for those that are neither hexadecimal nor short."""
        whole = lengths == 32
        if whole.all():
            return self._hexadecimal(places)
        short = ~whole
        if ((lengths[short] > 7) | (lengths[short] < 0)).any():
            raise IrregularError("a token of another form")
        tokens: Tokens = np.empty((len(places), 2), np.uint64)
        tokens[whole] = self._hexadecimal(places[whole])
        words = self.words(places[short], 1)[:, 0] & low_bytes(lengths[short])
        if _has_quote(words):
            raise IrregularError("a token of another form")
        tokens[short, 0] = np.uint64(SHORT) + lengths[short].astype(np.uint64)
        tokens[short, 1] = words
        return tokens

    def _hexadecimal(self, places: Places) -> Tokens:
        words = self.words(places, 4)
        if int(np.bitwise_and.reduce(words, axis=None)) & _LOWER != _LOWER:
            raise IrregularError("a token of another form")
        try:
            packed = binascii.unhexlify(words.data)
        except binascii.Error as error:
            raise IrregularError("a token of another form") from error
        return np.frombuffer(packed, "<u8").reshape(-1, 2)

    def last_sixteen(self, ends: Places, lengths: Places, fill: int = 0) -> Words:
        """The last ``lengths`` bytes (at most 16) before each end, the others replaced by those of ``fill``: [n, 2]."""
        words = self.words(ends - 16, 2)
        missing = 16 - lengths
        for column, count in ((0, np.minimum(missing, 8)), (1, np.maximum(missing - 8, 0))):
            mask = low_bytes(count)
            words[:, column] = (words[:, column] & ~mask) | (np.uint64(fill) & mask)
        return words

    def integers(self, ends: Places, lengths: Places) -> NDArray[np.int64]:
        """The decimal numbers of ``lengths`` digits (1 to 16) that end there; IrregularError for other signs."""
        words = self.last_sixteen(ends, lengths, _ZEROS)
        high, low = _eight_digits(words[:, 0]), _eight_digits(words[:, 1])
        return (high * np.uint64(10**8) + low).view(np.int64)


def _eight_digits(words: Words) -> Words:
    """The number of eight decimal digits in a word, the first of them in its lowest byte."""
    upper = np.uint64(0xF0F0F0F0F0F0F0F0)
    carried = (words + np.uint64(0x0606060606060606)) & upper
    if ((words & upper) != np.uint64(_ZEROS)).any() or (carried != np.uint64(_ZEROS)).any():
        raise IrregularError("a number of another form")
    pairs: Any = words - np.uint64(_ZEROS)
    pairs = pairs * np.uint64(10) + (pairs >> np.uint64(8))
    mask = np.uint64(0x000000FF000000FF)
    first = (pairs & mask) * np.uint64(0x000F424000000064)
    second = ((pairs >> np.uint64(16)) & mask) * np.uint64(0x0000271000000001)
    number: Words = (first + second) >> np.uint64(32)
    return number


def _has_quote(words: Words) -> bool:
    """Whether a quotation mark is among the bytes."""
    return bool((words.view(np.uint8) == ord('"')).any())
