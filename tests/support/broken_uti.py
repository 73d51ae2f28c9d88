"""Trees of the tokenizer's code with one fault each, to run the audit against.

A tree has the good code with ``UnifiedTokenizer.from_config`` building the broken variant, so that the spec, its
subjects and therefore its baseline are those of the good one: the code alone differs.
"""

from __future__ import annotations

import shutil
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "uti"

_INSTEAD = """

_from_config = UnifiedTokenizer.from_config.__func__


def _broken_or_own(cls, config, decode_mode="deterministic"):
    if cls is not UnifiedTokenizer:
        return _from_config(cls, config, decode_mode)
    from broken.{fault} import make

    return make(config, decode_mode)


UnifiedTokenizer.from_config = classmethod(_broken_or_own)
"""


def broken_tree(fault: str, folder: Path) -> Path:
    """A code folder whose tokenizer has this fault (a module of ``examples/uti/broken``)."""
    for package in ("uti", "broken"):
        shutil.copytree(EXAMPLE / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    module = folder / "uti" / "tokenizer.py"
    module.write_text(module.read_text("utf-8") + _INSTEAD.format(fault=fault), "utf-8")
    return folder
