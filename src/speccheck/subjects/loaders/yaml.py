"""``yaml: file.yaml``: the value of a YAML file, read safely, with scalars as PyYAML gives them to audited code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import read_text, unreadable


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the value of the file; a tag that would make an object is an error."""
    import yaml

    path, text = read_text(definition["yaml"], context)
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise unreadable(path, "YAML", error) from error


loader = Loader(name="yaml", load=load, schema=PATH, doc="The value of a YAML file, read safely.", plain=True)
