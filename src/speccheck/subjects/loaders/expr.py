"""``expr: "a.matmul(b)"``: one Python expression over subjects, torch, numpy (np) and math.

It executes code: the short list of built-in functions keeps expressions readable, it is no sandbox. The names are
checked before anything runs.
"""

from __future__ import annotations

import builtins
import importlib
import symtable
from collections.abc import Iterator, Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError
from speccheck.subjects.loader_context import suggestion
from speccheck.subjects.loader_support import require

_FUNCTIONS = (
    *("abs", "all", "any", "bool", "dict", "divmod", "enumerate", "filter", "float", "int", "isinstance", "len"),
    *("list", "map", "max", "min", "pow", "range", "repr", "reversed", "round", "set", "slice", "sorted", "str"),
    *("sum", "tuple", "zip"),
)
_MODULES = {"torch": "torch", "numpy": "numpy", "np": "numpy", "math": "math"}


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """The value of the expression. Only the subjects and modules that it names are built and imported."""
    text = str(definition["expr"]).strip()
    names = free_names(text)
    subjects = names & set(context.subject_names())
    modules = (names & set(_MODULES)) - subjects
    functions = (names & set(_FUNCTIONS)) - subjects
    unknown = sorted(names - subjects - modules - functions)
    if unknown:
        known = [*context.subject_names(), *_MODULES, *_FUNCTIONS]
        raise SubjectError(
            f"{unknown[0]!r} in expr is neither a subject nor torch, numpy, np, math or one of the functions that an "
            f"expr may use{suggestion(unknown[0], known)}"
        )
    scope: dict[str, Any] = {name: getattr(builtins, name) for name in functions}
    scope |= {name: _module(_MODULES[name]) for name in sorted(modules)}
    scope |= {name: context.subject(name) for name in sorted(subjects)}
    try:
        return eval(compile(text, "<expr>", "eval"), scope)  # what the spec's author wrote to be run
    except (Exception, SystemExit) as error:
        raise SubjectError(f"expr {text!r} raised {type(error).__name__}: {error}", cause=error) from error


def free_names(text: str) -> frozenset[str]:
    """The names that an expression takes from outside, without its own (lambda arguments, comprehension variables)."""
    try:
        table = symtable.symtable(text, "<expr>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise SubjectError(f"expr {text!r} is not one Python expression: {error}", cause=error) from error
    symbols = [symbol for symbol in _symbols(table) if symbol.is_global()]
    own = {symbol.get_name() for symbol in symbols if symbol.is_assigned()}  # by := in the expression
    return frozenset(symbol.get_name() for symbol in symbols if symbol.is_referenced()) - own


def _symbols(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    yield from table.get_symbols()
    for child in table.get_children():
        yield from _symbols(child)


def _module(name: str) -> Any:
    return importlib.import_module(name) if name == "math" else require(name, "torch")


loader = Loader(
    name="expr",
    load=load,
    schema={"type": "string", "minLength": 1},
    doc="One Python expression over subjects, torch, numpy (np) and math. It executes code.",
    lazy=frozenset({"expr"}),
)
