"""Files as evidence: portable names, digests, and whether the contents decode."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import stat
from collections import Counter
from collections.abc import Callable, Mapping, Set
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import MeasurementError
from speccheck.sdk.sounds import cut_off


def portable_name(path: Path, folder: Path) -> str:
    """Return the path relative to a folder, with ``/`` on every system and ``..`` for a file outside it."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def is_present(path: Path) -> bool:
    """Whether anything of that name exists, a broken link included."""
    return os.path.lexists(path)


def is_regular(path: Path) -> bool:
    """Whether the path itself is a file, not a link, folder, pipe or device."""
    return is_present(path) and stat.S_ISREG(path.lstat().st_mode)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def undecodable(path: Path) -> str | None:
    """Decode a file as its suffix demands and return the error, ``""`` on success, None for an unknown suffix.

    MeasurementError names the package to install when the decoder is absent.
    """
    decode = DECODERS.get(path.suffix.lower())
    if decode is None:
        return None
    try:
        decode(path)
    except MeasurementError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise anything, and each error is the answer
        return f"{type(error).__name__}: {error}"
    return ""


def _package(name: str, install: str, path: Path) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MeasurementError(
            f"decoding {path.name} needs {install}: pip install {install}, or decode: none"
        ) from error


def _json(path: Path) -> None:
    _strict(path.read_text("utf-8"))


def _json_lines(path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                _strict(line)


def _strict(text: str) -> None:
    """Read JSON as RFC 8259 has it: Python's reader takes NaN, and keeps the last of two values of one key."""
    json.loads(text, object_pairs_hook=_unique, parse_constant=_constant)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((key, times),) = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"the key {key!r} occurs {times} times")
    return found


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _yaml(path: Path) -> None:
    yaml = _package("yaml", "pyyaml", path)
    for event in yaml.parse(path.read_text("utf-8"), Loader=yaml.SafeLoader):
        del event  # only the syntax: objects are not built, aliases not expanded


_PICTURES: Mapping[str, Set[str]] = {".png": {"PNG"}, ".jpg": {"JPEG", "MPO"}, ".jpeg": {"JPEG", "MPO"}}
_WAVES = frozenset({"WAV", "WAVEX", "RF64"})


def _is_one_of(found: str, wanted: Set[str], path: Path) -> None:
    if found not in wanted:
        raise ValueError(f"a {found} file, by its content, that is named {path.suffix}")


def _picture(path: Path) -> None:
    images = _package("PIL.Image", "pillow", path)
    with images.open(path) as picture:
        _is_one_of(picture.format, _PICTURES[path.suffix.lower()], path)
        picture.verify()  # reads checksums to the end of the file; loading stops at the last pixel
    with images.open(path) as picture:
        picture.load()


def _sound(path: Path) -> None:
    soundfile = _package("soundfile", "soundfile", path)
    lost = cut_off(path)
    if lost:
        raise ValueError(f"cut off: {lost}")
    with soundfile.SoundFile(path) as sound:
        _is_one_of(sound.format, _WAVES, path)
        left = sound.frames
        while found := len(sound.read(2**20)):
            left -= found
    if left > 0:
        raise ValueError(f"cut off: the last {left} frames cannot be read")


def _safetensors(path: Path) -> None:
    _package("numpy", "numpy", path)
    safetensors = _package("safetensors", "safetensors", path)
    with safetensors.safe_open(path, "np") as tensors:
        list(tensors.keys())


def _numpy(path: Path) -> None:
    numpy = _package("numpy", "numpy", path)
    with path.open("rb") as stream:
        loaded = numpy.load(stream, allow_pickle=False)
        _is_one_of("NPZ" if hasattr(loaded, "files") else "NPY", {path.suffix[1:].upper()}, path)
        for name in getattr(loaded, "files", ()):
            loaded[name]


DECODERS: Mapping[str, Callable[[Path], None]] = {
    ".json": _json,
    ".jsonl": _json_lines,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".png": _picture,
    ".jpg": _picture,
    ".jpeg": _picture,
    ".wav": _sound,
    ".safetensors": _safetensors,
    ".npy": _numpy,
    ".npz": _numpy,
}
"""By suffix, the function that reads a file to its end and raises when that fails."""
