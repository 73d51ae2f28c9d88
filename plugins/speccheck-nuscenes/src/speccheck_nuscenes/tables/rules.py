"""The rules of the tables: tokens, links, chains and keyframes. Each counts its violations, and judges nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speccheck_nuscenes.tables.database import Database
from speccheck_nuscenes.tables.ledger import Ledger, unique_rows
from speccheck_nuscenes.tables.schema import TABLES
from speccheck_nuscenes.tables.tokens import DANGLING, NONE
from speccheck_nuscenes.tables.values import NAMED_IN_TIME, UNDER_SAMPLES

Index = NDArray[Any]


def tokens(database: Database, ledger: Ledger) -> None:
    """Duplicate and dangling tokens of the tables that are there; unknown unless all are."""
    if not database.has(*TABLES):
        ledger.unknown |= {"duplicate_tokens", "dangling_tokens"}
    for name, table in database.tables.items():
        ledger.looked("duplicate_tokens", table.rows)
        ledger.found("duplicate_tokens", name, table.duplicates, "its token is an earlier row's, or empty")
        for column in TABLES[name]:
            if not column.target or (name, column.name) in database.unresolved:
                continue
            ledger.looked("dangling_tokens", table.rows)
            value = table[column.name]
            owners, found = value if isinstance(value, tuple) else (None, value)
            wrong = np.flatnonzero((found == DANGLING) | (found == NONE) & (not column.empty))
            rows = wrong if owners is None else owners[wrong]
            ledger.found("dangling_tokens", name, rows, f"{column.name} leads to no {column.target}")


def _pairs(database: Database, name: str) -> tuple[Index, Index]:
    """Rows that follow each other: by next, and by a prev that no next mirrors."""
    table = database.tables[name]
    kept = unique_rows(table.duplicates, table.rows)
    before = np.flatnonzero((table["next"] >= 0) & kept)
    after = np.flatnonzero((table["prev"] >= 0) & kept)
    lone = after[table["next"][table["prev"][after]] != after]
    return np.concatenate([before, table["prev"][lone]]), np.concatenate([table["next"][before], lone])


def symmetry(name: str) -> Callable[[Database, Ledger], None]:
    """The rule that ``next`` and ``prev`` of a table's rows name each other."""

    def apply(database: Database, ledger: Ledger) -> None:
        table = database.tables[name]
        kept = unique_rows(table.duplicates, table.rows)
        ledger.looked("asymmetric_links", table.rows)
        for link, back in (("next", "prev"), ("prev", "next")):
            rows = np.flatnonzero((table[link] >= 0) & kept)
            returned = table[back][table[link][rows]]
            wrong = rows[(returned != rows) & (returned != DANGLING)]
            ledger.found("asymmetric_links", name, wrong, f"the {back} of its {link} is another row")

    return apply


def chains(name: str, group: Callable[[Database], Index], of: str) -> Callable[[Database, Ledger], None]:
    """Each group's rows are one chain. A row without group, or linked into another, is counted elsewhere."""

    def apply(database: Database, ledger: Ledger) -> None:
        table = database.tables[name]
        groups = group(database)
        kept = unique_rows(table.duplicates, table.rows) & (groups >= 0)
        ledger.looked("broken_chains", int(kept.sum()))
        rows = np.flatnonzero(kept)
        size = int(groups.max(initial=-1)) + 1
        prev = table["prev"][rows]
        heads = np.bincount(groups[rows[prev == NONE]], minlength=size)
        entering = rows[(prev != NONE) & (through(prev, groups) != groups[rows])]
        entered = np.bincount(groups[entering], minlength=size)
        first = np.full(size, -1)
        first[groups[rows][::-1]] = rows[::-1]
        broken = np.flatnonzero((first >= 0) & ((heads > 1) | (heads + entered == 0)))
        details = [f"its {of} has {heads[item]} rows without prev" for item in broken[: ledger.most]]
        ledger.found("broken_chains", name, first[broken], details)

    return apply


def times(name: str) -> Callable[[Database, Ledger], None]:
    """The rule that timestamps (µs) rise strictly from each row of a table to its next."""

    def apply(database: Database, ledger: Ledger) -> None:
        table = database.tables[name]
        before, after = _pairs(database, name)
        elapsed = table["timestamp"][after] - table["timestamp"][before]
        for kind, wrong in (("timestamps_repeated", elapsed == 0), ("timestamps_backward", elapsed < 0)):
            ledger.looked(kind, table.rows)
            details = [f"{gap} µs after the row before it" for gap in elapsed[wrong][: ledger.most]]
            ledger.found(kind, name, after[wrong], details)

    return apply


def within(kind: str, name: str, group: Callable[[Database], Index], of: str) -> Callable[[Database, Ledger], None]:
    """Rows that follow each other are of one group."""

    def apply(database: Database, ledger: Ledger) -> None:
        groups = group(database)
        before, after = _pairs(database, name)
        wrong = (groups[before] != groups[after]) & (groups[before] >= 0) & (groups[after] >= 0)
        ledger.looked(kind, len(groups))
        ledger.found(kind, name, before[wrong], f"the row that follows it is of another {of}")

    return apply


def samples_forward(database: Database, ledger: Ledger) -> None:
    """The samples of a sensor's records, followed by ``next``, do not go back in time."""
    sample_of = database.tables["sample_data"]["sample_token"]
    times = database.tables["sample"]["timestamp"]
    before, after = _pairs(database, "sample_data")
    both = (sample_of[before] >= 0) & (sample_of[after] >= 0)
    before, after = before[both], after[both]
    wrong = times[sample_of[after]] < times[sample_of[before]]
    ledger.looked("samples_backward", len(sample_of))
    ledger.found("samples_backward", "sample_data", after[wrong], "its sample is earlier than that of the row before")


