"""Markdown (GitHub's) of text that nobody vouches for: nothing in it becomes markup, HTML, a table cell or a link."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from speccheck.model.values import Json, Value, to_wire
from speccheck.reporters._text import visible

LINE = 100
"""Columns of a line of JSON, so that a list of sizes stays on one line and a long one is filled."""

# As character references, because parsers of tables disagree on a backslash before a pipe, and GitHub's own takes out
# neither HTML nor code spans before it looks for cells.
_REFERENCES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "`": "&#96;"}

# An underscore inside a word and a backslash before a letter mean nothing to Markdown and stay readable.
_SPECIAL = re.compile(
    r"[<>&|`]|[*\[\]~$!#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\\(?![A-Za-z0-9\s])|:(?=//)|(?<=[wW]{3})\."
)

# What would open a list, a rule or the underline of a heading, were the text to stand at the start of a line.
_OPENING = re.compile(r"(\d{0,9})([-+=.)])(?=\s|\2|$)")


def text(value: str) -> str:
    """Markdown that reads as the given text, on one line, in a paragraph as in a table cell."""
    line = visible(value).strip()
    escaped = _SPECIAL.sub(lambda match: _REFERENCES.get(match[0], "\\" + match[0]), line)
    opening = _OPENING.match(escaped)
    return escaped if opening is None else f"{opening[1]}\\{escaped[opening.start(2) :]}"


def code(value: str) -> str:
    """A code span of the text on one line; what a span in a table cell cannot hold is given as plain text."""
    line = visible(value)
    if not line.strip() or "|" in line:
        return text(value)
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fenced(content: str, language: str = "") -> str:
    """A fenced block of the lines; its fence is longer than any run of backticks inside."""
    body = visible(content, keep="\n").rstrip("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are Markdown already; a row that is too short is filled, one too long widens the table."""
    width = max([len(columns), *map(len, rows)])
    lines = [_row(columns, width), "|" + "---|" * width, *(_row(row, width) for row in rows)]
    return "\n".join(lines)


def link(name: str, path: str, image: bool = False) -> str:
    """A link (or a picture) of a file of the run; a path that leaves its folder is shown and not linked."""
    parts = path.replace("\\", "/").split("/")
    if not path or path.startswith("/") or ".." in parts:
        return f"{text(name)} ({code(path)})"
    target = quote(path, safe="/", errors="replace")
    return f"{'!' if image else ''}[{text(name)}]({target})"


def metrics_json(metrics: Mapping[str, Value]) -> str:
    """The metrics in their JSON form, as in the run file; short lists and mappings stay on one line."""
    return "\n".join(_pretty(to_wire(dict(metrics)), ""))


def one_line_json(value: Value) -> str:
    """The JSON form of a value on one line."""
    return _compact(to_wire(value))


def _longest_run(content: str) -> int:
    return max((len(run) for run in re.findall("`+", content)), default=0)


def _row(cells: Sequence[str], width: int) -> str:
    return "| " + " | ".join([*cells, *[""] * (width - len(cells))]) + " |"


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _pretty(value: Json, indent: str) -> list[str]:
    line = _compact(value)
    if not isinstance(value, (dict, list)) or (indent and len(indent) + len(line) <= LINE) or not value:
        return [line]
    deeper = indent + "  "
    if isinstance(value, dict):
        blocks = [_keyed(key, _pretty(item, deeper)) for key, item in value.items()]
        opening, closing = "{", "}"
    else:
        opening, closing = "[", "]"
        if not any(isinstance(item, (dict, list)) for item in value):
            return ["[", *(deeper + line for line in _filled(value, LINE - len(deeper))), indent + "]"]
        blocks = [_pretty(item, deeper) for item in value]
    return [opening, *_joined(blocks, deeper), indent + closing]


def _keyed(key: str, lines: list[str]) -> list[str]:
    return [f"{_compact(key)}: {lines[0]}", *lines[1:]]


def _joined(blocks: list[list[str]], indent: str) -> Iterator[str]:
    for index, (first, *rest) in enumerate(blocks):
        comma = "" if index == len(blocks) - 1 else ","
        lines = [indent + first, *rest]
        yield from lines[:-1]
        yield lines[-1] + comma


def _filled(items: Sequence[Json], width: int) -> list[str]:
    lines = [""]
    for index, item in enumerate(items):
        piece = _compact(item) + ("" if index == len(items) - 1 else ",")
        if lines[-1] and len(lines[-1]) + 1 + len(piece) > width:
            lines.append("")
        lines[-1] += f" {piece}" if lines[-1] else piece
    return lines
