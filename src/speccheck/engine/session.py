"""One run: each measurement is made once, each entry is judged, and the record is written."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from speccheck.engine.environment import environment
from speccheck.engine.gating import unmet
from speccheck.engine.loop import Judging, concluded, judged
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.coverage import Coverage
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.run import EntryResult, Failure, Measured, Options, Run
from speccheck.model.spec import Entry, Spec
from speccheck.model.values import Json
from speccheck.model.verdict import Decision, Judgement, Outcome
from speccheck.registry import Registry
from speccheck.sdk.executing import Measuring
from speccheck.store import BaselineFile, RunFolder


class Request(msgspec.Struct, frozen=True):
    """A run that is asked for: the spec, the entries chosen from it (in spec order), and the options."""

    spec: Spec
    entries: tuple[Entry, ...]
    baseline: BaselineFile
    options: Options = Options()
    stop_first: bool = False


class Services(msgspec.Struct, frozen=True):
    """The services that a run uses: executor, registry, the run's folder, the clocks, and the listener to results.

    ``now`` is the wall clock; ``clock`` counts seconds and never goes back.
    """

    executor: Measuring
    registry: Registry
    folder: RunFolder
    now: Callable[[], datetime]
    environ: Mapping[str, str]
    on_result: Callable[[EntryResult, Measured | None], None]
    clock: Callable[[], float] = time.monotonic


def run_spec(request: Request, services: Services) -> Run:
    """Run the entries and return the record as its file has it; an interrupt keeps the run so far.

    So does an error of the operating system, such as no descriptor left: the record says that the run did not end.
    """
    source = _Measuring(request, services)
    started, begun = services.now(), services.clock()
    record = _record(request, services, started)
    services.folder.start(_unended(record, request, source.digests))
    judging = Judging(request.baseline, services.folder.id, started.date())
    results: dict[str, EntryResult] = {}
    broken: OSError | None = None
    interrupted = False
    try:
        for result, measured in judged(request.entries, source, judging):
            results[result.entry.id] = result
            services.on_result(result, measured)
    except KeyboardInterrupt:
        interrupted = True
    except OSError as error:
        broken = error
    devices = [one.device for one in source.measured.values() if one.evidence is not None]
    record = msgspec.structs.replace(
        record,
        # Not the wall clock: it may be set meanwhile.
        finished=(started + timedelta(seconds=services.clock() - begun)).isoformat(),
        measurements=dict(sorted(source.measured.items())),
        environment=_environment(request.spec, services, devices, record.environment),
        interrupted=interrupted,
        ending="whole" if broken is None else "cut",
    )
    return services.folder.finish(_whole(record, request, results, broken))


def _whole(record: Run, request: Request, results: dict[str, EntryResult], broken: OSError | None) -> Run:
    """Return the record with the results, which are taken out of the mapping: the folder shall hold the only copy."""
    kind = CauseKind.INTERRUPTED if broken is None else CauseKind.RUN_ENDED_BEFORE
    lost = Judgement(Outcome.ERROR, Cause(kind))
    in_order = [results.pop(entry.id, EntryResult(entry, lost)) for entry in request.entries]
    whole = concluded(record, in_order, request.spec, request.baseline)
    if broken is None:
        return whole
    where = f": {broken.filename}" if broken.filename else ""
    message = f"the run could not go on: {broken.strerror or broken}{where}"
    return msgspec.structs.replace(whole, warnings=(*whole.warnings, Diagnostic("SC807", message, severity="warning")))


def _unended(record: Run, request: Request, digests: Mapping[str, str]) -> Run:
    """Return the record as it would be if the run ended now: the header of the journal."""
    lost = Judgement(Outcome.ERROR, Cause(CauseKind.RUN_ENDED_BEFORE))
    results = [EntryResult(entry, lost, digests[entry.id]) for entry in request.entries]
    return concluded(msgspec.structs.replace(record, ending="cut"), results, request.spec, request.baseline)


class _Measuring:
    """Evidence that an executor makes now, once per measurement; a source of the loop."""

    def __init__(self, request: Request, services: Services) -> None:
        self.request = request
        self.services = services
        self.folder = Path(request.spec.folder)
        self.measured: dict[str, Measured] = {}
        self.digests = {entry.id: entry.measurement.digest() for entry in request.entries}
        self.patience = _patience(request.entries, self.digests)

    def unmet(self, entry: Entry) -> Cause | None:
        """Return the requirement of the entry that is not met now, or None."""
        cause = unmet(entry.requires, self.folder, self.services.environ)
        if cause is not None:
            self.services.folder.append_unmet(entry.id, cause)
        return cause

    def stops_before(self, entry: Entry) -> bool:
        """Return whether the run is to stop at the first failure, whichever entry comes after it."""
        return self.request.stop_first

    def evidence(self, entry: Entry) -> tuple[str, Measured]:
        """Return the measurement's record, made now or shared with an earlier entry that measured the same."""
        digest = self.digests[entry.id]
        if digest not in self.measured:
            measured = self.services.executor.measure(entry.measurement, digest, self.folder, self.patience[digest])
            self.measured[digest] = self.recorded(digest, measured)
        return digest, self.measured[digest]

    def declaration(self, check: str) -> CheckDeclaration | None:
        """Return the declaration of a registered check."""
        return self.services.registry.check(check)

    def recorded(self, digest: str, measured: Measured) -> Measured:
        """Return the measurement as it is in the journal; if JSON cannot hold it, a failure."""
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


