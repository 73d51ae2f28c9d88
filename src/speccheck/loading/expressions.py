"""The rules of ``expr``: which names an expression uses, and which of them it may use. Nothing is run.

``validate`` and the loader that evaluates an expression both ask here, so they accept the same expressions.
"""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

FUNCTIONS: tuple[str, ...] = (
    *("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float", "int", "isinstance", "len"),
    *("list", "map", "max", "min", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str"),
    *("sum", "tuple", "zip"),
)
"""Python's own functions that an expression may use."""

MODULES: Mapping[str, str] = MappingProxyType({"torch": "torch", "numpy": "numpy", "np": "numpy", "math": "math"})
"""The modules that an expression may use, by the name that it uses."""

_ANY_BRACES = re.compile(r"\$\{[^}]*\}")


class ExpressionError(ValueError):
    """The text is not one Python expression; ``offset`` is the index of the wrong character, None when unknown."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.offset = offset


def free_names(text: str) -> frozenset[str]:
    """Return the names that an expression takes from outside: not lambda arguments, loop variables or ``:=`` targets.

    A ``${...}`` in it counts as a number. Raises :class:`ExpressionError`.
    """
    source = _source(text)
    try:
        ast.parse(source, mode="eval")  # its messages are more precise than those of symtable
        table = symtable.symtable(source, "<expr>", "eval")
    except SyntaxError as error:
        raise ExpressionError(error.msg, _offset(text, source, error.lineno, error.offset)) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(str(error)) from error
    symbols = [symbol for symbol in _symbols(table) if symbol.is_global()]
    own = {symbol.get_name() for symbol in symbols if symbol.is_assigned()}
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_referenced()) - own


def unknown_names(names: Collection[str], subjects: Collection[str]) -> list[str]:
    """Return the names, sorted, that are neither subjects nor modules or functions an expression may use."""
    return sorted(name for name in names if name not in subjects and name not in MODULES and name not in FUNCTIONS)


def known_names(subjects: Collection[str]) -> list[str]:
    """Return every name that an expression may use."""
    return [*subjects, *MODULES, *FUNCTIONS]


def first_use(text: str, name: str) -> int | None:
    """Return the index of the first use of a name in an expression, None when it cannot be found."""
    source = _source(text)
    uses = [node for node in ast.walk(ast.parse(source, mode="eval")) if isinstance(node, ast.Name) and node.id == name]
    if not uses:
        return None
    first = min(uses, key=lambda node: (node.lineno, node.col_offset))
    line = source.split("\n")[first.lineno - 1]
    column = len(line.encode()[: first.col_offset].decode("utf-8", "replace"))
    return _offset(text, source, first.lineno, column + 1)


def _source(text: str) -> str:
    """Return the expression with each ``${...}`` replaced by a number of the same length."""
    return _ANY_BRACES.sub(lambda match: "0".ljust(len(match[0])), text).strip()


def _offset(text: str, source: str, line: int | None, column: int | None) -> int | None:
    """Return the index in the text of a 1-based line and column of its source."""
    lines = source.split("\n")
    if line is None or column is None or not 1 <= line <= len(lines) or not 1 <= column <= len(lines[line - 1]) + 1:
        return None
    before = len(text) - len(text.lstrip()) + sum(len(item) + 1 for item in lines[: line - 1])
    return min(before + column - 1, len(text) - 1)


def _symbols(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    yield from table.get_symbols()
    for child in table.get_children():
        yield from _symbols(child)
