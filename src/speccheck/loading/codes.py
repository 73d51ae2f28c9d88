"""The diagnostic codes, read from ``codes.yaml``: the text of ``speccheck explain SC102``.

SC0xx files and YAML, SC1xx names, SC2xx expectations, SC3xx references, SC4xx includes, SC5xx matrix, needs, overrides
and selection, SC6xx warnings, SC7xx plugins, SC8xx runs and baselines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from speccheck.judge import CONSTRAINTS
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
    """Return all codes, sorted; :func:`explain_code` fills in the lists that names in braces refer to."""
    import yaml

    text = (files("speccheck.loading") / "codes.yaml").read_text("utf-8")
    return MappingProxyType({name: Code(**fields) for name, fields in yaml.safe_load(text).items()})


def explain_code(name: str, loader_names: Callable[[], Sequence[str]]) -> str | None:
    """Return title, explanation and remedy of a code, with the names that are registered now; None if unknown.

    ``loader_names`` is called only for an explanation that lists the loaders.
    """
    code = diagnostic_codes().get(name)
    if code is None:
        return None
    lists: Mapping[str, Callable[[], Iterable[str]]] = {
        "common_keys": lambda: sorted(COMMON_KEYS),
        "constraints": lambda: CONSTRAINTS,
        "functions": lambda: FUNCTIONS,
        "loaders": loader_names,
        "modules": lambda: MODULES,
        "placeholders": lambda: sorted(PLACEHOLDERS),
        "top_keys": lambda: TOP_KEYS,
    }
    explanation = _LIST.sub(lambda match: ", ".join(lists[match[1]]()), code.explanation)
    return f"{name}: {code.title}\n\n{explanation}\n\nRemedy: {code.remedy}"
