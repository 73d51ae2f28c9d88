"""Phase 1 of references: ``${vars}`` and ``${matrix}`` become values, ``${here}`` and ``${env}`` stay, but portable."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from speccheck.loading.diagnostics import Problems, did_you_mean
from speccheck.loading.paths import portable_here
from speccheck.loading.references import PLACEHOLDERS, environment_names, parse_placeholder
from speccheck.loading.yaml.source import SourceFile, Where, YList, YMap, within
from speccheck.model.values import Json, format_value

Locator: TypeAlias = Callable[[], Where]
MatrixRule: TypeAlias = Literal["use", "defer", "refuse"]
"""What becomes of ``${matrix.a}``: its value, nothing yet (in a subject), or an error."""

MAX_TEXT = 1_000_000
"""How many characters a text may have once its references are resolved."""

_REFERENCE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_ENV = re.compile(r"env\.[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?")
_STEP = re.compile(r"""\.?([A-Za-z0-9_\-]+)|\[(-?[0-9]+)\]|\["([^"]*)"\]|\['([^']*)'\]""")
_HEAD = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_\-]*)")
_KINDS = ("vars", "env", "matrix", "here")
_MATRIX_PLACES = "with, expect, seed, title, section and needs of an entry with a matrix, and in subjects"


class BrokenReferenceError(Exception):
    """The reference has no value; the diagnostic is already made."""


class Variables(Protocol):
    """Where ``${vars.NAME}`` comes from."""

    def names(self) -> Sequence[str]:
        """Every variable there is."""

    def get(self, name: str, locator: Locator) -> Json:
        """The value of a variable; BrokenReferenceError, with a diagnostic at its place, when it has none."""


