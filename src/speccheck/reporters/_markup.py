"""Markdown (GitHub's) of untrusted text, escaped so that none of it becomes markup, HTML, a table cell or a link."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from speccheck.model.values import Json, Value, to_wire
from speccheck.reporters._text import visible

LINE = 100
"""Columns of a line of JSON: a short list stays on one line, a long one is filled."""

# Character references, because parsers of tables disagree on a backslash before a pipe, and GitHub's looks for cells
# before it removes HTML and code spans.
_REFERENCES = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "|": "&#124;", "`": "&#96;"}

# An underscore inside a word and a backslash before a letter are plain text in Markdown, so they stay as they are.
_SPECIAL = re.compile(
    r"[<>&|`]|[*\[\]~$!#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|\\(?![A-Za-z0-9\s])|:(?=//)|(?<=[wW]{3})\."
)

# Text that opens a list, a rule or the underline of a heading at the start of a line.
_OPENING = re.compile(r"(\d{0,9})([-+=.)])(?=\s|\2|$)")


def text(value: str) -> str:
    """Return Markdown that shows the given text on one line, in a paragraph or a table cell."""
    line = visible(value).strip()
    escaped = _SPECIAL.sub(lambda match: _REFERENCES.get(match[0], "\\" + match[0]), line)
    opening = _OPENING.match(escaped)
    return escaped if opening is None else f"{opening[1]}\\{escaped[opening.start(2) :]}"


def code(value: str) -> str:
    """Return a code span of the text on one line; plain text if a span in a table cell cannot hold it."""
    line = visible(value)
    if not line.strip() or "|" in line:
        return text(value)
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] in "` " or line[-1] in "` " else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def fenced(content: str, language: str = "") -> str:
    """Return a fenced block of the lines; its fence is longer than any run of backticks inside."""
    body = visible(content, keep="\n").rstrip("\n")
    fence = "`" * max(3, _longest_run(body) + 1)
    return f"{fence}{language}\n{body}\n{fence}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown; a short row is filled, a long one widens the table."""
    width = max([len(columns), *map(len, rows)])
    lines = [_row(columns, width), "|" + "---|" * width, *(_row(row, width) for row in rows)]
    return "\n".join(lines)


def link(name: str, path: str, image: bool = False) -> str:
    """Return a link to a file of the run, or the picture; a path that leaves the run's folder is shown, not linked."""
    parts = path.replace("\\", "/").split("/")
    if not path or path.startswith("/") or ".." in parts:
        return f"{text(name)} ({code(path)})"
    target = quote(path, safe="/", errors="replace")
    return f"{'!' if image else ''}[{text(name)}]({target})"


def metrics_json(metrics: Mapping[str, Value]) -> str:
    """Return the metrics as JSON, as in the run file; short lists and mappings stay on one line."""
    return "\n".join(_pretty(to_wire(dict(metrics)), ""))


def one_line_json(value: Value) -> str:
    """Return a value as JSON on one line."""
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
