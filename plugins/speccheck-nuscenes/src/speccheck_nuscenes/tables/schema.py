"""The thirteen tables and, of each, the columns that are read: no other is decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ColumnKind = Literal["token", "tokens", "integer", "flag", "text", "path"]
"""``tokens`` is a list of them; of a ``path`` only is kept where it leads and whether its timestamp is the record's."""


@dataclass(frozen=True)
class Column:
    """A column to read; ``target`` is the table that its tokens belong to, with ``empty``, "" means none."""

    name: str
    kind: ColumnKind
    target: str = ""
    empty: bool = False


def _key(name: str, target: str, *, empty: bool = False) -> Column:
    return Column(name, "token", target, empty)


def _links(table: str) -> tuple[Column, Column]:
    return _key("prev", table, empty=True), _key("next", table, empty=True)


TOKEN = Column("token", "token")

TABLES: dict[str, tuple[Column, ...]] = {
    "log": (TOKEN,),
    "map": (TOKEN, Column("filename", "text"), Column("log_tokens", "tokens", "log")),
    "category": (TOKEN,),
    "attribute": (TOKEN,),
    "visibility": (TOKEN,),
    "sensor": (TOKEN, Column("channel", "text")),
    "calibrated_sensor": (TOKEN, _key("sensor_token", "sensor")),
    "ego_pose": (TOKEN,),
    "scene": (
        TOKEN,
        _key("log_token", "log"),
        _key("first_sample_token", "sample"),
        _key("last_sample_token", "sample"),
        Column("nbr_samples", "integer"),
    ),
    "sample": (TOKEN, Column("timestamp", "integer"), _key("scene_token", "scene"), *_links("sample")),
    "instance": (
        TOKEN,
        _key("category_token", "category"),
        _key("first_annotation_token", "sample_annotation"),
        _key("last_annotation_token", "sample_annotation"),
        Column("nbr_annotations", "integer"),
    ),
    "sample_data": (
        TOKEN,
        _key("sample_token", "sample"),
        _key("ego_pose_token", "ego_pose"),
        _key("calibrated_sensor_token", "calibrated_sensor"),
        Column("timestamp", "integer"),
        Column("is_key_frame", "flag"),
        Column("filename", "path"),
        *_links("sample_data"),
    ),
    "sample_annotation": (
        TOKEN,
        _key("sample_token", "sample"),
        _key("instance_token", "instance"),
        _key("visibility_token", "visibility", empty=True),
        Column("attribute_tokens", "tokens", "attribute"),
        *_links("sample_annotation"),
    ),
}
"""In an order in which most references lead to an earlier table."""
