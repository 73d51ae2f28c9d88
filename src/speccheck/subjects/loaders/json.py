"""``json: file.json``: the value of a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import read_text, unreadable


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the value of the file."""
    path, text = read_text(definition["json"], context)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise unreadable(path, "JSON", error) from error


loader = Loader(name="json", load=load, schema=PATH, doc="The value of a JSON file.", plain=True)