class Resolver:
    """Resolves the references in values of one entry, subject or variable.

    ``failed`` tells afterwards that some reference had no value, ``touched`` that there was a ``${`` at all, ``axes``
    which axes of a matrix were used.
    """

    def __init__(
        self,
        root: Path,
        environ: Mapping[str, str],
        problems: Problems,
        variables: Variables | None = None,
        matrix: MatrixRule = "refuse",
        cell: Mapping[str, Json] | None = None,
    ) -> None:
        self.root = root
        self.environ = environ
        self.problems = problems
        self.variables = variables
        self.matrix = matrix
        self.cell = cell
        self.failed = False
        self.touched = False
        self.axes: set[str] = set()

    def value(self, value: Json, locator: Locator, file: SourceFile) -> Json:
        """The value with its references resolved, as ordinary dicts and lists; ``locator`` finds it."""
        if isinstance(value, str):
            return self._text(value, locator, file) if "${" in value else value
        if isinstance(value, YMap):
            return self.mapping(value)
        if isinstance(value, YList):
            return [
                self.value(item, lambda at=at: value.item_where(at), value.file)  # type: ignore[misc]
                if isinstance(item, (str, dict, list))
                else item
                for at, item in enumerate(value)
            ]
        if isinstance(value, dict):
            return {key: self.value(item, locator, file) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item, locator, file) for item in value]
        return value

    def mapping(self, value: YMap) -> dict[str, Json]:
        """The same for a mapping; references in its keys are errors."""
        out: dict[str, Json] = {}
        for key, item in value.items():
            if "${" in key:
                self.failed = True
                self.problems.add("SC313", f"references belong in values, not in keys: {key}", value.key_where(key))
            if item.__class__ is str:
                out[key] = self.item(value, key, item) if "${" in item else item
            elif isinstance(item, (dict, list)):
                out[key] = self.item(value, key, item)
            else:
                out[key] = item
        return out

    def item(self, parent: YMap, key: str, item: Json) -> Json:
        """The same for what stands under a key of a mapping."""
        if parent.moved is not None and key in parent.moved:
            return self.value(item, lambda: parent.value_where(key), parent.value_where(key).file)
        return self.value(item, lambda: parent.value_where(key), parent.file)

    def _text(self, text: str, locator: Locator, file: SourceFile) -> Json:
        self.touched = True
        if text.startswith("${") and text.find("}") == len(text) - 1 and text.count("${") == 1:
            return self._one(text, 0, text, locator, file, whole=True)
        parts: list[str] = []
        last = 0
        for match in _REFERENCE.finditer(text):
            parts.append(text[last : match.start()])
            last = match.end()
            if match[1] is None:
                parts.append(match[0])
                continue
            value = self._one(match[0], match.start(), text, locator, file, whole=False)
            if isinstance(value, (dict, list)) or value is None:
                kind = "a mapping" if isinstance(value, dict) else "null" if value is None else "a list"
                message = f"{match[0]} is {kind}; inside text only a scalar may stand"
                self._error("SC305", message, text, match.start(), match[0], locator)
                value = ""
            parts.append(value if isinstance(value, str) else _scalar_text(value))
        whole = "".join(parts) + text[last:]
        if len(whole) > MAX_TEXT:
            self._error("SC009", f"references make this text longer than {MAX_TEXT} characters", text, 0, text, locator)
            return ""
        return whole

    def _one(self, token: str, at: int, text: str, locator: Locator, file: SourceFile, *, whole: bool) -> Json:
        """The value of one ``${...}``; an empty text after a diagnostic."""
        try:
            return self._lookup(token, file, whole, lambda: within(locator(), text, at, len(token)))
        except BrokenReferenceError:
            self.failed = True
            return ""

    def _lookup(self, token: str, file: SourceFile, whole: bool, locator: Locator) -> Json:
        body = token[2:-1].strip()
        head = _HEAD.match(body)
        if not token.endswith("}") or head is None:
            return self._refuse("SC312", f"{token} is no reference", locator, "write $${ for a literal ${")
        name = head[1]
        if name == "here" and body == "here":
            return portable_here(file, self.root)
        if name == "env":
            return self._environment(token, body, locator)
        if name in ("vars", "matrix"):
            return self._path(token, name, body, locator)
        if name in PLACEHOLDERS:
            if whole and parse_placeholder(token) is not None:
                return token
            return self._refuse("SC310", f"{token} stands for a whole value, not for part of a text", locator)
        hint = did_you_mean(name, [*_KINDS, *sorted(PLACEHOLDERS)])
        if self.variables is not None and body in self.variables.names():
            hint = f"did you mean '${{vars.{body}}}'?"
        return self._refuse("SC301", f"{token} refers to nothing", locator, hint)

    def _environment(self, token: str, body: str, locator: Locator) -> Json:
        if not _ENV.fullmatch(body):
            hint = "write ${env.NAME} or ${env.NAME:-default}"
            return self._refuse("SC312", f"{token} names no environment variable", locator, hint)
        for name, has_default in environment_names(token):
            if name not in self.environ and not has_default:
                hint = f"set it, or write ${{env.{name}:-default}}"
                return self._refuse("SC304", f"the environment variable {name} is not set", locator, hint)
        return token

    def _path(self, token: str, name: str, body: str, locator: Locator) -> Json:
        steps = _steps(body[len(name) :])
        if not steps:
            return self._refuse("SC312", f"{token} names no member of {name}", locator, f"write ${{{name}.NAME}}")
        first = str(steps[0])
        if name == "matrix":
            if self.matrix == "defer":
                self.axes.add(first)
                return token
            value = self._axis(token, first, locator)
        elif self.variables is None:
            return token
        else:
            value = self.variables.get(first, locator)
        for step in steps[1:]:
            value = self._step(token, value, step, locator)
        return value

    def _axis(self, token: str, axis: str, locator: Locator) -> Json:
        if self.matrix == "refuse" or self.cell is None:
            return self._refuse("SC306", f"{token} has no value here", locator, f"it may stand in {_MATRIX_PLACES}")
        if axis not in self.cell:
            hint = did_you_mean(axis, self.cell, offer="the entry has no matrix")
            return self._refuse("SC306", f"the matrix has no axis '{axis}'", locator, hint)
        self.axes.add(axis)
        return self.cell[axis]

    def _step(self, token: str, value: Json, step: str | int, locator: Locator) -> Json:
        if isinstance(value, dict) and str(step) in value:
            return value[str(step)]
        if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
            return value[step]
        hint = did_you_mean(str(step), value) if isinstance(value, dict) else ""
        return self._refuse("SC302", f"{token}: there is no '{step}' in it", locator, hint)

    def _refuse(self, code: str, message: str, locator: Locator, hint: str = "") -> Json:
        self.problems.add(code, message, locator(), hint)
        raise BrokenReferenceError

    def _error(self, code: str, message: str, text: str, at: int, token: str, locator: Locator) -> None:
        self.failed = True
        self.problems.add(code, message, within(locator(), text, at, len(token)))


def mentioned_vars(value: Json) -> Iterator[str]:
    """The variables that a value as read refers to."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            body = (match[1] or "").strip()
            steps = _steps(body[4:]) if body.startswith("vars") else None
            if steps:
                yield str(steps[0])
    elif isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from mentioned_vars(item)


def _steps(text: str) -> list[str | int] | None:
    """The members named after ``vars``; None when the text has another form."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or (match[1] is not None and text[at] != "."):
            return None
        quoted = match[3] if match[3] is not None else match[4]
        steps.append(match[1] if match[1] is not None else int(match[2]) if match[2] is not None else quoted)
        at = match.end()
    return steps


def _scalar_text(value: Json) -> str:
    return format_value(value, 17) if isinstance(value, bool) else str(value)
