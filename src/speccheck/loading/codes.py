"""The diagnostic codes, read from ``codes.yaml``: the text of ``speccheck explain SC102``.

SC0xx files and YAML, SC1xx names, SC2xx expectations, SC3xx references, SC4xx includes, SC5xx matrix, needs, overrides
and selection, SC6xx warnings, SC7xx plugins, SC8xx runs and baselines.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple


class Code(NamedTuple):
    """A title, why it is an error (or worth a warning), and the remedy.

    ``{constraints}`` and ``{loaders}`` in these texts are placeholders of the names that are registered.
    """

    title: str
    explanation: str
    remedy: str


@cache
def diagnostic_codes() -> Mapping[str, Code]:
    """All codes, sorted."""
    import yaml

    text = (files("speccheck.loading") / "codes.yaml").read_text("utf-8")
    table = yaml.safe_load(text)
    return MappingProxyType({name: Code(**fields) for name, fields in table.items()})
