"""Diagnostics of a spec: collected while it is read, with suggestions for misspelled names; rendered as text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from speccheck.loading.yaml.source import Where
from speccheck.model.diagnostic import Diagnostic, Position

_LONGEST_LINE = 4000


class Problems:
    """The diagnostics found so far, each once. A code that starts with ``SC6`` is a warning, any other an error."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, Position | None], Diagnostic] = {}
        self._errors = 0
        self._entry = ""

    @property
    def errors(self) -> int:
        """The number of errors so far."""
        return self._errors

    @contextmanager
    def entry(self, name: str) -> Iterator[None]:
        """Assign the diagnostics that are added within to the entry with that id."""
        before, self._entry = self._entry, name
        try:
            yield
        finally:
            self._entry = before

    def add(self, code: str, message: str, where: Where | None, hint: str = "") -> None:
        """Add one diagnostic; one about a value from ``--set`` names the override instead of a position."""
        if where is not None and where.file.override is not None:
            message, where = f"{message} (from --set {where.file.override})", None
        if where is None:
            self._keep(self._diagnostic(code, message, None, hint))
            return
        position = where.position()
        line = where.file.line(position.line)
        shown = line if len(line) <= _LONGEST_LINE else ""
        length = max(1, min(where.end - where.start, len(line.rstrip()) - position.column + 1))
        self._keep(self._diagnostic(code, message, position, hint, shown, length))

    def keep(self, diagnostic: Diagnostic) -> None:
        """Add a finished diagnostic."""
        self._keep(diagnostic)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Return all diagnostics by position, those without a position first."""
        return tuple(sorted(self._found.values(), key=_order))

    def _diagnostic(
        self, code: str, message: str, position: Position | None, hint: str, source: str = "", length: int = 1
    ) -> Diagnostic:
        return Diagnostic(
            code=code,
            message=message,
            position=position,
            severity="warning" if code.startswith("SC6") else "error",
            hint=hint,
            source=source,
            length=length,
            entry=self._entry,
        )

    def _keep(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.code, diagnostic.message, diagnostic.position)
        if key not in self._found:
            self._found[key] = diagnostic
            self._errors += diagnostic.severity == "error"


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    at = diagnostic.position
    if at is None:
        return ("", 0, 0, diagnostic.code, diagnostic.message)
    return (at.file, at.line, at.column, diagnostic.code, diagnostic.message)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the most similar name, or None if none is similar enough; letter case and ``-_`` are ignored."""
    options = list(names)
    folded = {_fold(option): option for option in reversed(options)}
    if _fold(name) in folded:
        return folded[_fold(name)]
    from difflib import get_close_matches

    found = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, names: Iterable[str], *, offer: str = "") -> str:
    """Return ``did you mean 'x'?``, or a list of the names when none is similar; ``offer`` for an empty list."""
    options = list(names)
    match = nearest(name, options)
    if match is not None:
        return f"did you mean '{match}'?"
    if not options:
        return offer
    shown = ", ".join(options[:8]) + (", ..." if len(options) > 8 else "")
    return f"one of {shown}" if len(options) > 1 else f"the only choice is {shown}"


def of_plugin(name: str, family: str, names: Iterable[str]) -> str:
    """Return :func:`did_you_mean`, and if the family is unknown, the hint that a plugin may be missing.

    The list of names is offered only for a name without a family: names of other families would not help.
    """
    options = list(names)
    hint = did_you_mean(name, options)
    if nearest(name, options) is not None or any(option.partition(".")[0] == family for option in options):
        return hint
    plugin = f"is the plugin that provides '{family}' installed? (speccheck list plugins)"
    return plugin if name != family or not hint else f"{hint}; {plugin}"


def _fold(name: str) -> str:
    return name.lower().replace("-", "_")


_WIDEST = 160
_BEFORE = 60
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """Return all diagnostics and a last line that counts them; '' for an empty list.

    The last line states that nothing was run if there is an error: callers rely on it and run nothing.
    """
    found = list(diagnostics)
    if not found:
        return ""
    return "\n".join([*(_one(item) for item in found), _summary(found)])


def _one(item: Diagnostic) -> str:
    place = f"{_shown(str(item.position))}: " if item.position is not None else ""
    message = _shown(" ".join(item.message.split("\n")))
    head = f"{place}{item.severity}[{item.code}]: {message}"
    hint = _shown(" ".join(item.hint.split("\n")))
    if item.position is None or not item.source:
        return f"{head}\n      | {hint}" if hint else head
    line, start = _window(item.source, item.position.column - 1)
    before = line[:start]
    marked = line[start : start + max(1, item.length)] or " "
    pad = "".join("\t" if sign == "\t" else " " * _width(sign) for sign in before)
    carets = "^" * max(1, sum(map(_width, marked)))
    under = f"{pad}{carets} {hint}".rstrip()
    return f"{head}\n{item.position.line:>5} | {_shown(line)}\n      | {under}"


def _summary(found: Sequence[Diagnostic]) -> str:
    errors = [item for item in found if item.severity == "error"]
    counts = [(len(errors), "error"), (len(found) - len(errors), "warning")]
    counted = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    code = (errors or found)[0].code
    return f"{counted}; nothing was run. speccheck explain {code}" if errors else f"{counted}. speccheck explain {code}"


def _window(line: str, start: int) -> tuple[str, int]:
    """Return the part of a long line around the place, and the index of the place in it."""
    if len(line) <= _WIDEST:
        return line, start
    first = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    cut = line[first : first + _WIDEST]
    left, right = "…" if first else "", "…" if first + _WIDEST < len(line) else ""
    return f"{left}{cut}{right}", start - first + len(left)


def _shown(text: str) -> str:
    """Return the text without characters that would move the cursor or hide text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if sign != "\t" and unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def _width(sign: str) -> int:
    """Return the number of columns that a character takes on a terminal."""
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
