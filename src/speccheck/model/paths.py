"""Metric paths: ``snr_db``, ``tensors.tokens.shape``, ``grad["encoder.layers.0.weight"].norm``, ``delta['a,b']``.

Dots separate the parts; a part with other signs is quoted in brackets; ``*`` matches any one part.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from speccheck.model.values import Masked, TensorDescription, Value

MetricPath: TypeAlias = tuple[str, ...]

ANY = "*"

_PART = re.compile(r"""(?P<dot>\.)?(?:(?P<bare>[A-Za-z0-9_\-]+|\*)|\[(?:"(?P<dq>[^"]*)"|'(?P<sq>[^']*)')\])""")
_BARE = re.compile(r"[A-Za-z0-9_\-]+|\*")


class PathError(ValueError):
    """The text is not a metric path; the message names the first part that cannot be read."""


@lru_cache(maxsize=65536)
def parse_path(text: str) -> MetricPath:
    """Return the parts of a metric path; PathError when the text has another form."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise PathError(f'not a metric path at {text[at:]!r}: quote a part with other signs, as in name["a.b"]')
        bare = match["bare"]
        if bare is not None and (match["dot"] is None) != (not parts):
            raise PathError(f"not a metric path: one dot separates the parts of {text!r}")
        if bare is None and match["dot"] is not None:
            raise PathError(f"not a metric path: remove the dot before the bracket in {text!r}")
        parts.append(next(group for group in (bare, match["dq"], match["sq"]) if group is not None))
        at = match.end()
    if not parts:
        raise PathError("an empty metric path")
    return tuple(parts)


def format_path(path: MetricPath) -> str:
    """Return the text of a path, quoting the parts that need it; ``parse_path`` reads it back."""
    out: list[str] = []
    for part in path:
        if _BARE.fullmatch(part):
            out.append(f".{part}" if out else part)
        else:
            quote = "'" if '"' in part else '"'
            out.append(f"[{quote}{part}{quote}]")
    return "".join(out)


def walk(tree: Value, path: MetricPath) -> Iterator[tuple[MetricPath, Value]]:
    """Yield every value of the tree that the path names, with its full path; ``*`` branches, in the tree's order.

    A tensor description offers ``shape`` and ``dtype``. A path that leads below a masked value yields that value;
    one that leads nowhere yields nothing.
    """
    if not path or isinstance(tree, Masked):
        yield path, tree
        return
    head, rest = path[0], path[1:]
    if isinstance(tree, TensorDescription):
        if head in ("shape", "dtype") and not rest:
            yield (head,), list(tree.shape) if head == "shape" else tree.dtype
        return
    if not isinstance(tree, Mapping):
        return
    keys = list(tree) if head == ANY else [head] if head in tree else []
    for key in keys:
        for tail, value in walk(tree[key], rest):
            yield (key, *tail), value
