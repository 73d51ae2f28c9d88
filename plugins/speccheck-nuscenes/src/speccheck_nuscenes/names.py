"""The timestamp in a filename: ``samples/CAM_FRONT/n015-2018-07-18-11-07-57+0800__CAM_FRONT__1531883530412470.jpg``."""

from __future__ import annotations

SUFFIX = 12
"""The suffix of a filename begins at the first dot of its last 12 characters: ``.jpg``, ``.pcd``, ``.pcd.bin``."""


def names_timestamp(filename: str, timestamp: int) -> bool:
    """Whether the filename ends in ``__TIMESTAMP`` and a suffix."""
    dot = filename.find(".", max(0, len(filename) - SUFFIX))
    return dot >= 0 and filename[:dot].endswith(f"__{timestamp}")
