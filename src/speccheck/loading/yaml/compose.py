"""YAML text to nodes with marks, by libyaml where PyYAML has it: safely, within limits, with one's own words on errors.

Tags are not resolved here: a node's ``tag`` is None for a plain scalar and for a collection without one, ``str`` for a
quoted scalar, and the tag as written otherwise.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.source import SourceFile, Where

MAX_BYTES = 10_000_000
"""The largest file that is read, in bytes."""

MAX_DEPTH = 64
"""How deep mappings and lists may nest."""

# What YAML 1.2 (5.1) lets stand in a file, less the line ends of YAML 1.1 that editors do not count as such.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TOKEN = re.compile(r"\$\{[^}\n]*\}?|\$[A-Za-z_][\w.]*\[[^\]\n]*\]?")


class _TooDeepError(Exception):
    """Nesting goes beyond :data:`MAX_DEPTH` at the character of that index."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


class _Resolver:
    """Leaves tags alone, and counts depth."""

    _depth = 0

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str | None:
        """None for what has no tag of its own, ``str`` for quoted text."""
        return "str" if type(implicit) is tuple and not implicit[0] else None

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Called before a node is composed."""
        self._depth += 1
        if self._depth > MAX_DEPTH + 2:
            raise _TooDeepError(parent.start_mark.index)

    def ascend_resolver(self) -> None:
        """Called after a node is composed."""
        self._depth -= 1


class _PureComposer(_Resolver, yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser, yaml.composer.Composer):
    def __init__(self, text: str) -> None:
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)
        yaml.composer.Composer.__init__(self)


def _composer(text: str) -> Any:
    if not yaml.__with_libyaml__:
        return _PureComposer(text)

    parser: Any = yaml.cyaml.CSafeLoader.__mro__[1]

    class CComposer(_Resolver, parser):  # type: ignore[misc]
        def __init__(self, text: str) -> None:
            parser.__init__(self, text)

    return CComposer(text)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Garbage collection off within: a hundred thousand live nodes make each collection slow and free nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def decode(data: bytes, name: str, problems: Problems) -> str | None:
    """The text of a file, without a byte order mark; None (and a diagnostic) when it is too large or not UTF-8."""
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


def compose(file: SourceFile, problems: Problems) -> Any:
    """The root node of the only document in the text, or None: nothing there, or a diagnostic says why not."""
    found = _FORBIDDEN.search(file.text)
    if found is not None:
        where = Where(file, found.start(), found.end())
        hint = 'write it as an escape in double quotes, such as "\\x07" or "\\u2028"'
        problems.add("SC004", f"the character U+{ord(found[0]):04X} may not stand in YAML as it is", where, hint)
        return None
    try:
        return _composer(file.text).get_single_node()
    except _TooDeepError as error:
        where = Where(file, error.index, error.index + 1)
        problems.add("SC006", f"nested deeper than {MAX_DEPTH} levels", where)
    except yaml.MarkedYAMLError as error:
        _explain(file, error, problems)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problems.add("SC005", f"{file.name} is not YAML: {error}", None)
    return None


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
    if "another document" in problem:
        problems.add("SC008", "a spec is one YAML document; another one begins here", where, "put it into its own file")
    elif "undefined alias" in problem:
        problems.add("SC005", "no anchor of that name stands before this alias", where)
    elif text[index : index + 1] == "\t":
        problems.add("SC005", "a tab stands where YAML wants spaces", where, "indent with spaces")
    elif text[index : index + 1] in ("@", "`", "%") and "cannot start" in problem:
        problems.add("SC005", f"plain text may not start with {text[index]}", where, "put it in quotes")
    else:
        context = f" {error.context}" if error.context else ""
        problems.add("SC005", f"not YAML: {problem}{context}", where)


def _unquoted_reference(text: str, index: int) -> tuple[int, str] | None:
    """The reference cut in two by a brace or bracket at the index, with its start."""
    if text[index : index + 1] not in ("{", "["):
        return None
    start = text.rfind("$", max(0, index - 200), index)
    match = _TOKEN.match(text, start) if start >= 0 else None
    return (start, match[0]) if match is not None and start < index < match.end() else None
