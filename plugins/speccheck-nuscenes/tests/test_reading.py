"""Scanned tables equal decoded ones, whatever their layout and wherever a piece ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.nuscenes_data import VERSION, Dataset, make, token

from speccheck_nuscenes.tables.database import Database, read_database
from speccheck_nuscenes.tables.gather import IrregularError
from speccheck_nuscenes.tables.pieces import TableError, TableFile, decode_rows
from speccheck_nuscenes.tables.scan import scan_rows
from speccheck_nuscenes.tables.schema import TABLES
from speccheck_nuscenes.tables.tokens import DANGLING, NONE, TokenIndex, pack

SCANNED = ("ego_pose", "sample", "instance", "sample_data", "sample_annotation", "calibrated_sensor")


def _assert_alike(left: Database, right: Database) -> None:
    assert (left.missing, left.unreadable, left.unresolved) == (right.missing, right.unreadable, right.unresolved)
    for name, table in left.tables.items():
        other = right.tables[name]
        assert table.rows == other.rows
        assert np.array_equal(table.duplicates, other.duplicates)
        for column, value in table.columns.items():
            for one, two in zip(_arrays(value), _arrays(other[column]), strict=True):
                assert np.array_equal(one, two), (name, column)


def _arrays(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@pytest.mark.parametrize("indent", [0, None, 2])
@pytest.mark.parametrize("size", [700, 1000, 4096, 1 << 20])
def test_scanned_tables_are_as_decoded_ones(indent: int | None, size: int, tmp_path: Path) -> None:
    data = make()
    data.row("sample_data", "CAM_FRONT", 1, 3)["next"] = token("nothing")
    data.tables["sample_data"][20]["filename"] = "sweeps/x.jpg"
    data.tables["sample_data"][21]["filename"] = "s"
    data.tables["sample_data"].append(data.tables["sample_data"][7])
    folder = data.write(tmp_path, indent=indent) / VERSION
    decoded = read_database(folder, print, size=size)
    _assert_alike(decoded, read_database(folder, print, scanned_from=0, size=size))
    for name in SCANNED:
        file = TableFile(folder / f"{name}.json", name)
        assert sum(rows for rows, _ in scan_rows(file, TABLES[name], lambda _, value: value, size)) > 0
        records = json.loads(file.path.read_text())
        assert [file.row(number) for number in (0, len(records) - 1)] == [records[0], records[-1]]


def _value(_: object, value: Any) -> Any:
    return value


def _change(data: Dataset, column: str, value: Any) -> None:
    data.tables["sample_data"][40][column] = value


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("token", "a token of another form"),
        ("token", "A" * 32),
        ("token", 'a"quote'),
        ("timestamp", 12345678901234567),
        ("extra", {"nested": {"token": "a"}}),
    ],
)
def test_what_cannot_be_scanned_is_decoded(column: str, value: Any, tmp_path: Path) -> None:
    data = make()
    _change(data, column, value)
    folder = data.write(tmp_path) / VERSION
    with pytest.raises(IrregularError):
        list(scan_rows(TableFile(folder / "sample_data.json", "sample_data"), TABLES["sample_data"], _value))
    decoded = read_database(folder, print)
    assert decoded.tables["sample_data"].rows == len(data.tables["sample_data"])
    _assert_alike(decoded, read_database(folder, print, scanned_from=0, size=2000))


@pytest.mark.parametrize(("column", "value"), [("filename", "samples/{}__5.jpg"), ("extra", 1)])
def test_odd_values_are_scanned_as_they_are_decoded(column: str, value: Any, tmp_path: Path) -> None:
    data = make()
    _change(data, column, value)
    folder = data.write(tmp_path) / VERSION
    file = TableFile(folder / "sample_data.json", "sample_data")
    rows = len(data.tables["sample_data"])
    assert sum(count for count, _ in scan_rows(file, TABLES["sample_data"], _value)) == rows
    _assert_alike(read_database(folder, print), read_database(folder, print, scanned_from=0, size=2000))


@pytest.mark.parametrize(("column", "value"), [("timestamp", 1.5), ("timestamp", "5"), ("prev", None), ("next", [])])
def test_a_value_of_another_kind_is_an_error_either_way(column: str, value: Any, tmp_path: Path) -> None:
    data = make()
    _change(data, column, value)
    folder = data.write(tmp_path) / VERSION
    for start in (0, 1 << 30):
        unreadable = read_database(folder, print, scanned_from=start, size=2000).unreadable
        assert list(unreadable) == ["sample_data"] and f"row 40.{column}" in unreadable["sample_data"]


def test_keys_in_another_order_are_no_fault(tmp_path: Path) -> None:
    data = make()
    row = data.tables["sample_data"][40]
    data.tables["sample_data"][40] = dict(reversed(row.items()))
    folder = data.write(tmp_path) / VERSION
    file = TableFile(folder / "sample_data.json", "sample_data")
    with pytest.raises(IrregularError):
        list(scan_rows(file, TABLES["sample_data"], lambda _, value: value))
    _assert_alike(read_database(folder, print), read_database(folder, print, scanned_from=0))


def test_a_table_cut_off_is_an_error_either_way(tmp_path: Path) -> None:
    folder = make().write(tmp_path) / VERSION
    text = (folder / "sample_data.json").read_text()
    for end in (len(text) - 1, len(text) - 2, len(text) - 60, len(text) // 2):
        (folder / "sample_data.json").write_text(text[:end])
        for start in (0, 1 << 30):
            assert list(read_database(folder, print, scanned_from=start, size=2000).unreadable) == ["sample_data"]


def test_a_piece_never_ends_inside_a_row(tmp_path: Path) -> None:
    import msgspec

    class Row(msgspec.Struct):
        name: str
        inner: list[dict[str, int]]

    rows = [{"name": 'brace { and ",{" ' * (n % 5), "inner": [{"a": n}, {"b": n}]} for n in range(60)]
    path = tmp_path / "odd.json"
    path.write_text(json.dumps(rows))
    for size in (50, 64, 97, 1000, 10**6):
        file = TableFile(path, "odd")
        found = [row for piece in decode_rows(file, Row, size) for row in piece]
        assert [row.name for row in found] == [row["name"] for row in rows]
        assert [file.row(number) for number in range(60)] == rows
    path.write_text(json.dumps(rows)[:-5])
    with pytest.raises(TableError):
        list(decode_rows(TableFile(path, "odd"), Row, 64))


def test_tokens_are_found_and_duplicates_told() -> None:
    random = np.random.default_rng(0)
    texts = [random.bytes(16).hex() for _ in range(200_000)]
    texts += ["1", "2", "", "a name", "a long name that is no number", texts[5], "1", ""]
    index = TokenIndex(pack(texts))
    assert index.duplicates.tolist() == [200_002, 200_005, 200_006, 200_007]
    wanted = [*texts[::777], "2", "", "3", "a long name that is no number", "f" * 32, "0" * 32, "A" * 32]
    first = {text: row for row, text in reversed(list(enumerate(texts)))}
    expected = [NONE if text == "" else first.get(text, DANGLING) for text in wanted]
    assert index.rows(pack(wanted)).tolist() == expected
    assert index.rows(pack([text for text in wanted for _ in range(9)])).tolist() == [
        row for row in expected for _ in range(9)
    ]
    assert TokenIndex(pack([])).rows(pack(["", "1"])).tolist() == [NONE, DANGLING]
