"""Read the parts of an entry: its matrix, its expectations, and the keys that soften or skip it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from speccheck.judge import Parsed, Problem, Reference, reading
from speccheck.loading.diagnostics import did_you_mean
from speccheck.loading.forms import Form, shown
from speccheck.loading.paths import rebased
from speccheck.loading.references import definition_key
from speccheck.loading.settings import Defaults
from speccheck.loading.yaml.source import Where
from speccheck.model.declaration import Declarations
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.metrics import Metrics
from speccheck.model.spec import ExpectedFailure, Requires, Waiver
from speccheck.model.values import Json


def read_others(form: Form, defaults: Defaults, root: Path) -> dict[str, Any]:
    """Return the fields of an entry that are read alike: the keys it has, and defaults for the rest."""
    has = form.values
    found: dict[str, Any] = {"tags": defaults.tags, "timeout": defaults.timeout, "severity": defaults.severity}
    if "severity" in has:
        found["severity"] = "warn" if form.choice("severity", ("fail", "warn")) == "warn" else "fail"
    if "title" in has:
        found["title"] = form.text("title")
    if "section" in has:
        found["section"] = form.text("section")
    if has.get("observe") is True:
        found["observe"] = True
    if "needs" in has:
        found["needs"] = form.texts("needs")
    if "tags" in has:
        found["tags"] = form.texts("tags")
    if "timeout" in has:
        found["timeout"] = form.seconds("timeout")
    if "requires" in has:
        found["requires"] = _requires(form.part("requires"), root)
    if "skip" in has:
        found["skip"] = _skip(form.part("skip"))
    return found


def _requires(form: Form | None, root: Path) -> Requires | None:
    if form is None:
        return None
    form.only(("packages", "files", "device"))
    files = rebased(list(form.texts("files")), form.fallback.file.folder, root)
    return Requires(packages=form.texts("packages"), files=tuple(files), device=form.text("device"))


def _skip(form: Form | None) -> str | None:
    if form is None:
        return None
    form.only(("reason",))
    return form.text("reason") if form.need("reason") else None


class Mention(NamedTuple):
    """A reference to a metric of another entry, with its place."""

    reference: Reference
    where: Where


def read_expect(form: Form, metrics: Metrics | None, check: str) -> tuple[list[Mention], bool]:
    """Check an ``expect`` or ``worst``; return its references to other entries and whether it needs a baseline."""
    parsed: Parsed = reading(form.values, metrics)
    for problem in parsed.problems:
        _report(problem, form, check)
    mentions = [Mention(reference, form.where(*path)) for reference, path in parsed.references]
    return mentions, parsed.uses_baseline


def _report(problem: Problem, form: Form, check: str) -> None:
    where = form.key_where(*problem.path) if problem.on_key else form.where(*problem.path)
    message = problem.message
    if problem.code == "SC102" and check and check not in message:
        message = f"{message} of check {check}"
    if (problem.severity == "warning") == problem.code.startswith("SC6"):
        form.problems.add(problem.code, message, where, problem.hint)
        return
    position = where.position()
    line = where.file.line(position.line)
    form.problems.keep(Diagnostic(problem.code, message, position, problem.severity, problem.hint, line))


def expect_positions(form: Form) -> dict[str, Position]:
    """Return the position of each metric path, by its text."""
    found: dict[str, Position] = {}
    for metric in form.values:
        where = form.key_where(metric)
        if where.file.override is None:
            found[metric] = where.position()
    return found


def read_expected_failure(form: Form, expect: Mapping[str, Json]) -> ExpectedFailure | None:
    """Return the ``expected_failure`` of an entry; each metric that it names must be in ``expect``."""
    form.only(("metrics", "reason", "until"))
    metrics = form.texts("metrics")
    for at, metric in enumerate(metrics):
        if metric not in expect:
            hint = did_you_mean(metric, expect)
            message = f"{form.what} names '{metric}', which is not in 'expect'"
            form.problems.add("SC212", message, form.where("metrics", at), hint)
    if "metrics" in form.values and not metrics:
        form.wrong("metrics", "metrics of 'expect'", hint="leave it out when all of them must fail")
    if not form.need("reason"):
        return None
    return ExpectedFailure(reason=form.text("reason"), metrics=metrics, until=form.day("until"))


def read_waiver(form: Form, metrics: Metrics | None, check: str) -> tuple[Waiver | None, list[Mention], bool]:
    """Return the ``waiver`` of an entry, with the references in its ``worst``."""
    form.only(("owner", "reason", "until", "worst"))
    mentions: list[Mention] = []
    uses_baseline = False
    worst = form.part("worst")
    if worst is not None:
        mentions, uses_baseline = read_expect(worst, metrics, check)
    needed = [form.need(key) for key in ("owner", "reason", "until")]
    until = form.day("until")
    if not all(needed) or until is None:
        return None, mentions, uses_baseline
    values = {} if worst is None else dict(worst.values)
    return Waiver(form.text("owner"), form.text("reason"), until, values), mentions, uses_baseline


MAX_CELLS = 10_000
"""The most cells that one entry may have."""

_AXIS = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


class Cell(NamedTuple):
    """One combination: its id, and the value of each axis."""

    id: str
    values: dict[str, Json]


def cells(base: str, form: Form, declarations: Declarations) -> list[Cell] | None:
    """Return the cells of ``matrix`` in spec order, the last axis fastest; None, with a diagnostic, on errors."""
    axes: list[tuple[str, list[tuple[str, Json]]]] = []
    before = form.problems.errors
    if not form.values:
        form.problems.add("SC501", f"{form.what} is empty", form.fallback, "write AXIS: [VALUE, VALUE]")
    for name, value in form.values.items():
        if not _AXIS.fullmatch(name):
            message = f"'{name}' is not a valid name of an axis"
            form.problems.add("SC502", message, form.key_where(name), "letters, digits, - and _ only")
        axes.append((name, _axis(name, value, form, declarations)))
    if form.problems.errors != before:
        return None
    count = 1
    for _, options in axes:
        count *= len(options)
    if count > MAX_CELLS:
        form.problems.add("SC502", f"{form.what} has {count} cells; the limit is {MAX_CELLS}", form.fallback)
        return None
    names = [name for name, _ in axes]
    found = []
    for chosen in product(*(options for _, options in axes)):
        label = ",".join(f"{name}={text}" for name, (text, _) in zip(names, chosen, strict=True))
        found.append(Cell(f"{base}[{label}]", {name: item for name, (_, item) in zip(names, chosen, strict=True)}))
    return found


def _axis(name: str, value: Json, form: Form, declarations: Declarations) -> list[tuple[str, Json]]:
    """Return the values of an axis with their labels."""
    if isinstance(value, dict) and value:
        if (loader := definition_key(value, declarations)) is not None:
            message = f"the axis '{name}' is a definition by the loader '{loader}', which is built after cells are made"
            hint = f"write {name}: [VALUE, VALUE], or {name}: {{NAME: {{{loader}: ...}}}} for a cell that builds it"
            form.problems.add("SC502", message, form.where(name), hint)
        return list(value.items())
    if not isinstance(value, list) or not value:
        empty = isinstance(value, (list, dict)) or value is None
        message = (
            f"the axis '{name}' is empty"
            if empty
            else f"the axis '{name}' must be a list or a mapping, not {shown(value)}"
        )
        hint = "an entry without cells is never measured" if empty else f"write {name}: [VALUE, VALUE]"
        form.problems.add("SC501" if empty else "SC502", message, form.where(name), hint)
        return []
    found: list[tuple[str, Json]] = []
    for at, item in enumerate(value):
        if isinstance(item, (list, dict)) or item is None:
            hint = f"write {name}: {{NAME: ..., NAME: ...}}"
            message = f"a value of the axis '{name}' is {shown(item)}, which cannot name a cell"
            form.problems.add("SC502", message, form.where(name, at), hint)
        elif _label(item) in dict(found):
            message = f"the axis '{name}' has the value {_label(item)} twice"
            form.problems.add("SC502", message, form.where(name, at), "remove one of them")
        else:
            found.append((_label(item), item))
    return found


def _label(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
