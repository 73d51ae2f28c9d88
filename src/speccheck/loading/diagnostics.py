"""Diagnostics of a spec: collected while it is read, with suggestions for misspelled names, and rendered as text."""

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
        """How many errors there are so far."""
        return self._errors

    @contextmanager
    def entry(self, name: str) -> Iterator[None]:
        """What is added within belongs to the entry of that id."""
        before, self._entry = self._entry, name
        try:
            yield
        finally:
            self._entry = before

    def add(self, code: str, message: str, where: Where | None, hint: str = "") -> None:
        """Add one diagnostic; what came from ``--set`` has no position and names the override instead."""
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
        """Add a diagnostic that is already made."""
        self._keep(diagnostic)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Everything found, by position; what has none comes first."""
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
    """The most similar name, or None when nothing is similar enough; letter case and ``-_`` count little."""
    options = list(names)
    folded = {_fold(option): option for option in reversed(options)}
    if _fold(name) in folded:
        return folded[_fold(name)]
    from difflib import get_close_matches

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


_WIDEST = 160
_BEFORE = 60
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics and a last line that counts them; '' when there are none.

    Nothing was run if there is an error: the caller runs nothing then.
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
    told = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    code = (errors or found)[0].code
    return f"{told}; nothing was run. speccheck explain {code}" if errors else f"{told}. speccheck explain {code}"


def _window(line: str, start: int) -> tuple[str, int]:
    """The part of a long line around the place, and where the place is in it."""
    if len(line) <= _WIDEST:
        return line, start
    first = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    cut = line[first : first + _WIDEST]
    left, right = "…" if first else "", "…" if first + _WIDEST < len(line) else ""
    return f"{left}{cut}{right}", start - first + len(left)


def _shown(text: str) -> str:
    """The text without what would move the cursor or hide a part of it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if sign != "\t" and unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def _width(sign: str) -> int:
    """Columns that a character takes on a terminal."""
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
