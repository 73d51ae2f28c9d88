"""The files that the tables name: there, of the size in the record, and decodable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from speccheck_nuscenes.tables.database import Database
from speccheck_nuscenes.tables.ledger import Ledger
from speccheck_nuscenes.tables.pieces import TableFile, decode_rows

PICTURES = (".jpg", ".jpeg", ".png")
POINT_BYTES = 20
"""A point of a .pcd.bin file is five float32: x, y, z, intensity, ring."""


class FileCounts(NamedTuple):
    """Files looked for, pictures whose size was read, files decoded."""

    checked: int
    sized: int
    decoded: int


class _Row(msgspec.Struct, gc=False):
    filename: str
    calibrated_sensor_token: str
    width: int = 0
    height: int = 0


class _Map(msgspec.Struct, gc=False):
    filename: str


class _Folders:
    """Which files of each folder hold anything: a folder is listed once, not asked about each file."""

    def __init__(self, dataroot: Path) -> None:
        self._dataroot = dataroot
        self._names: dict[str, set[str]] = {}

    def holds(self, filename: str) -> bool:
        folder, _, name = filename.rpartition("/")
        if folder not in self._names:
            self._names[folder] = set(self._listed(self._dataroot / folder))
        return name in self._names[folder] and (self._dataroot / filename).stat().st_size > 0

    @staticmethod
    def _listed(folder: Path) -> Iterator[str]:
        try:
            with os.scandir(folder) as entries:
                yield from (entry.name for entry in entries if entry.is_file())
        except OSError:
            return


def check_files(
    database: Database,
    dataroot: Path,
    ledger: Ledger,
    depth: str,
    channels: Sequence[str],
    progress: Callable[[str], None],
) -> FileCounts:
    """Look at the files of the maps and of the channels, all when none is named; ``depth`` is exist, size or decode."""
    if not database.has("sample_data", "map", "calibrated_sensor", "sensor"):
        ledger.unknown |= {"missing_files", "wrong_sizes", "undecodable_files"}
    folders = _Folders(dataroot)
    checked = sized = decoded = 0
    for table, number, row in _named(database, channels):
        if checked % 10_000 == 0 and checked:
            progress(f"{checked} files looked at")
        checked += 1
        ledger.looked("missing_files", 1)
        if not folders.holds(row.filename):
            ledger.found("missing_files", table, [number], f"{row.filename} is not there or is empty")
            continue
        if depth == "exist":
            continue
        size, fault = _opened(dataroot / row.filename, decode=depth == "decode")
        if fault is not None and table == "sample_data" and row.filename.lower().endswith(PICTURES):
            sized += 1
            ledger.looked("wrong_sizes", 1)
            if size != (row.width, row.height):
                seen = f"{size[0]} x {size[1]} pixels" if size else "no size that can be read"
                ledger.found("wrong_sizes", table, [number], f"{seen}, {row.width} x {row.height} in the record")
        if depth == "decode" and fault is not None:
            decoded += 1
            ledger.looked("undecodable_files", 1)
            ledger.found("undecodable_files", table, [number] if fault else [], fault)
    return FileCounts(checked, sized, decoded)


def _named(database: Database, channels: Sequence[str]) -> Iterator[tuple[str, int, Any]]:
    """Table, number and row of every file to look at."""
    if database.has("map"):
        yield from (("map", number, row) for number, row in _rows(database, "map", _Map))
    if not database.has("sample_data"):
        return
    wanted = _calibrations(database, channels)
    for number, row in _rows(database, "sample_data", _Row):
        if wanted is None or row.calibrated_sensor_token in wanted:
            yield "sample_data", number, row


def _calibrations(database: Database, channels: Sequence[str]) -> set[str] | None:
    """Tokens of the calibrated sensors of the channels; None for all."""
    if not channels:
        return None
    if not database.has("calibrated_sensor", "sensor"):
        return set()
    names = database.tables["sensor"]["channel"]
    sensors = database.tables["calibrated_sensor"]["sensor_token"]
    file = database.tables["calibrated_sensor"].file
    return {file.row(row)["token"] for row, sensor in enumerate(sensors) if sensor >= 0 and names[sensor] in channels}


def _rows(database: Database, table: str, kind: type[Any]) -> Iterable[tuple[int, Any]]:
    file = database.tables[table].file
    number = 0
    for rows in decode_rows(TableFile(file.path, file.label), kind):
        for row in rows:
            yield number, row
            number += 1


def _opened(path: Path, *, decode: bool) -> tuple[tuple[int, int] | None, str | None]:
    """Width and height of a picture, and why the file cannot be decoded: "" when it can, None when that is unknown."""
    name = path.name.lower()
    if name.endswith(PICTURES):
        return _picture(path, decode=decode)
    if name.endswith(".pcd.bin") and decode:
        odd = path.stat().st_size % POINT_BYTES
        return None, f"{path.name} breaks off {odd} bytes into a point" if odd else ""
    return None, None


def _picture(path: Path, *, decode: bool) -> tuple[tuple[int, int] | None, str]:
    from PIL import Image

    size: tuple[int, int] | None = None
    try:
        with Image.open(path) as picture:
            size = picture.size
            if decode:
                picture.load()
    except Exception as error:  # noqa: BLE001 - decoders raise what they like; all of it is the answer
        return size, f"{path.name}: {type(error).__name__}: {error}"
    return size, ""
