"""YAML nodes to plain data: mappings and lists that know their places, and scalars of the core schema."""

from __future__ import annotations

import re
from typing import Any

from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.compose import compose
from speccheck.loading.yaml.scalars import NumberError, plain_scalar
from speccheck.loading.yaml.source import SourceFile, Where, YList, YMap, node_where
from speccheck.model.values import Json

MAX_EXPANDED = 1_000_000
"""How many values a document may come to once every alias is written out."""

_PREFIX = "tag:yaml.org,2002:"
_TAGS = {"str": "scalar", "int": "scalar", "float": "scalar", "bool": "scalar", "null": "scalar"}
_KINDS: dict[str, Any] = {"int": int, "float": (int, float), "bool": bool, "null": type(None)}
_COLLECTIONS = {"map": "mapping", "seq": "sequence"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_yaml(file: SourceFile, problems: Problems) -> Json:
    """The value of the only document in the text; None when it is empty or, with a diagnostic, cannot be read."""
    node = compose(file, problems)
    return None if node is None else _Constructor(file, problems).document(node)


class _Constructor:
    def __init__(self, file: SourceFile, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._plain: dict[str, Json] = {}
        self._built: dict[int, Json] = {}
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def document(self, node: Any) -> Json:
        value = self.build(node)
        if _has_alias(self._file.text) and self._size(node) > MAX_EXPANDED:
            where = Where(self._file, node.start_mark.index, node.start_mark.index + 1)
            self._problems.add("SC009", f"aliases make more than {MAX_EXPANDED} values of this document", where)
            return None
        return value

    def build(self, node: Any) -> Json:
        if node.id == "scalar":
            if node.tag is None:
                text = node.value
                return self._plain[text] if text in self._plain else self._scalar(node)
            return self._text(node) if node.tag == "str" else self._tagged(node)
        known = id(node)
        if known in self._built:
            return self._built[known]
        if known in self._open:
            self._add("SC009", "an anchor may not contain an alias of itself", node)
            return None
        self._open.add(known)
        value = self._collection(node)
        self._open.discard(known)
        self._built[known] = value
        return value

    def _collection(self, node: Any) -> Json:
        if node.tag is not None and _COLLECTIONS.get(node.tag.removeprefix(_PREFIX)) != node.id:
            self._refuse_tag(node)
        if node.id == "sequence":
            return YList([self.build(item) for item in node.value], self._file, node)
        return self._mapping(node)

    def _mapping(self, node: Any) -> YMap:
        own: dict[str, Json] = {}
        merged: dict[str, Json] = {}
        for key_node, value_node in node.value:
            if key_node.id != "scalar":
                self._add("SC010", "a key must be text", key_node)
            elif key_node.value == "<<" and key_node.tag is None:
                self._merge(value_node, merged)
            elif key_node.value in own:
                self._add("SC011", f"the key '{key_node.value}' stands twice in one mapping", key_node)
            elif key_node.value == "" and key_node.tag is None:
                self._add("SC010", "a key is missing before the colon", key_node)
            else:
                key = key_node.value if key_node.tag is None else self._text(key_node)
                own[key] = self.build(value_node)
        return YMap({**merged, **own} if merged else own, self._file, node)

    def _merge(self, node: Any, merged: dict[str, Json]) -> None:
        for source in node.value if node.id == "sequence" else [node]:
            value = self.build(source)
            if not isinstance(value, dict):
                self._add("SC010", "only mappings can be merged with <<", source)
                return
            for key, item in value.items():
                merged.setdefault(key, item)

    def _scalar(self, node: Any) -> Json:
        try:
            value = plain_scalar(node.value)
        except NumberError as error:
            self._add("SC012", str(error), node, "put it in quotes if it is text")
            value = node.value
        self._plain[node.value] = value
        return value

    def _text(self, node: Any) -> str:
        text: str = node.value
        if _SURROGATE.search(text):
            self._add("SC004", "half of a surrogate pair is no character", node, "write \\U and eight hex digits")
            return _SURROGATE.sub("\ufffd", text)
        return text

    def _tagged(self, node: Any) -> Json:
        name = node.tag.removeprefix(_PREFIX)
        if name == "str":
            return self._text(node)
        if _TAGS.get(name) != "scalar":
            self._refuse_tag(node)
            return node.value
        value = self._scalar(node)
        if not isinstance(value, _KINDS[name]) or (isinstance(value, bool) and name != "bool"):
            self._add("SC012", f"{node.value!r} is not of the type !!{name}", node)
        return float(value) if name == "float" and isinstance(value, int) else value

    def _refuse_tag(self, node: Any) -> None:
        shown = node.tag.replace(_PREFIX, "!!")
        self._add("SC013", f"the tag {shown} is not read: a spec is plain data", node, "remove the tag")

    def _add(self, code: str, message: str, node: Any, hint: str = "") -> None:
        self._problems.add(code, message, node_where(self._file, node), hint)

    def _size(self, node: Any) -> int:
        """How many values the node comes to with its aliases written out."""
        if node.id == "scalar":
            return 1
        known = id(node)
        if known in self._sizes:
            return self._sizes[known]
        self._sizes[known] = 1  # an alias of itself is an error already
        children = node.value if node.id == "sequence" else [item for pair in node.value for item in pair]
        self._sizes[known] = 1 + sum(self._size(child) for child in children)
        return self._sizes[known]


def _has_alias(text: str) -> bool:
    return "*" in text and "&" in text
