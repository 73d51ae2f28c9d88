"""The pages of ``speccheck explain``: a check, constraint, loader, reporter or code, from its own declaration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from speccheck.model.values import Json, format_value

if TYPE_CHECKING:
    from speccheck.judge import ConstraintDoc
    from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
    from speccheck.model.metrics import Metric
    from speccheck.sdk.executing import Executor
from speccheck.sdk.reporting import Reporter

_SIGNS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">"}

_LABEL = re.compile(r"[A-Z][a-z ]+: ")

_DESCRIPTION = 6
"""Columns by which a description stands below the name that it describes."""

_LIVE = {"live_mapping": "mapping of live values", "live_list": "list of live values"}


def filled(page: str, width: int) -> str:
    """Return a page with its paragraphs on lines of at most ``width`` columns; examples and tables stay as they are."""
    from speccheck.reporters._text import wrap

    lines: list[str] = []
    example = False
    for paragraph in page.split("\n\n"):
        block = paragraph.split("\n")
        listed = any(_LABEL.match(line) for line in block[1:])
        prose = not example and not listed and all(line[:1].isalnum() or line[:1] in "`'\"(" for line in block)
        if prose and max(map(len, block)) > width:
            lines += wrap(" ".join(block), width)
        else:
            for line in block:
                example ^= line.lstrip().startswith("```")
                lines += [line] if example or len(line) <= width else _hanging(line, width)
        lines.append("")
    return "\n".join(lines[:-1])


def _hanging(line: str, width: int) -> list[str]:
    """Return a line in parts that begin where it begins; those after the first one step deeper where it is a name."""
    from speccheck.reporters._text import wrap

    text = line.lstrip(" ")
    indent = " " * (len(line) - len(text))
    deeper = indent + ("  " if len(indent) < _DESCRIPTION else "")
    first, *rest = wrap(text, width - len(deeper))
    return [indent + first, *(deeper + part for part in rest)]


def check_page(name: str, declaration: CheckDeclaration, doc: str) -> str:
    """Return the page of a check: its documentation, parameters and metrics."""
    lines = [f"{name} (version {declaration.version}, {declaration.distribution})", "", doc.strip(), "", "Parameters:"]
    required = declaration.params.get("required", [])
    for key, schema in declaration.params.get("properties", {}).items():
        note = "required" if key in required else _default(schema)
        lines += [f"  {key} ({_type(schema, declaration.fields.get(key, 'plain'))}, {note})", *_description(schema)]
    lines += ["", "Metrics:"]
    for key, metric in declaration.metrics.items():
        lines += [f"  {key} ({_metric(metric)})", f"      {metric.doc}"]
    return "\n".join(lines)


def loader_page(name: str, declaration: LoaderDeclaration) -> str:
    """Return the page of a loader: what it builds, its own value, and the keys that may be beside it."""
    lines = [f"{name} (loader, {declaration.distribution})", "", declaration.doc, "", "Keys:"]
    lines += [f"  {name} ({_type(declaration.params)}, required)", *_description(declaration.params)]
    for key, schema in declaration.keys.items():
        lines += [f"  {key} ({_type(schema)}, optional)", *_description(schema)]
    return "\n".join(lines)


def reporter_page(name: str, reporter: Reporter, distribution: str) -> str:
    """Return the page of a reporter: what it writes, and into which file."""
    return (
        f"{name} (reporter, {distribution})\n\n{reporter.doc}\n\n"
        f"Written with --format {name}; in a folder, to the file report{reporter.suffix}."
    )


def executor_page(name: str, executor: Executor, distribution: str) -> str:
    """Return the page of an executor: where it measures."""
    return f"{name} (executor, {distribution})\n\n{executor.doc}\n\nChosen with --executor {name}."


def constraint_page(name: str, documented: ConstraintDoc, options: Sequence[ConstraintDoc]) -> str:
    """Return the page of a constraint: when it holds, how it is written, the metrics it fits, and its options."""
    kinds = ", ".join(documented.kinds) or "all"
    lines = [f"{name} (constraint)", "", f"Holds when: {documented.doc}.", f"Written: {documented.form}"]
    lines += [f"Kinds of metrics: {kinds}"]
    if options:
        lines += ["", "Options beside it:"]
        for option in options:
            lines += [f"  {option.form}", f"      {option.doc}"]
    return "\n".join(lines)


def option_page(name: str, documented: ConstraintDoc, constraints: tuple[str, ...]) -> str:
    """Return the page of an option of constraints: its meaning, how it is written, and beside which constraints."""
    return (
        f"{name} (option of constraints)\n\nMeaning: {documented.doc}.\nWritten: {documented.form}\n"
        f"Beside: {', '.join(constraints)}"
    )


def _description(schema: Json) -> Iterator[str]:
    if "description" in schema:
        yield f"      {schema['description']}"


def _default(schema: Json) -> str:
    if "default" not in schema:
        return "optional"
    return f"default {format_value(schema['default']) or repr('')}"


def _type(schema: Json, kind: str = "plain") -> str:
    if kind in ("live", "fresh", "live_mapping", "live_list"):
        return _LIVE.get(kind, f"{kind} value")
    if kind == "path" or schema.get("format") == "path":
        return "path"
    if "enum" in schema:
        return " | ".join(str(item) for item in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(item) for item in schema["anyOf"])
    types = schema.get("type", "any")
    bounds = [f"{sign} {schema[key]:g}" for key, sign in _SIGNS.items() if key in schema]
    return " ".join([types if isinstance(types, str) else " | ".join(types), *bounds])


def _metric(metric: Metric) -> str:
    parts = [metric.kind + (f" of {metric.of}" if metric.of else "")]
    parts += [metric.unit] if metric.unit else []
    if metric.min is not None or metric.max is not None:
        low = "-inf" if metric.min is None else f"{metric.min:g}"
        high = "inf" if metric.max is None else f"{metric.max:g}"
        parts.append(f"{low}..{high}")
    parts += ["may be infinite"] if metric.infinite else []
    parts += ["independent replicates"] if metric.replicates else []
    parts += [f"absent when {metric.optional}"] if metric.optional else []
    return ", ".join(parts)
