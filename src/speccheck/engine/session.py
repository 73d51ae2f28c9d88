"""One run: every entry gated, measured once per measurement, judged, and put on record."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from speccheck.engine.environment import environment
from speccheck.engine.gating import STOPPING, gate, in_time, unmet
from speccheck.engine.plan import ordered
from speccheck.judge import coverage, decide, judge
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.spec import Entry, Measurement, Spec
from speccheck.model.values import Value
from speccheck.model.verdict import Judgement, Outcome
from speccheck.registry import Registry
from speccheck.store import BaselineFile, RunFolder


class Executor(Protocol):
    """Turns a measurement into evidence or a failure."""

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """The measurement with what came of it."""


class Request(msgspec.Struct, frozen=True):
    """What is to be run: the spec, the entries chosen from it (in spec order), and how."""

    spec: Spec
    entries: tuple[Entry, ...]
    baseline: BaselineFile
    selection: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    stop_first: bool = False
    fail_on: Literal["fail", "warn"] = "fail"


class Services(msgspec.Struct, frozen=True):
    """What a run uses of the world: executor, registry, the run's folder, the clock, and who is told of results."""

    executor: Executor
    registry: Registry
    folder: RunFolder
    now: Callable[[], datetime]
    environ: Mapping[str, str]
    on_result: Callable[[EntryResult, Measured | None], None]


def run_spec(request: Request, services: Services) -> Run:
    """Run the entries and return the record, which is also written to the run's folder; an interrupt keeps what is
    there.
    """
    session = _Session(request, services)
    started = services.now()
    interrupted = False
    try:
        for entry in ordered(request.entries):
            session.entry(entry)
    except KeyboardInterrupt:
        interrupted = True
    run = session.record(started, interrupted)
    services.folder.finish(run)
    return run


class _Session:
    def __init__(self, request: Request, services: Services) -> None:
        self.request = request
        self.services = services
        self.today = services.now().date()
        self.measured: dict[str, Measured] = {}
        self.digests = {entry.id: entry.measurement.digest() for entry in request.entries}
        self.patience = _patience(request.entries, self.digests)
        self.results: dict[str, EntryResult] = {}
        self.outcomes: dict[str, Outcome] = {}
        self.metrics: dict[str, Mapping[str, Value]] = {}
        self.stopped = False

    def entry(self, entry: Entry) -> None:
        """Gate, measure and judge one entry."""
        lacking = unmet(entry.requires, Path(self.request.spec.folder), self.services.environ)
        judgement = gate(entry, self.outcomes, stopped=self.stopped, unmet=lacking)
        measured, digest = None, None
        if judgement is None:
            digest = self.digests[entry.id]
            measured = self.measure(entry, digest)
            judgement = self.judge(entry, measured, digest)
            if measured.evidence is not None:
                self.metrics[entry.id] = measured.evidence.metrics
        result = EntryResult(entry, judgement, digest)
        self.results[entry.id] = result
        self.outcomes[entry.id] = judgement.outcome
        self.stopped = self.stopped or (self.request.stop_first and judgement.outcome in STOPPING)
        self.services.on_result(result, measured)

    def measure(self, entry: Entry, digest: str) -> Measured:
        """The measurement's record, made now or shared with an earlier entry that measured the same."""
        if digest not in self.measured:
            folder = Path(self.request.spec.folder)
            measured = self.services.executor.measure(entry.measurement, digest, folder, self.patience[digest])
            self.measured[digest] = self.recorded(digest, measured)
        return in_time(self.measured[digest], entry.timeout)

    def recorded(self, digest: str, measured: Measured) -> Measured:
        """The measurement as it stands in the journal; one that JSON cannot hold is a failure that says so."""
        try:
            self.services.folder.append(digest, measured)
        except (
            ValueError,
            TypeError,
            OverflowError,
        ) as error:  # lone surrogates, integers beyond what JSON readers take
            failure = Failure("not recordable", f"the evidence cannot be written: {type(error).__name__}: {error}")
            measured = Measured(measured.measurement, None, failure, measured.seconds)
            self.services.folder.append(digest, measured)
        return measured

    def judge(self, entry: Entry, measured: Measured, digest: str) -> Judgement:
        """The entry's judgement on that evidence."""
        declaration = self.services.registry.check(entry.check)
        return judge(
            entry,
            measured.evidence,
            self.metrics,
            self.request.baseline.entry(entry.id, digest, self.services.folder.id),
            self.today,
            declaration.metrics if declaration else {},
            measured.failure.message if measured.failure else "",
        )

    def record(self, started: datetime, interrupted: bool) -> Run:
        """The run as far as it got; entries that an interrupt kept from running are errors that say so."""
        lost = Judgement(Outcome.ERROR, "the run was interrupted before this entry was measured")
        results = tuple(self.results.get(entry.id, EntryResult(entry, lost)) for entry in self.request.entries)
        outcomes = [result.judgement.outcome for result in results]
        request, services = self.request, self.services
        facts = environment(
            Path(request.spec.folder),
            [p.distribution for p in services.registry.plugins],
            services.registry.environment,
        )
        ids = [entry.id for entry in request.entries]
        return Run(
            speccheck_run=1,
            id=services.folder.id,
            title=request.spec.title,
            spec=request.spec.file,
            spec_digest=request.spec.digest,
            started=started.isoformat(),
            finished=services.now().isoformat(),
            decision=decide(outcomes, interrupted=interrupted, fail_on=request.fail_on),
            coverage=coverage(outcomes),
            entries=results,
            measurements=dict(sorted(self.measured.items())),
            # Of the whole spec, not of the selection alone: the run is judged again under the whole of it.
            checks=checks_used(services.registry, request.spec.entries),
            loaders=loaders_known(services.registry),
            environment=facts,
            command=request.command,
            selection=request.selection,
            overrides=request.overrides,
            baseline=request.baseline.use(ids) if request.spec.baseline else None,
            interrupted=interrupted,
            redacted=request.spec.redact,
            code=code_of(request.spec),
            warnings=request.spec.warnings,
            fail_on=request.fail_on,
        )


def _patience(entries: Sequence[Entry], digests: Mapping[str, str]) -> dict[str, float | None]:
    """The longest timeout of the entries that share each measurement, None when one of them waits without end.

    Whoever comes first, the measurement is made for the most patient; the others judge it by their own timeout.
    """
    longest: dict[str, float | None] = {}
    for entry in entries:
        digest = digests[entry.id]
        known = longest.get(digest, entry.timeout)
        longest[digest] = None if known is None or entry.timeout is None else max(known, entry.timeout)
    return longest


def code_of(spec: Spec) -> dict[str, str]:
    """The code folders of a spec by name, relative to its folder."""
    return {name: Path(os.path.relpath(path, spec.folder)).as_posix() for name, path in sorted(spec.code.items())}


def checks_used(registry: Registry, entries: Sequence[Entry]) -> dict[str, CheckDeclaration]:
    """The declarations of the checks that the entries use, by name."""
    names = sorted({entry.check for entry in entries})
    return {name: found for name in names if (found := registry.check(name)) is not None}


def loaders_known(registry: Registry) -> dict[str, LoaderDeclaration]:
    """The declarations of all loaders: an edited spec is read with those that the run knew."""
    return {name: found for name in registry.loader_names() if (found := registry.loader(name)) is not None}
