"""Faults of the thirteen tables of a nuScenes data set: missing tables, broken references, wrong files.

Measures, over every row: duplicate tokens; references (`..._token`, `prev`, `next`) that lead nowhere; links whose
other end does not lead back, that leave their scene, channel or instance, or go back in time; keyframes that are not
under `samples/` and files under `samples/` that are not keyframes; one keyframe for each sample and channel; the
timestamp in each filename; what scenes and instances say of themselves; and, as `files` asks, whether the files are
there, have the width and height of their record, and decode. All violations are counted, and `examples` of each kind
shown with their rows. A row that repeats a token is counted as a duplicate and as nothing else.

It matters because the devkit verifies nothing when it loads: a dangling token is a bare KeyError once it is walked, a
sweep flagged as keyframe replaces the keyframe in `sample['data']`, and a `next` into another scene makes a clip of two
places.

Only the columns needed are read, as arrays, in one pass over each file: time and memory grow with the rows, and are a
small part of what `NuScenes(...)` takes. It cannot see the columns that are not read (poses, boxes,
calibrations), not even whether their text is well formed, nor whether a picture agrees with its record. Of files
that are neither pictures nor `.pcd.bin`, only their presence is looked at.

```yaml
- id: tables
  check: nuscenes.tables
  with: {dataroot: "${vars.dataroot}", version: v1.0-mini, files: decode, channels: [CAM_FRONT]}
  expect:
    missing_tables: {length: 0}
    unreadable_tables: {length: 0}
    rows.sample: {min: 400}
    violations: 0
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from speccheck.sdk import Check, Context, Evidence, Finding, MeasurementError, Metric, param
from speccheck_nuscenes.tables.kinds import FILE_KINDS, KINDS, ROW_KINDS


@dataclass(frozen=True)
class Params:
    """Which data set, and how closely its files are looked at."""

    dataroot: Path = param("folder that holds samples/, sweeps/ and the folder of the tables")
    version: str = param("folder of the tables in it: v1.0-mini, v1.0-trainval", min_length=1)
    files: Literal["none", "exist", "size", "decode"] = param(
        "none; exist: there and not empty; size: pictures have the width and height of their record as well; "
        "decode: they are also decoded to their end",
        default="exist",
    )
    channels: tuple[str, ...] = param("channels whose files are looked at; all when left out", default=())
    examples: int = param("violations of each kind that are shown", default=5, min=0)


_UNSEEN = "a table that it needs is missing, unreadable or empty"
_NO_FILE = "`files` does not ask for it, or no such file is named"

METRICS: Mapping[str, Metric] = {
    "tables": Metric(kind="number", min=0, max=13, doc="tables that could be read, of thirteen"),
    "missing_tables": Metric(kind="list", of="text", doc="tables whose file is not there"),
    "unreadable_tables": Metric(
        kind="list", of="text", doc="tables that are not lists of rows with the needed columns"
    ),
    "rows.*": Metric(kind="number", min=0, unit="rows", doc="rows of each table", optional="the table is unreadable"),
    "violations": Metric(
        kind="number", min=0, doc="violations of all kinds together", optional="a table is missing or unreadable"
    ),
    **{kind: Metric(kind="number", min=0, doc=doc, optional=_UNSEEN) for kind, doc in ROW_KINDS.items()},
    **{kind: Metric(kind="number", min=0, doc=doc, optional=_NO_FILE) for kind, doc in FILE_KINDS.items()},
    "keyframe_offset_us": Metric(
        kind="number",
        min=0,
        unit="µs",
        doc="largest distance of a keyframe's timestamp from that of its sample",
        optional="no row is a keyframe",
    ),
    "files_checked": Metric(kind="number", min=0, unit="files", doc="files looked for"),
    "files_sized": Metric(kind="number", min=0, unit="files", doc="pictures whose size was compared"),
    "files_decoded": Metric(kind="number", min=0, unit="files", doc="files decoded, with success or not"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Read, then apply every rule. MeasurementError when the folder of tables or a channel is absent."""
    from speccheck_nuscenes.tables.database import read_database
    from speccheck_nuscenes.tables.files import FileCounts, check_files
    from speccheck_nuscenes.tables.ledger import Ledger
    from speccheck_nuscenes.tables.rulebook import apply_rules
    from speccheck_nuscenes.tables.rules import keyframe_offset

    dataroot = context.folder / params.dataroot
    if not (dataroot / params.version).is_dir():
        raise MeasurementError(
            f"{dataroot / params.version} is not a folder; give `dataroot` and `version` of a data set"
        )
    database = read_database(dataroot / params.version, context.progress)
    if database.has("sensor") and (strange := set(params.channels) - set(database.tables["sensor"]["channel"])):
        raise MeasurementError(f"no sensor has the channel {min(strange)}")
    ledger = Ledger(database, params.examples)
    apply_rules(database, ledger)
    files = FileCounts(0, 0, 0)
    if params.files != "none":
        files = check_files(database, dataroot, ledger, params.files, params.channels, context.progress)
    metrics: dict[str, Any] = {
        "tables": len(database.tables),
        "missing_tables": sorted(database.missing),
        "unreadable_tables": sorted(database.unreadable),
        "rows": {name: table.rows for name, table in database.tables.items()},
        **ledger.known(KINDS),
        **{f"files_{name}": count for name, count in files._asdict().items()},
    }
    if not (database.missing or database.unreadable):
        metrics["violations"] = sum(ledger.known(KINDS).values())
    if (offset := keyframe_offset(database)) is not None:
        metrics["keyframe_offset_us"] = offset
    table, findings = ledger.evidence()
    unread = [Finding(reason, file=f"{params.version}/{name}.json") for name, reason in database.unreadable.items()]
    return Evidence(metrics, tables={"examples": table}, findings=(*unread, *findings))


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
