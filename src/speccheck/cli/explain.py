"""``speccheck explain``: a check, or a diagnostic's code."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import click

from speccheck.model.values import Json, format_value

if TYPE_CHECKING:
    from speccheck.loading.codes import Code
    from speccheck.model.declaration import CheckDeclaration
    from speccheck.model.metrics import Metric
    from speccheck.registry import Registry


@click.command("explain")
@click.argument("name")
def command(name: str) -> None:
    """Explain a CHECK (what it measures, its parameters and metrics) or a diagnostic's CODE (SC102)."""
    from speccheck.loading import diagnostic_codes

    codes = diagnostic_codes()
    if name.upper() in codes:
        click.echo(_explain_code(name.upper(), codes[name.upper()]))
        return
    from speccheck.registry import discover

    registry = discover()
    declaration = registry.check(name)
    if declaration is None:
        import difflib

        close = difflib.get_close_matches(name, [*registry.check_names(), *codes], 1)
        raise click.UsageError(f"no check or code {name!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
    click.echo(explain_check(name, declaration, _doc(registry, name)))


def _explain_code(name: str, code: Code) -> str:
    """Return the page of a code. Plugins are discovered only to list loaders: a broken one must not hide the page."""
    from speccheck.judge import CONSTRAINTS

    text = f"{name}: {code.title}\n\n{code.explanation}\n\nRemedy: {code.remedy}"
    if "{loaders}" in text:
        from speccheck.registry import discover

        text = text.replace("{loaders}", ", ".join(discover().loader_names()))
    return text.replace("{constraints}", ", ".join(CONSTRAINTS))


def explain_check(name: str, declaration: CheckDeclaration, doc: str) -> str:
    """The page of a check, from its own declarations."""
    lines = [f"{name} (version {declaration.version}, {declaration.distribution})", "", doc.strip(), "", "Parameters:"]
    required = declaration.params.get("required", [])
    for key, schema in declaration.params.get("properties", {}).items():
        note = "required" if key in required else _default(schema)
        lines += [f"  {key} ({_type(schema, declaration.fields.get(key, 'plain'))}, {note})"]
        lines += [f"      {schema['description']}"] if "description" in schema else []
    lines += ["", "Metrics:"]
    for key, metric in declaration.metrics.items():
        lines += [f"  {key} ({_metric(metric)})", f"      {metric.doc}"]
    return "\n".join(lines)


def _doc(registry: Registry, name: str) -> str:
    return inspect.cleandoc(registry.documentation(name))


def _default(schema: Json) -> str:
    if "default" not in schema:
        return "optional"
    return f"default {format_value(schema['default']) or repr('')}"


def _type(schema: Json, kind: str) -> str:
    if kind in ("live", "fresh", "live_mapping", "live_list"):
        return {"live_mapping": "mapping of live values", "live_list": "list of live values"}.get(kind, f"{kind} value")
    if kind == "path":
        return "path"
    if "enum" in schema:
        return " | ".join(str(item) for item in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(_type(item, "plain") for item in schema["anyOf"])
    bounds = [f"{sign} {schema[key]:g}" for key, sign in _SIGNS.items() if key in schema]
    return " ".join([str(schema.get("type", "any")), *bounds])


_SIGNS = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">"}


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
