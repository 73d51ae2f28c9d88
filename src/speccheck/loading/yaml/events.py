"""Turn YAML text into parser events, with libyaml if available: within limits, and with diagnostics for errors."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.source import SourceFile, Where

MAX_BYTES = 10_000_000
"""The largest file that is read, in bytes."""

MAX_DEPTH = 64
"""The most levels of nested mappings and lists."""

# The characters that YAML 1.2 (5.1) allows in a file, less the line ends of YAML 1.1 that editors do not count as such.
_FORBIDDEN = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
_FORBIDDEN_ASCII = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TOKEN = re.compile(r"\$\{[^}\n]*\}?|\$[A-Za-z_][\w.]*\[[^\]\n]*\]?")


class DocumentError(Exception):
    """Reading cannot go on at the character of that index."""

    def __init__(self, code: str, message: str, index: int, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.index = index
        self.hint = hint


class _PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)


def next_event(text: str) -> Callable[[], Any]:
    """Return a function that returns the next event of the text."""
    cyaml: Any = yaml.cyaml if yaml.__with_libyaml__ else None
    parser = _PythonParser(text) if cyaml is None else cyaml.CParser(text)
    found: Callable[[], Any] = parser.get_event
    return found


@contextmanager
def collector_paused() -> Iterator[None]:
    """Turn garbage collection off within: many live objects make each collection slow, and it frees nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def decode(data: bytes, name: str, problems: Problems) -> str | None:
    """Return the text of a file without a byte order mark; None, with a diagnostic, if too large or not UTF-8."""
    if len(data) > MAX_BYTES:
        problems.add("SC002", f"{name} is larger than {MAX_BYTES} bytes", None)
        return None
    body = data[3:] if data[:3] == b"\xef\xbb\xbf" else data
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        file = SourceFile(name, before + "\ufffd" + body[error.end :].decode("utf-8", "replace"), Path())
        problems.add(
            "SC003",
            f"byte 0x{body[error.start]:02x} is not UTF-8",
            Where(file, len(before), len(before) + 1),
            "save the file as UTF-8",
        )
        return None


def has_forbidden(file: SourceFile, problems: Problems) -> bool:
    """Whether the text contains a character that YAML does not allow; a diagnostic names the first."""
    # Compiling the whole class takes longer than reading a small spec, and most specs are ASCII.
    found = _FORBIDDEN_ASCII.search(file.text) if file.text.isascii() else re.search(_FORBIDDEN, file.text)
    if found is not None:
        where = Where(file, found.start(), found.end())
        hint = 'write it as an escape in double quotes, such as "\\x07" or "\\u2028"'
        problems.add("SC004", f"YAML does not allow the character U+{ord(found[0]):04X}", where, hint)
    return found is not None


@contextmanager
def errors_explained(file: SourceFile, problems: Problems) -> Iterator[None]:
    """Turn an error of the parser within into a diagnostic."""
    try:
        yield
    except DocumentError as error:
        problems.add(error.code, str(error), Where(file, error.index, error.index + 1), error.hint)
    except yaml.MarkedYAMLError as error:
        _explain(file, error, problems)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problems.add("SC005", f"{file.name} is not YAML: {error}", None)


def _explain(file: SourceFile, error: yaml.MarkedYAMLError, problems: Problems) -> None:
    mark = error.problem_mark or error.context_mark
    index = min(mark.index if mark is not None else 0, len(file.text))
    text, problem = file.text, str(error.problem)
    quoted = _unquoted_reference(text, index)
    if quoted is not None:
        where = Where(file, quoted[0], quoted[0] + len(quoted[1]))
        token = quoted[1]
        problems.add("SC007", f"{token} must be quoted inside {{}} and []", where, f'write "{token}"')
        return
    where = Where(file, index, index + 1)
    if text[index : index + 1] == "\t":
        problems.add("SC005", "a tab where YAML expects spaces", where, "indent with spaces")
    elif text[index : index + 1] in ("@", "`", "%") and "cannot start" in problem:
        problems.add("SC005", f"plain text may not start with {text[index]}", where, "put it in quotes")
    else:
        context = f" {error.context}" if error.context else ""
        problems.add("SC005", f"not YAML: {problem}{context}", where)


def _unquoted_reference(text: str, index: int) -> tuple[int, str] | None:
    """Return the reference that a brace or bracket at the index cuts in two, with its start."""
    if text[index : index + 1] not in ("{", "["):
        return None
    start = text.rfind("$", max(0, index - 200), index)
    match = _TOKEN.match(text, start) if start >= 0 else None
    return (start, match[0]) if match is not None and start < index < match.end() else None
