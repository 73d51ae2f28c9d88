"""The words of causes, constraints and judgements, for reporters; nothing reads the sentences back."""

from __future__ import annotations

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import counted, written_text
from speccheck.model.run import Run
from speccheck.model.verdict import ConstraintVerdict, Judgement, State
from speccheck.sdk.wording.fields import Known, more, source_text
from speccheck.sdk.wording.remarks import changed_before, changed_in_place, replaced, state_lost
from speccheck.sdk.wording.sentences import WRITERS
from speccheck.sdk.wording.templates import TEMPLATES

__all__ = [
    "cause_text",
    "changed_before",
    "changed_in_place",
    "constraint_text",
    "counted",
    "ending_text",
    "judgement_text",
    "replaced",
    "source_text",
    "state_lost",
    "verdict_text",
]


def judgement_text(judgement: Judgement) -> str:
    """Return why an entry has its outcome: ``loss: observed 3.0 is above max 2.0 (and 1 more)``, or ''."""
    cause = judgement.cause
    if cause is None:
        return ""
    decisive = _decisive(judgement, cause)
    if decisive is None:
        return cause_text(cause)
    what = "the waiver's worst does not hold: " if cause.kind is CauseKind.WAIVER_WORST else ""
    state = decisive.state.value
    why = verdict_text(decisive) or state
    if decisive.state is State.INCONCLUSIVE and why != state:
        why = f"{state}: {why}"
    return f"{what}{cause.fields.get('metric', '')}: {why}{more(cause.fields)}"


def verdict_text(verdict: ConstraintVerdict) -> str:
    """Return why a constraint is not held, with the item that was worst: ``observed 3 is above max 2 (at [4])``."""
    if verdict.cause is None:
        return ""
    text = cause_text(verdict.cause)
    return f"{text} (at {verdict.at})" if verdict.at and text else text


def constraint_text(verdict: ConstraintVerdict) -> str:
    """Return a constraint as written, with its nestings and options: ``mean: {min: baseline - 1.0}``."""
    if verdict.name in ("expect", "expected_failure"):
        return verdict.name
    text = written_text(verdict.name, verdict.written, verdict.nesting, verdict.options)
    return text if verdict.demanded_by == "expect" else f"{verdict.demanded_by}: {{{text}}}"


def cause_text(cause: Cause) -> str:
    """Return the sentence for a cause, without a capital or a full stop."""
    fields = Known(cause.fields)
    template = TEMPLATES.get(cause.kind)
    if template is not None:
        return template.format_map(fields)
    return WRITERS[cause.kind](fields, cause_text(cause.because) if cause.because is not None else "")


def ending_text(run: Run) -> str:
    """Return the line on a run that holds results so far, or was not kept; '' for one that is whole."""
    if not run.partial:
        return ""
    if run.ending == "unkept":
        return "this run could not be kept: these are its results"
    why = {"whole": "interrupted", "cut": "this run did not end (killed?)", "running": "this run is still running"}
    return f"{why[run.ending]}: these are the results so far"


def _decisive(judgement: Judgement, cause: Cause) -> ConstraintVerdict | None:
    """Return the constraint that the cause of an outcome points at."""
    at, index = cause.fields.get("verdict"), cause.fields.get("index")
    if not isinstance(at, int) or not isinstance(index, int) or not 0 <= at < len(judgement.verdicts):
        return None
    constraints = judgement.verdicts[at].constraints
    return constraints[index] if 0 <= index < len(constraints) else None
