"""Did you mean: the nearest of the names that would have been right."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The most similar name, or None when nothing is similar enough; letter case and ``-_`` count little."""
    options = list(names)
    folded = {_fold(option): option for option in reversed(options)}
    if _fold(name) in folded:
        return folded[_fold(name)]
    found = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str], *, offer: str = "") -> str:
    """``did you mean 'x'?``, or all the names when they are few and none is similar."""
    options = list(names)
    match = nearest(name, options)
    if match is not None:
        return f"did you mean '{match}'?"
    if not options:
        return offer
    shown = ", ".join(options[:8]) + (", ..." if len(options) > 8 else "")
    return f"one of {shown}" if len(options) > 1 else f"it can only be {shown}"


def of_plugin(name: str, family: str, names: Iterable[str]) -> str:
    """``did_you_mean``, and where nothing of that family is known, that a plugin may have to be installed.

    All names are offered for one without a family alone: of a name with one, another family's say nothing.
    """
    options = list(names)
    hint = did_you_mean(name, options)
    if nearest(name, options) is not None or any(option.partition(".")[0] == family for option in options):
        return hint
    plugin = f"is the plugin that brings '{family}' installed here? (speccheck list plugins)"
    return plugin if name != family or not hint else f"{hint}; {plugin}"


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")
