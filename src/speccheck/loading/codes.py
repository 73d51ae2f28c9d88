"""The diagnostic codes, read from ``codes.yaml``: the text of ``speccheck explain SC102``.

SC0xx files and YAML, SC1xx names, SC2xx expectations, SC3xx references, SC4xx includes, SC5xx matrix, needs, overrides
and selection, SC6xx warnings, SC7xx plugins, SC8xx runs and baselines.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from speccheck.loading.expressions import FUNCTIONS, MODULES
from speccheck.loading.files import TOP_KEYS
from speccheck.loading.references import COMMON_KEYS, PLACEHOLDERS

_LIST = re.compile(r"(?<!\$)\{([a-z_]+)\}")


class Code(NamedTuple):
    """A title, why it is an error (or worth a warning), and the remedy.

    ``{constraints}`` and ``{loaders}`` in these texts are placeholders of the names that are registered.
    """

    title: str
    explanation: str
    remedy: str


@cache
def diagnostic_codes() -> Mapping[str, Code]:
    """Return all codes, sorted, with the lists filled in that do not depend on what is registered."""
    import yaml

    text = (files("speccheck.loading") / "codes.yaml").read_text("utf-8")
    table: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return MappingProxyType(
        {name: Code(code["title"], _filled(code["explanation"]), code["remedy"]) for name, code in table.items()}
    )


def _filled(text: str) -> str:
    lists: Mapping[str, Iterable[str]] = {
        "common_keys": sorted(COMMON_KEYS),
        "functions": FUNCTIONS,
        "modules": MODULES,
        "placeholders": sorted(PLACEHOLDERS),
        "top_keys": TOP_KEYS,
    }
    return _LIST.sub(lambda match: ", ".join(lists[match[1]]) if match[1] in lists else match[0], text)
