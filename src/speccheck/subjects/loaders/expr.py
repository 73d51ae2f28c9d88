"""``expr: "a.matmul(b)"``: one Python expression over subjects, torch, numpy (np) and math.

It executes code: the short list of built-in functions keeps expressions readable, it is no sandbox. The names are
checked before anything runs.
"""

from __future__ import annotations

import builtins
import importlib
from collections.abc import Mapping
from typing import Any

from speccheck.loading.expressions import FUNCTIONS, MODULES, ExpressionError, free_names, known_names, unknown_names
from speccheck.sdk import BuildContext, Loader, SubjectError
from speccheck.subjects.code_import import EXPRESSION
from speccheck.subjects.loader_context import suggestion
from speccheck.subjects.loader_support import require


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the value of the expression. Only the subjects and modules that it names are built and imported."""
    text = str(definition["expr"]).strip()
    try:
        names = free_names(text)
    except ExpressionError as error:
        raise SubjectError(f"expr {text!r} is not one Python expression: {error}", cause=error) from error
    known = context.subject_names()
    unknown = unknown_names(names, known)
    if unknown:
        hint = suggestion(unknown[0], known_names(known))
        raise SubjectError(f"{unknown[0]!r} in expr is not a subject, module or function that an expr may use{hint}")
    subjects = names & set(known)
    others = names - subjects
    scope: dict[str, Any] = {name: getattr(builtins, name) for name in sorted(others) if name in FUNCTIONS}
    scope |= {name: _module(MODULES[name]) for name in sorted(others) if name in MODULES}
    scope |= {name: context.subject(name) for name in sorted(subjects)}
    try:
        return eval(compile(text, EXPRESSION, "eval"), scope)  # the expression that the spec's author wrote to be run
    except (Exception, SystemExit) as error:
        raise SubjectError(f"expr {text!r} raised {type(error).__name__}: {error}", cause=error) from error


def _module(name: str) -> Any:
    return importlib.import_module(name) if name == "math" else require(name, "torch")


loader = Loader(
    name="expr",
    load=load,
    schema={"type": "string", "minLength": 1},
    doc="One Python expression over subjects, torch, numpy (np) and math. It executes code.",
    lazy=frozenset({"expr"}),
)
