"""The inline executor: it measures in this process, one measurement after the other."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from speccheck.executors.capture import Capture
from speccheck.executors.containment import Ground
from speccheck.executors.deadline import DeadlineExceeded, deadline
from speccheck.executors.evidence import declared_evidence
from speccheck.executors.patched import PatchedInterpreter
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.evidence import Artifact, Finding
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Measurement
from speccheck.model.values import Json
from speccheck.sdk.check import Check
from speccheck.sdk.errors import MeasurementError, SubjectError
from speccheck.sdk.executing import ArtifactFolder, Description, Implementations
from speccheck.sdk.params import bind
from speccheck.sdk.wording import changed_before, changed_in_place, state_lost
from speccheck.subjects import Change, Scope, describe


class Subjects(Protocol):
    """The subjects of a spec: built on demand, under seeds, and with the traceback of a failure."""

    @property
    def folder(self) -> Path:
        """The folder of the spec, absolute."""

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """The subjects of these definitions, built when first needed."""

    def seeded(self, seed: int) -> AbstractContextManager[None]:
        """Random generators under this seed inside, restored after."""

    def traceback(self, error: BaseException) -> str:
        """The audited code's own part of an error's traceback."""


@dataclass
class MeasurementContext:
    """The context of a measurement; implements ``sdk.Context``."""

    seed: int
    folder: Path
    timeout: float | None
    run: ArtifactFolder
    digest: str
    tell: Callable[[str], None]
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    remarks: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def artifact(self, name: str) -> Path:
        """Return a path inside the run's folder to write a file to."""
        return self.run.artifact_path(self.digest, name)

    def keep(self, name: str, path: Path, media_type: str = "application/octet-stream") -> Artifact:
        """Record a file as evidence of this measurement."""
        self.artifacts[name] = self.run.keep(self.digest, name, path, media_type)
        return self.artifacts[name]

    def progress(self, message: str) -> None:
        """Report the progress of a long measurement to the user."""
        self.tell(message)

    def note(self, changes: Iterable[Change], *, building: bool) -> None:
        """Remark which shared subjects were changed in place, and which had been before."""
        for change in changes:
            if change.again:
                self.kept.append(change.subject)
            text = changed_before() if change.again else changed_in_place(change.paths, building=building)
            self.remarks.append(Finding(text, symbol=change.subject))


