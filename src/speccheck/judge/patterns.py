"""Regular expressions that are matched in linear time, whatever the pattern and the text: those of RE2.

The engine is imported by the first spec that has a pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from speccheck.model.texts import escape_surrogates

_UNBOUNDED_BELOW = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?P<repeat>\{,[0-9]+\})", re.DOTALL)
"""``{,3}`` outside an escape and a set: RE2 reads it as text, most other engines as a repetition."""

_REMEDIES = (
    (r"\Z", r"write \z for the end of the text, which need not be written: the whole text is matched"),
    ("(?=", "it cannot look at what follows: write the alternatives out"),
    ("(?!", "it cannot look at what follows: write the alternatives out"),
    ("(?<", "it cannot look at what precedes: write the alternatives out"),
    ("(?P", "it cannot refer back to a group: write the alternatives out"),
    (r"\u", r"write \x{...} with the hexadecimal code of the character"),
    (r"\N", "write the character itself"),
    ("repetition size", "a repetition is at most 1000 in all"),
    ("repetition operator", "write one repetition, as in a*"),
)


class PatternError(ValueError):
    """The text is not a pattern; ``hint`` is the remedy where another engine would read it, or ''."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def check_pattern(text: str) -> None:
    """Raise PatternError when the text is not a pattern."""
    _compiled(text)


def matches_whole(pattern: str, text: str) -> bool:
    """Return whether the pattern matches the text from end to end."""
    return _compiled(pattern).fullmatch(escape_surrogates(text)) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.never_capture = True
    try:
        compiled = re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        raise _explained(pattern, error) from None
    found = next((match for match in _UNBOUNDED_BELOW.finditer(pattern) if match["repeat"]), None)
    if found is not None:
        what = f"'{found[0]}' is a repetition for some engines and text for others"
        raise PatternError(what, f"write {{0{found[0][1:]}")
    return compiled


def _explained(pattern: str, error: Exception) -> PatternError:
    reason = error.args[0] if error.args else ""
    reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(error)
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return PatternError(reason)
    what = reason.partition(": ")[2]
    hint = next((remedy for sign, remedy in _REMEDIES if what.startswith(sign) or sign in reason), "")
    if not hint and re.match(r"\\[1-9]", what):
        hint = "it cannot refer back to a group: write the alternatives out"
    return PatternError(reason, hint or "write it in the syntax of RE2")
