"""The loop of a run: gate each entry, get its evidence, measured now or stored, and judge it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from typing import NamedTuple, Protocol

import msgspec

from speccheck.engine.gating import gate, in_time
from speccheck.engine.plan import ordered
from speccheck.judge import coverage, decide, judge
from speccheck.model.cause import Cause
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.spec import Entry, Spec
from speccheck.model.values import Value
from speccheck.model.verdict import Judgement, Outcome
from speccheck.store import BaselineFile, SeenFiles


class Source(Protocol):
    """A source of evidence: an executor that measures now, or the file of an earlier run."""

    def unmet(self, entry: Entry) -> Cause | None:
        """Return the requirement of the entry that is not met, or None."""

    def stops_before(self, entry: Entry) -> bool:
        """Return whether the run leaves this entry out once an earlier one did not pass."""

    def evidence(self, entry: Entry) -> tuple[str, Measured] | Cause:
        """Return the digest and the record of the entry's measurement, or why there is none."""

    def declaration(self, check: str) -> CheckDeclaration | None:
        """Return the declaration of a check."""


class Judging(NamedTuple):
    """The baseline that entries are judged against, the run that the evidence belongs to, and the UTC day."""

    baseline: BaselineFile
    run_id: str
    today: date


def judged(entries: Sequence[Entry], source: Source, judging: Judging) -> Iterator[tuple[EntryResult, Measured | None]]:
    """Yield the result of each entry, with its measurement if there is one, in the order in which entries run."""
    outcomes: dict[str, Outcome] = {}
    metrics: dict[str, Mapping[str, Value]] = {}
    digests: dict[str, str] = {}
    read: set[str] = set()
    failed = False
    for entry in ordered(entries):
        stopped = failed and source.stops_before(entry)
        judgement = gate(entry, outcomes, stopped=stopped, unmet=source.unmet(entry))
        measured: Measured | None = None
        digest: str | None = None
        if judgement is None:
            found = source.evidence(entry)
            if isinstance(found, Cause):
                judgement = Judgement(Outcome.ERROR, found)
            else:
                digest, measured = found[0], in_time(found[1], entry.timeout)
                if measured.evidence is not None:
                    metrics[entry.id] = measured.evidence.metrics
                    digests[entry.id] = digest
                    read.update(measured.files.values())
                same = frozenset(name for name in entry.references if digests.get(name) == digest)
                others = _Others(metrics, same, read)
                judgement = _judgement(entry, measured, digest, others, source.declaration(entry.check), judging)
        outcomes[entry.id] = judgement.outcome
        failed = failed or judgement.outcome.stops
        yield EntryResult(entry, judgement, digest), measured


class _Others(NamedTuple):
    """The metrics of the entries before, by id, and which of those referred to have the same measurement.

    ``read`` holds the digests of all files read by now.
    """

    metrics: Mapping[str, Mapping[str, Value]]
    same: frozenset[str]
    read: Set[str]


def _judgement(
    entry: Entry,
    measured: Measured,
    digest: str,
    others: _Others,
    declaration: CheckDeclaration | None,
    judging: Judging,
) -> Judgement:
    return judge(
        entry,
        measured.evidence,
        others.metrics,
        judging.baseline.entry(entry.id, digest, judging.run_id, SeenFiles(measured.files, others.read)),
        judging.today,
        declaration.metrics if declaration else {},
        measured.failure.cause if measured.failure else None,
        others.same,
    )


def concluded(record: Run, results: Sequence[EntryResult], spec: Spec | None, baseline: BaselineFile) -> Run:
    """Return the record with these results, and the decision and coverage that follow from them.

    It keeps what a record keeps of the spec and the baseline under which the results were judged; without a spec, its
    own.
    """
    outcomes = [result.judgement.outcome for result in results]
    replace = msgspec.structs.replace
    if spec is not None:
        record = replace(record, title=spec.title, spec=spec.file, spec_digest=spec.digest, warnings=spec.warnings)
        if spec.baseline:
            record = replace(record, baseline=baseline.use([result.entry.id for result in results]))
    return replace(
        record,
        entries=tuple(results),
        decision=decide(outcomes, interrupted=record.partial, fail_on=record.fail_on),
        coverage=coverage(outcomes),
    )