class Inline:
    """Runs measurements in this process: subjects are built once and shared, each measurement under its own seed."""

    def __init__(
        self,
        registry: Implementations,
        subjects: Subjects,
        run: ArtifactFolder,
        clock: Callable[[], float],
        tell: Callable[[str], None],
        interrupted: Callable[[], bool] = lambda: False,
        capture: Capture | None = None,
        limit: Callable[[float | None], AbstractContextManager[None]] = deadline,
    ) -> None:
        self._registry = registry
        self._subjects = subjects
        self._run = run
        self._clock = clock
        self._tell = tell
        self._interrupted = interrupted
        self._capture = capture or Capture(tell)
        self._limit = limit
        self._ground = Ground()
        self._checks: dict[str, tuple[Check[Any], CheckDeclaration]] = {}
        self._spoiled: tuple[str, ...] = ()
        self._stale = False

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """Return the measurement with its evidence, or with the failure that prevented it."""
        context = MeasurementContext(measurement.seed, folder, timeout, self._run, digest, self._tell)
        scope = self._subjects.scope(measurement.subjects)
        started = self._clock()
        measured = Measured(measurement)
        failure: Failure | None = None
        try:
            with self._ground.contained(folder), self._capture(), self._limit(timeout):
                measured = self._measured(measurement, context, scope)
        except DeadlineExceeded:
            failure = Failure("timeout", f"took longer than its timeout of {timeout:g} s")
        except KeyboardInterrupt as error:
            if self._interrupted():
                raise
            failure = self._failure(error)
        except BaseException as error:  # noqa: BLE001 - whatever audited code raises is this entry's error
            failure = self._failure(error)
        log, remarks, replace = self._capture.text, self._remarks(context, scope), msgspec.structs.replace
        if failure is not None:
            log += "".join(f"{remark.symbol}: {remark.message}\n".removeprefix(": ") for remark in remarks)
            measured = Measured(measurement, None, replace(failure, log=log))
        elif measured.evidence is not None:
            evidence = measured.evidence
            # A check may return a file that it kept under another name: it is shown once.
            named = evidence.artifacts.values()
            kept = {name: artifact for name, artifact in context.artifacts.items() if artifact not in named}
            artifacts = {**kept, **evidence.artifacts}
            log, findings = evidence.log + log, (*evidence.findings, *remarks)
            evidence = replace(evidence, log=log, artifacts=artifacts, findings=findings)
            measured = replace(measured, evidence=evidence)
        return replace(measured, seconds=round(self._clock() - started, 3))

    def measure_pure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """Return a measurement of plain data by a check that runs no code but its own.

        Nothing is captured, contained or restored: that costs many times what the measurement does.
        """
        context = MeasurementContext(measurement.seed, folder, timeout, self._run, digest, self._tell)
        scope = self._subjects.scope(measurement.subjects)
        started = self._clock()
        try:
            check, declaration = self._check(measurement.check)
            values = {name: scope.live(value, "plain", name) for name, value in measurement.params.items()}
            evidence = check.measure(bind(check.params, values), context)
            measured = Measured(measurement, declared_evidence(evidence, declaration, check.measure.__module__))
        except Exception as error:  # noqa: BLE001 - whatever the check raises is this entry's error
            measured = Measured(measurement, None, self._failure(error))
        return msgspec.structs.replace(measured, seconds=round(self._clock() - started, 3))

    def describe(self, definitions: Mapping[str, Json], name: str) -> Description | Failure:
        """Return the description of one of these subjects, or the failure that prevented its building."""
        scope = self._subjects.scope(definitions)
        try:
            with (
                self._ground.contained(self._subjects.folder),
                self._capture(),
                self._ground.unpatched(lambda: scope.built),
            ):
                return describe(scope.get(name))
        except KeyboardInterrupt as error:
            if self._interrupted():
                raise
            failure = self._failure(error)
        except BaseException as error:  # noqa: BLE001 - whatever audited code raises is this subject's error
            failure = self._failure(error)
        return msgspec.structs.replace(failure, log=self._capture.text)

    def imported(self) -> frozenset[str]:
        """Return the top-level modules that this process has imported."""
        return frozenset(name for name in sys.modules if "." not in name)

    def spoiled(self) -> tuple[str, ...]:
        """Return why this process is no ground for another entry after the last one: what it changed for good."""
        return self._spoiled

    def stale(self) -> bool:
        """Return whether the last entry got an object that an entry before it had changed: audited code keeps it."""
        return self._stale

    def _measured(self, measurement: Measurement, context: MeasurementContext, scope: Scope) -> Measured:
        check, declaration = self._check(measurement.check)
        try:
            with self._ground.unpatched(lambda: scope.built):
                values = {
                    name: scope.live(value, declaration.fields.get(name, "plain"), name)
                    for name, value in measurement.params.items()
                }
        except PatchedInterpreter:
            scope.discard()
            raise
        if scope.built:
            context.note(scope.changed(), building=True)
        params = bind(check.params, values)
        with self._ground.unpatched(lambda: scope.reached), self._subjects.seeded(measurement.seed), scope.reading():
            evidence = check.measure(params, context)
        evidence = declared_evidence(evidence, declaration, check.measure.__module__)
        context.remarks += map(Finding, scope.remarks())
        named = measurement.params.get("device")
        device = scope.device(*([named] if isinstance(named, str) else []))
        return Measured(measurement, evidence, files=scope.files(), device=device)

    def _remarks(self, context: MeasurementContext, scope: Scope) -> list[Finding]:
        """Return the changes that outlive the measurement; keep those that make this process unfit for another one."""
        context.note(scope.changed(), building=False)
        if self._ground.lost:
            context.remarks.append(Finding(state_lost(self._ground.lost)))
        self._spoiled = self._ground.lost + self._ground.replaced + tuple(context.kept)
        self._stale = bool(context.kept)
        return context.remarks

    def _check(self, name: str) -> tuple[Check[Any], CheckDeclaration]:
        if name not in self._checks:
            check, declaration = self._registry.load_check(name), self._registry.check(name)
            assert declaration is not None
            self._checks[name] = check, declaration
        return self._checks[name]

    def _failure(self, error: BaseException) -> Failure:
        # Masked before they are cut: half a secret is not recognised.
        trace = _writable(self._run.mask(self._subjects.traceback(error)), 4 * LONGEST)
        message = _writable(self._run.mask(_said(error)))
        if isinstance(error, MeasurementError):
            return Failure("not measurable", message, trace if error.__cause__ else "")
        if isinstance(error, SubjectError):
            return Failure("subject", message, trace, subject=error.name)
        if isinstance(error, PatchedInterpreter):
            return Failure("replaced", message, trace if error.__cause__ else "")
        return Failure("raised", f"{type(error).__name__}: {message}", trace)

    def close(self) -> None:
        """Release what the executor holds."""
        self._capture.close()


LONGEST = 8_000
"""The most characters kept of an error's message; a tensor printed into one can have millions."""


def _said(error: BaseException) -> str:
    """Return the message of an error of audited code, whose class may be unable to give one."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - as Python's own tracebacks do
        return "<exception str() failed>"


def _writable(text: str, longest: int = LONGEST) -> str:
    """Return the text without its middle when it is too long.

    Characters that UTF-8 cannot encode (lone surrogates of odd file names) are escaped.
    """
    if len(text) > longest:
        text = f"{text[: longest // 2]} [... {len(text) - longest} characters left out ...] {text[-longest // 2 :]}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