def _record(request: Request, services: Services, started: datetime) -> Run:
    """Return the record of the run that begins, without results."""
    spec, registry = request.spec, services.registry
    return Run(
        speccheck_run=2,
        id=services.folder.id,
        title=spec.title,
        spec=spec.file,
        spec_digest=spec.digest,
        started=started.isoformat(),
        finished=started.isoformat(),
        decision=Decision.NOTHING_JUDGED,
        coverage=Coverage(0, 0, {}),
        entries=(),
        measurements={},
        # Of the whole spec, not of the selection alone: the run is judged again under the whole of it.
        checks=checks_used(registry, spec.entries),
        loaders=loaders_known(registry),
        environment=_environment(spec, services),
        redacted=spec.redact,
        code=code_of(spec),
        **msgspec.structs.asdict(request.options),
    )


def _environment(
    spec: Spec, services: Services, devices: Iterable[str] = (), before: dict[str, Json] | None = None
) -> dict[str, Json]:
    """Return the environment of a run; at its end, what is known now besides what was known before."""
    registry = services.registry
    distributions = [plugin.distribution for plugin in registry.plugins]
    modules = services.executor.imported()
    try:
        return environment(Path(spec.folder), distributions, registry.environment, modules, devices, before)
    except OSError:  # no descriptor left to read a version with
        if before is None:
            raise
        return before


def _patience(entries: Sequence[Entry], digests: Mapping[str, str]) -> dict[str, float | None]:
    """Return the longest timeout of the entries that share each measurement, None when one of them has none.

    The measurement is made with the longest, whichever entry comes first; each entry then applies its own.
    """
    longest: dict[str, float | None] = {}
    for entry in entries:
        digest = digests[entry.id]
        known = longest.get(digest, entry.timeout)
        longest[digest] = None if known is None or entry.timeout is None else max(known, entry.timeout)
    return longest


def code_of(spec: Spec) -> dict[str, str]:
    """Return the code folders of a spec by name, relative to its folder."""
    return {name: Path(os.path.relpath(path, spec.folder)).as_posix() for name, path in sorted(spec.code.items())}


def checks_used(registry: Registry, entries: Sequence[Entry]) -> dict[str, CheckDeclaration]:
    """Return the declarations of the checks that the entries use, by name."""
    names = sorted({entry.check for entry in entries})
    return {name: found for name in names if (found := registry.check(name)) is not None}


def loaders_known(registry: Registry) -> dict[str, LoaderDeclaration]:
    """Return the declarations of all loaders: an edited spec is read with those that the run knew."""
    return {name: found for name in registry.loader_names() if (found := registry.loader(name)) is not None}
