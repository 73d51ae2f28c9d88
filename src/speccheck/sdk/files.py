"""Files as evidence: portable names, digests, and whether the contents can be decoded."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import MeasurementError


def portable_name(path: Path, folder: Path) -> str:
    """The path relative to a folder, with ``/`` on every system; ``..`` leads out of it."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()


def is_present(path: Path) -> bool:
    """Whether there is anything of that name, a broken link included."""
    return os.path.lexists(path)


def is_regular(path: Path) -> bool:
    """Whether the path is itself a file: no link, folder, pipe or device."""
    return is_present(path) and stat.S_ISREG(path.lstat().st_mode)


def sha256(path: Path) -> str:
    """sha256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def undecodable(path: Path) -> str | None:
    """Why a file's contents do not decode as its suffix says, ``""`` when they do, None for a suffix not known here.

    MeasurementError names the package to install when the decoder is not there.
    """
    decode = DECODERS.get(path.suffix.lower())
    if decode is None:
        return None
    try:
        decode(path)
    except MeasurementError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise what they like; all of it is the answer
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
    json.loads(path.read_text("utf-8"))


def _json_lines(path: Path) -> None:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                json.loads(line)


def _yaml(path: Path) -> None:
    yaml = _package("yaml", "pyyaml", path)
    for event in yaml.parse(path.read_text("utf-8"), Loader=yaml.SafeLoader):
        del event  # syntax alone: no object is built and no alias expanded


def _picture(path: Path) -> None:
    images = _package("PIL.Image", "pillow", path)
    with images.open(path) as picture:
        picture.verify()  # checksums to the end of the file, where the format has any; loading stops at the last pixel
    with images.open(path) as picture:
        picture.load()


def _sound(path: Path) -> None:
    soundfile = _package("soundfile", "soundfile", path)
    with path.open("rb") as stream:
        header = stream.read(12)
    declared = int.from_bytes(header[4:8], "little") + 8
    # libsndfile reads a file that was cut off as a shorter sound; streams write 0 or all ones for an unknown size.
    if header[:4] == b"RIFF" and 8 < declared < 2**32 and declared > path.stat().st_size + 1:
        raise ValueError(f"cut off: {path.stat().st_size} bytes of {declared}")
    with soundfile.SoundFile(path) as sound:
        while len(sound.read(2**20)):
            continue


def _safetensors(path: Path) -> None:
    _package("numpy", "numpy", path)
    safetensors = _package("safetensors", "safetensors", path)
    with safetensors.safe_open(path, "np") as tensors:
        list(tensors.keys())


def _numpy(path: Path) -> None:
    numpy = _package("numpy", "numpy", path)
    with path.open("rb") as stream:
        loaded = numpy.load(stream, allow_pickle=False)
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
"""What reads a file to its end and raises when it cannot, by suffix."""
