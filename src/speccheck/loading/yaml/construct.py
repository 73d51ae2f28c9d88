"""Turn parser events into plain data: mappings and lists that know their places, scalars of the core schema.

No tree of nodes is built: the places of keys and values go into one array of the file, so a large spec needs little
memory.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, StreamEndEvent

from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.events import MAX_DEPTH, DocumentError, errors_explained, has_forbidden, next_event
from speccheck.loading.yaml.scalars import NumberError, plain_scalar
from speccheck.loading.yaml.source import SourceFile, Where, YList, YMap
from speccheck.model.values import Json

MAX_EXPANDED = 1_000_000
"""The most values of a document with every alias expanded."""

_PREFIX = "tag:yaml.org,2002:"
_TAGS = {"str": "scalar", "int": "scalar", "float": "scalar", "bool": "scalar", "null": "scalar"}
_KINDS: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_yaml(file: SourceFile, problems: Problems) -> Json:
    """Return the value of the only document in the text; None when it is empty or, with a diagnostic, unreadable."""
    if has_forbidden(file, problems):
        return None
    reader = _Constructor(file)
    before = problems.errors
    value: Json = None
    with errors_explained(file, problems):
        value = reader.document()
    if problems.errors != before:
        return None
    reader.report(problems)
    return None if reader.oversized(problems) else value


class _Anchored:
    """A node with an anchor. While ``open``, its end is not reached; ``text`` is the text of a scalar."""

    __slots__ = ("end", "open", "size", "start", "tag", "text", "value")

    def __init__(self, start: int) -> None:
        self.start = start
        self.end = start + 1
        self.size = 1
        self.open = True
        self.value: Json = None
        self.text: str | None = None
        self.tag: str | None = None


class _Constructor:
    """Builds the value of one document. ``_start``, ``_end``, ``_text`` and ``_tag`` are those of the last node."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file
        self._next = next_event(file.text)
        self._plain: dict[str, Json] = {}
        self._keys: dict[str, str] = {}
        self._anchors: dict[str, _Anchored] = {}
        self._notes: list[tuple[str, str, int, int, str]] = []
        self._aliased_open: list[_Anchored] = []
        self._muted = 0
        self._depth = 0
        self._count = 0
        self._start = self._end = 0
        self._text: str | None = None
        self._tag: str | None = None

    def document(self) -> Json:
        """Return the value of the only document, None for an empty stream."""
        self._next()  # the start of the stream
        if self._next().__class__ is StreamEndEvent:
            return None
        value = self._node(self._next(), 0)
        self._next()  # the end of the document
        event = self._next()
        if event.__class__ is not StreamEndEvent:
            hint = "put it into its own file"
            raise DocumentError("SC008", "a spec is one YAML document; another begins here", _index(event), hint)
        return value

    def report(self, problems: Problems) -> None:
        """Add the diagnostics of a document that was read to its end."""
        for code, message, start, end, hint in self._notes:
            problems.add(code, message, Where(self._file, start, end), hint)
        for anchored in self._aliased_open:
            where = Where(self._file, anchored.start, anchored.end)
            problems.add("SC009", "an anchor may not contain an alias of itself", where)

    def oversized(self, problems: Problems) -> bool:
        """Whether the aliases make too many values; a diagnostic reports it."""
        if self._count <= MAX_EXPANDED or not self._anchors:
            return False
        where = Where(self._file, self._start, self._start + 1)
        problems.add("SC009", f"aliases make more than {MAX_EXPANDED} values of this document", where)
        return True

    def _node(self, event: Any, parent: int) -> Json:
        """Return the value of the node that begins with the event; ``parent`` is where its collection starts."""
        kind = event.__class__
        if kind is AliasEvent:
            return self._alias(event)
        if self._depth > MAX_DEPTH + 1:
            raise DocumentError("SC006", f"nested deeper than {MAX_DEPTH} levels", parent)
        if event.anchor is not None:
            return self._anchored(event)
        return self._scalar(event) if kind is ScalarEvent else self._collection(event)

    def _key(self, event: Any, parent: int) -> None:
        """Read a key: a scalar of which only the text counts."""
        if event.__class__ is not ScalarEvent or event.anchor is not None or self._depth > MAX_DEPTH + 1:
            self._muted += 1
            self._node(event, parent)
            self._muted -= 1
            return
        self._place(event)

    def _place(self, event: Any) -> None:
        """Note place, text and tag of a scalar; the tag is None for a plain one, ``str`` for a quoted one."""
        self._count += 1
        self._start, self._end = event.start_mark.index, event.end_mark.index
        self._text = event.value
        tag = event.tag
        self._tag = tag if tag is not None and tag != "!" else None if event.implicit[0] else "str"

    def _anchored(self, event: Any) -> Json:
        if event.anchor in self._anchors:
            raise DocumentError("SC005", f"the anchor &{event.anchor} is defined twice", _index(event), "rename one")
        before = self._count
        anchored = self._anchors[event.anchor] = _Anchored(_index(event))
        anchored.value = self._scalar(event) if event.__class__ is ScalarEvent else self._collection(event)
        anchored.end, anchored.text, anchored.tag = self._end, self._text, self._tag
        anchored.size = self._count - before
        anchored.open = False
        return anchored.value

    def _alias(self, event: Any) -> Json:
        anchored = self._anchors.get(event.anchor)
        if anchored is None:
            raise DocumentError("SC005", f"the anchor &{event.anchor} is not defined before this alias", _index(event))
        if anchored.open and not self._muted:
            self._aliased_open.append(anchored)
        self._count += anchored.size
        self._start, self._end, self._text, self._tag = anchored.start, anchored.end, anchored.text, anchored.tag
        return anchored.value if anchored.text is None else self._scalar_value(anchored.text, anchored.tag)

    def _scalar(self, event: Any) -> Json:
        self._place(event)
        return self._scalar_value(event.value, self._tag)

    def _scalar_value(self, text: str, tag: str | None) -> Json:
        if tag is None:
            return self._plain[text] if text in self._plain else self._plain_scalar(text)
        return self._checked(text) if tag == "str" else self._tagged(text, tag)

    def _collection(self, event: Any) -> Json:
        self._count += 1
        start = _index(event)
        mapping = event.__class__ is MappingStartEvent
        self._depth += 1
        value = self._mapping(start) if mapping else self._sequence(start)
        self._depth -= 1
        if event.tag not in (None, "!", f"{_PREFIX}{'map' if mapping else 'seq'}"):
            self._refuse_tag(event.tag, start, self._end)
        self._start, self._text = start, None
        return value

    def _sequence(self, start: int) -> YList:
        items: list[Json] = []
        spans: list[int] = []
        event = self._next()
        while event.__class__ is not SequenceEndEvent:
            items.append(self._node(event, start))
            spans += (self._start, self._end)
            event = self._next()
        self._end = _end_index(event)
        return YList(items, self._file, self._file.mark(start, self._end, spans))

    def _mapping(self, start: int) -> YMap:
        found = YMap((), self._file, -1)
        spans: list[int] = []
        merged: dict[str, tuple[Json, list[int]]] = {}
        event = self._next()
        while event.__class__ is not MappingEndEvent:
            self._key(event, start)
            text, tag, begin, end = self._text, self._tag, self._start, self._end
            if text == "<<" and tag is None:
                self._merge(self._node(self._next(), start), merged)
            elif text is None or text in found or (text == "" and tag is None):
                self._refuse_key(text, text in found, begin, end)
                self._skip(start)
            else:
                key = self._keys.setdefault(text, text) if tag is None else self._checked(text)
                found[key] = self._node(self._next(), start)
                spans += (begin, end, self._start, self._end)
            event = self._next()
        self._end = _end_index(event)
        if merged:
            return self._merged(start, found, spans, merged)
        found.at = self._file.mark(start, self._end, spans)
        return found

    def _merged(self, start: int, own: YMap, spans: list[int], merged: dict[str, tuple[Json, list[int]]]) -> YMap:
        """Return the mapping with what was merged into it, which comes first; its own keys win."""
        mine = {key: (value, spans[4 * at : 4 * at + 4]) for at, (key, value) in enumerate(own.items())}
        both = {**merged, **mine}
        at = self._file.mark(start, self._end, [place for _, places in both.values() for place in places])
        return YMap({key: value for key, (value, _) in both.items()}, self._file, at)

    def _merge(self, value: Json, merged: dict[str, tuple[Json, list[int]]]) -> None:
        sources = [(value, self._start, self._end)]
        if isinstance(value, YList):
            places = [value.item_where(at) for at in range(len(value))]
            sources = [(item, where.start, where.end) for item, where in zip(value, places, strict=True)]
        for source, start, end in sources:
            if not isinstance(source, YMap):
                self._note("SC010", "only mappings can be merged with <<", start, end)
                return
            for key, item in source.items():
                key_where, where = source.key_where(key), source.value_where(key)
                merged.setdefault(key, (item, [key_where.start, key_where.end, where.start, where.end]))

    def _skip(self, start: int) -> None:
        """Pass over the value of a key that was refused; what is wrong in it is not reported."""
        self._muted += 1
        self._node(self._next(), start)
        self._muted -= 1

    def _refuse_key(self, text: str | None, twice: bool, start: int, end: int) -> None:
        if text is None:
            self._note("SC010", "a key must be text", start, end)
        elif twice:
            self._note("SC011", f"duplicate key '{text}' in one mapping", start, end)
        else:
            self._note("SC010", "a key is missing before the colon", start, end)

    def _plain_scalar(self, text: str) -> Json:
        try:
            value: Json = plain_scalar(text)
        except NumberError as error:
            self._note("SC012", str(error), self._start, self._end, "put it in quotes if it is text")
            if self._muted:
                return text
            value = text
        self._plain[text] = value
        return value

    def _checked(self, text: str) -> str:
        if text.isascii() or not _SURROGATE.search(text):
            return text
        hint = "write \\U and eight hex digits"
        self._note("SC004", "half of a surrogate pair is not a character", self._start, self._end, hint)
        return _SURROGATE.sub("\ufffd", text)

    def _tagged(self, text: str, tag: str) -> Json:
        name = tag.removeprefix(_PREFIX)
        if name == "str":
            return self._checked(text)
        if _TAGS.get(name) != "scalar":
            self._refuse_tag(tag, self._start, self._end)
            return text
        value = self._plain_scalar(text)
        if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and name != "bool"):
            self._note("SC012", f"{text!r} is not of the type !!{name}", self._start, self._end)
        return float(value) if name == "float" and isinstance(value, int) else value

    def _refuse_tag(self, tag: str, start: int, end: int) -> None:
        shown = tag.replace(_PREFIX, "!!")
        self._note("SC013", f"the tag {shown} is not supported: a spec is plain data", start, end, "remove the tag")

    def _note(self, code: str, message: str, start: int, end: int, hint: str = "") -> None:
        if not self._muted:
            self._notes.append((code, message, start, end, hint))


def _index(event: Any) -> int:
    found: int = event.start_mark.index
    return found


def _end_index(event: Any) -> int:
    found: int = event.end_mark.index
    return found
