"""The ``expect`` of an entry, read by the judge against the metrics of its check, with the places of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from speccheck.judge import Parsed, Problem, Reference, reading
from speccheck.loading.forms import Form
from speccheck.loading.source import Where
from speccheck.loading.suggest import did_you_mean
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.metrics import Metrics
from speccheck.model.spec import ExpectedFailure, Waiver
from speccheck.model.values import Json


class Mention(NamedTuple):
    """A reference to a metric of another entry, and where it stands."""

    reference: Reference
    where: Where


def read_expect(form: Form, metrics: Metrics | None, check: str) -> tuple[list[Mention], bool]:
    """Check an ``expect`` or ``worst``; the references to other entries in it, and whether it needs a baseline."""
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
    """The place of each metric path, by its text."""
    found: dict[str, Position] = {}
    for metric in form.values:
        where = form.key_where(metric)
        if where.file.override is None:
            found[metric] = where.position()
    return found


def read_expected_failure(form: Form, expect: Mapping[str, Json]) -> ExpectedFailure | None:
    """The ``expected_failure`` of an entry; each metric that it names must stand in ``expect``."""
    form.only(("metrics", "reason", "until"))
    metrics = form.texts("metrics")
    for at, metric in enumerate(metrics):
        if metric not in expect:
            hint = did_you_mean(metric, expect)
            message = f"{form.what} names '{metric}', which 'expect' does not"
            form.problems.add("SC212", message, form.where("metrics", at), hint)
    if "metrics" in form.values and not metrics:
        form.wrong("metrics", "metrics of 'expect'", hint="leave it out when all of them must fail")
    if not form.need("reason"):
        return None
    return ExpectedFailure(reason=form.text("reason"), metrics=metrics, until=form.day("until"))


def read_waiver(form: Form, metrics: Metrics | None, check: str) -> tuple[Waiver | None, list[Mention], bool]:
    """The ``waiver`` of an entry, with what its ``worst`` refers to."""
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
