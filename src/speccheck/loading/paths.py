"""Rewrite relative paths of included files to be relative to the folder of the root spec.

This is the portable form: independent of the machine and of the file that contains the path.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath

from speccheck.loading.yaml.source import SourceFile
from speccheck.model.values import Json


def portable_here(file: SourceFile, root: Path) -> str:
    """Return ``${here}`` of that file, relative to the folder of the root spec."""
    relative = relative_folder(file.folder, root)
    return f"${{here}}/{relative}" if relative else "${here}"


def relative_folder(folder: Path, root: Path) -> str:
    """Return the folder relative to that of the root spec, with forward slashes; '' if it is the same."""
    if folder == root:
        return ""
    relative = Path(os.path.relpath(folder, root)).as_posix()
    return "" if relative == "." else relative


def rebased(value: Json, folder: Path, root: Path) -> Json:
    """Return the value with each path in it relative to ``root`` instead of ``folder``."""
    relative = relative_folder(folder, root)
    return _rebased(value, relative) if relative else value


def _rebased(value: Json, relative: str) -> Json:
    if isinstance(value, str):
        keep = not value or value.startswith(("${", "$")) or PurePath(value).is_absolute()
        return value if keep else os.path.normpath(f"{relative}/{value}").replace(os.sep, "/")
    if isinstance(value, Mapping):
        return {key: _rebased(item, relative) for key, item in value.items()}
    return [_rebased(item, relative) for item in value] if isinstance(value, list) else value


def schema_paths(value: Json, schema: Json, folder: Path, root: Path) -> Json:
    """Return the value with the texts rebased whose schema has ``format: path``, in its items and values too."""
    if folder == root or not isinstance(schema, Mapping):
        return value
    if schema.get("format") == "path":
        return rebased(value, folder, root)
    if isinstance(value, list) and "items" in schema:
        return [schema_paths(item, schema["items"], folder, root) for item in value]
    if isinstance(value, Mapping):
        inner, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        return {key: schema_paths(item, inner.get(key, rest), folder, root) for key, item in value.items()}
    return value


def dig(value: Json, path: tuple[str | int, ...]) -> Json:
    """Return the value at the path, None when there is nothing at the path."""
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value
