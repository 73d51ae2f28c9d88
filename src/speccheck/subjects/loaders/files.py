"""``files: "data/**/*.wav"``: the files that a pattern names, sorted."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError
from speccheck.sdk.loading import PATH


def load(definition: Mapping[str, Any], context: BuildContext) -> list[Path]:
    """Return the absolute paths of the files, without folders, sorted as text; SubjectError when none matches."""
    pattern = Path(definition["files"])
    absolute = str(pattern if pattern.is_absolute() else context.folder / pattern)
    found = sorted(Path(name) for name in glob.glob(absolute, recursive=True) if Path(name).is_file())  # noqa: PTH207
    if not found:
        raise SubjectError(f"no file matches {absolute}")
    for path in found:
        context.reads(path)
    return found


loader = Loader(
    name="files", load=load, schema=PATH, doc="The files that a pattern names (** for any depth), as sorted paths."
)