def paths(database: Database, ledger: Ledger) -> None:
    """Keyframes are under samples/ and nothing else is; a filename holds the timestamp of its record."""
    table = database.tables["sample_data"]
    under = (table["filename"] & UNDER_SAMPLES) != 0
    key = table["is_key_frame"]
    named = (table["filename"] & NAMED_IN_TIME) != 0
    for kind, wrong, detail in (
        ("keyframes_outside_samples", key & ~under, "a keyframe that is not under samples/"),
        ("samples_not_keyframe", ~key & under, "under samples/ and no keyframe"),
        ("filename_timestamps", ~named, "the timestamp in its filename is absent or another"),
    ):
        ledger.looked(kind, table.rows)
        ledger.found(kind, "sample_data", np.flatnonzero(wrong), detail)


def ends(kind: str, name: str, member: str, columns: tuple[str, str, str, str]) -> Callable[[Database, Ledger], None]:
    """The first and last member belong to the owner, which has as many as it states."""

    def apply(database: Database, ledger: Ledger) -> None:
        table, members = database.tables[name], database.tables[member]
        owner = members[columns[0]]
        own = unique_rows(table.duplicates, table.rows)
        counted = np.bincount(owner[unique_rows(members.duplicates, members.rows) & (owner >= 0)], minlength=table.rows)
        wrong = counted != table[columns[3]]
        for column in columns[1:3]:
            place = table[column]
            wrong |= (place >= 0) & (through(place, owner) != np.arange(table.rows))
        ledger.looked(kind, table.rows)
        rows = np.flatnonzero(wrong & own)
        details = [f"{columns[3]} is {table[columns[3]][row]}, {counted[row]} found" for row in rows[: ledger.most]]
        ledger.found(kind, name, rows, details)

    return apply


def sample_scene(database: Database) -> Index:
    """The row of the scene of each sample; below 0 without one."""
    scenes: Index = database.tables["sample"]["scene_token"]
    return scenes


def through(first: Index, second: Index) -> Index:
    """Where the first reference leads and then the second; below 0 where either leads nowhere."""
    found = np.full(len(first), NONE, np.int64)
    led = first >= 0
    found[led] = second[first[led]]
    return found


def data_scene(database: Database) -> Index:
    """The scene of each sample_data row, through its sample."""
    return through(database.tables["sample_data"]["sample_token"], sample_scene(database))


def data_sensor(database: Database) -> Index:
    """The sensor of each sample_data row, through its calibrated sensor."""
    sensors = database.tables["calibrated_sensor"]["sensor_token"]
    return through(database.tables["sample_data"]["calibrated_sensor_token"], sensors)


def data_group(database: Database) -> Index:
    """A number for scene and sensor of each record, which its chain must not leave; below 0 where unknown."""
    scene, sensor = data_scene(database), data_sensor(database)
    size = max(1, database.tables["sensor"].rows)
    return np.where((scene >= 0) & (sensor >= 0), scene.astype(np.int64) * size + sensor, NONE)


def annotation_scene(database: Database) -> Index:
    """The row of the scene of each annotation; below 0 without one."""
    return through(database.tables["sample_annotation"]["sample_token"], sample_scene(database))


def annotation_instance(database: Database) -> Index:
    """The row of the instance of each annotation; below 0 without one."""
    instances: Index = database.tables["sample_annotation"]["instance_token"]
    return instances


def cells(database: Database, ledger: Ledger) -> None:
    """One keyframe for each sample and each channel that its scene has."""
    data, sensors = database.tables["sample_data"], database.tables["sensor"].rows
    sample, sensor, scene = data["sample_token"], data_sensor(database), data_scene(database)
    placed = unique_rows(data.duplicates, data.rows) & (sample >= 0) & (sensor >= 0)
    scene_of = sample_scene(database)
    shape = (database.tables["scene"].rows, sensors)
    present = np.zeros(shape, np.bool_)
    within = placed & (scene >= 0)
    present[scene[within], sensor[within]] = True
    rows = np.flatnonzero(placed & data["is_key_frame"])
    cells = sample[rows].astype(np.int64) * sensors + sensor[rows]
    counts = np.bincount(cells, minlength=len(scene_of) * sensors)
    wanted = np.zeros((len(scene_of), sensors), np.bool_)
    wanted[scene_of >= 0] = present[scene_of[scene_of >= 0]]
    wanted[database.tables["sample"].duplicates] = False
    channels = database.tables["sensor"]["channel"]
    several = np.flatnonzero(counts > 1)
    missing = np.flatnonzero((counts == 0) & wanted.ravel())
    for kind, found in (("several_keyframes", several), ("missing_keyframes", missing)):
        ledger.looked(kind, int(wanted.sum()))
        details = [f"{counts[cell]} keyframes of {channels[cell % sensors]}" for cell in found[: ledger.most]]
        ledger.found(kind, "sample", found // max(1, sensors), details)


def keyframe_offset(database: Database) -> int | None:
    """Return the largest distance in µs of a keyframe's timestamp from its sample's; None without keyframes."""
    if not database.has("sample", "sample_data"):
        return None
    data = database.tables["sample_data"]
    rows = np.flatnonzero(data["is_key_frame"] & (data["sample_token"] >= 0))
    if not len(rows):
        return None
    times = database.tables["sample"]["timestamp"][data["sample_token"][rows]]
    return int(np.abs(data["timestamp"][rows] - times).max())
