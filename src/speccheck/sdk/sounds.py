"""Sound files that were cut off, found by the sizes that they declare: libsndfile reads one as a shorter sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

_UNKNOWN = (0, 2**32 - 1)
"""The sizes that a stream writes before its end is known."""

_LAST_PAGES = 2**17
_OGG_HEADER = 27
_OGG_END = 4


def cut_off(path: Path) -> str:
    """Return how much of a WAV, AIFF, AU or Ogg file is lost (``50 bytes of 100``), '' for a whole one.

    A file of another format, or one that does not declare its size, counts as whole.
    """
    with path.open("rb") as stream:
        head = stream.read(64)
        size = stream.seek(0, 2)
        declare = _DECLARED.get(head[:4])
        declared = 0 if declare is None else declare(head)
        if declared > size + 1:  # some writers leave out the last byte, which only pads
            return f"{size} bytes of {declared}"
        if head[:4] != b"OggS":
            return ""
        stream.seek(max(0, size - _LAST_PAGES))
        return "" if _ends(stream.read()) else f"{size} bytes, without the last page"


def _chunk(head: bytes, order: Literal["little", "big"]) -> int:
    size = int.from_bytes(head[4:8], order)
    return 0 if size in _UNKNOWN else size + 8


def _rf64(head: bytes) -> int:
    return int.from_bytes(head[20:28], "little") + 8 if head[12:16] == b"ds64" else 0


def _au(head: bytes) -> int:
    size = int.from_bytes(head[8:12], "big")
    return 0 if size in _UNKNOWN else size + int.from_bytes(head[4:8], "big")


_DECLARED: Mapping[bytes, Callable[[bytes], int]] = {
    b"RIFF": lambda head: _chunk(head, "little"),
    b"FORM": lambda head: _chunk(head, "big"),
    b"RF64": _rf64,
    b".snd": _au,
}


def _ends(tail: bytes) -> bool:
    """Whether the last page of an Ogg file is whole and marked as the last of its stream."""
    at = tail.rfind(b"OggS")
    page = tail[at:]
    if at < 0 or len(page) < _OGG_HEADER:
        return False
    segments = page[_OGG_HEADER - 1]
    sizes = page[_OGG_HEADER : _OGG_HEADER + segments]
    whole = len(sizes) == segments and len(page) >= _OGG_HEADER + segments + sum(sizes)
    return whole and bool(page[5] & _OGG_END)
