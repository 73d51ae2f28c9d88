"""The inline executor: it measures in this process, one measurement after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from speccheck.executors.capture import Capture
from speccheck.executors.containment import Ground
from speccheck.executors.deadline import DeadlineExceeded, deadline
from speccheck.model.declaration import CheckDeclaration, FieldKind
from speccheck.model.evidence import Artifact, Evidence, Finding
from speccheck.model.metrics import declared
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Measurement
from speccheck.model.values import Json, Value, from_wire, to_wire
from speccheck.registry import Registry
from speccheck.sdk.check import Check
from speccheck.sdk.errors import MeasurementError, SubjectError
from speccheck.sdk.params import bind


class Scope(Protocol):
    """The subjects of one measurement."""

    def live(self, value: Json, kind: FieldKind, name: str = "") -> Any:
        """Return a parameter's value, its references built."""

    def remarks(self) -> tuple[str, ...]:
        """What is to be known of the subjects that were built."""


class Subjects(Protocol):
    """The subjects of a spec: built on demand, under seeds, and with the traceback of a failure."""

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """The subjects of these definitions, built when first needed."""

    def seeded(self, seed: int) -> AbstractContextManager[None]:
        """Random generators under this seed inside, restored after."""

    def traceback(self, error: BaseException) -> str:
        """The audited code's own part of an error's traceback."""


class Folder(Protocol):
    """The run's folder, as far as a measurement needs it."""

    def artifact_path(self, digest: str, name: str) -> Path:
        """A place for an artifact of a measurement."""

    def keep(self, digest: str, name: str, path: Path, media_type: str) -> Artifact:
        """Record a file as an artifact."""

    def mask(self, text: str) -> str:
        """The text with every secret value masked."""


@dataclass
class MeasurementContext:
    """The context of a measurement; implements ``sdk.Context``."""

    seed: int
    folder: Path
    timeout: float | None
    run: Folder
    digest: str
    tell: Callable[[str], None]
    artifacts: dict[str, Artifact] = field(default_factory=dict)

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


class Inline:
    """Runs measurements in this process: subjects are built once and shared, each measurement under its own seed."""

    def __init__(
        self,
        registry: Registry,
        subjects: Subjects,
        run: Folder,
        clock: Callable[[], float],
        tell: Callable[[str], None],
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        self._registry = registry
        self._subjects = subjects
        self._run = run
        self._clock = clock
        self._tell = tell
        self._interrupted = interrupted
        self._capture = Capture(tell)
        self._ground = Ground()
        self._checks: dict[str, tuple[Check[Any], CheckDeclaration]] = {}

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """Return the measurement with its evidence, or with the failure that prevented it."""
        context = MeasurementContext(measurement.seed, folder, timeout, self._run, digest, self._tell)
        started = self._clock()
        evidence: Evidence | None = None
        failure: Failure | None = None
        try:
            with self._ground.contained(), self._capture(), deadline(timeout):
                evidence = self._evidence(measurement, context)
        except DeadlineExceeded:
            failure = Failure("timeout", f"took longer than its timeout of {timeout:g} s")
        except KeyboardInterrupt as error:
            if self._interrupted():
                raise
            failure = self._failure(error)
        except BaseException as error:  # noqa: BLE001 - whatever audited code raises is this entry's error
            failure = self._failure(error)
        log = self._capture.text
        if failure is not None:
            measured = Measured(measurement, None, msgspec.structs.replace(failure, log=log))
        elif evidence is not None:
            # A check may return a file that it kept under another name: it is shown once.
            named = evidence.artifacts.values()
            kept = {name: artifact for name, artifact in context.artifacts.items() if artifact not in named}
            artifacts = {**kept, **evidence.artifacts}
            measured = Measured(
                measurement, msgspec.structs.replace(evidence, log=evidence.log + log, artifacts=artifacts)
            )
        return msgspec.structs.replace(measured, seconds=round(self._clock() - started, 3))

    def _evidence(self, measurement: Measurement, context: MeasurementContext) -> Evidence:
        check, declaration = self._check(measurement.check)
        scope = self._subjects.scope(measurement.subjects)
        values = {
            name: scope.live(value, declaration.fields.get(name, "plain"), name)
            for name, value in measurement.params.items()
        }
        params = bind(check.params, values)
        with self._subjects.seeded(measurement.seed):
            evidence = check.measure(params, context)
        remarks = tuple(map(Finding, scope.remarks()))
        evidence = _checked(evidence, declaration, check)
        return msgspec.structs.replace(evidence, findings=(*remarks, *evidence.findings)) if remarks else evidence

    def _check(self, name: str) -> tuple[Check[Any], CheckDeclaration]:
        if name not in self._checks:
            check, declaration = self._registry.load_check(name), self._registry.check(name)
            assert declaration is not None
            self._checks[name] = check, declaration
        return self._checks[name]

    def _failure(self, error: BaseException) -> Failure:
        # Masked before they are cut: half a secret is not recognised.
        trace = _writable(self._run.mask(self._subjects.traceback(error)), 4 * LONGEST)
        message = _writable(self._run.mask(str(error)))
        if isinstance(error, MeasurementError):
            return Failure("not measurable", message, trace if error.__cause__ else "")
        if isinstance(error, SubjectError):
            return Failure("subject", message, trace, subject=error.name)
        return Failure("raised", f"{type(error).__name__}: {message}", trace)

    def close(self) -> None:
        """Release what the executor holds."""
        self._capture.close()


LONGEST = 8_000
"""The most characters kept of an error's message; a tensor printed into one can have millions."""


def _writable(text: str, longest: int = LONGEST) -> str:
    """Return the text without its middle when it is too long.

    Characters that UTF-8 cannot encode (lone surrogates of odd file names) are escaped.
    """
    if len(text) > longest:
        text = f"{text[: longest // 2]} [... {len(text) - longest} characters left out ...] {text[-longest // 2 :]}"
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _checked(evidence: Evidence, declaration: CheckDeclaration, check: Check[Any]) -> Evidence:
    """Return the evidence if it is plain data under declared names; anything else is an error of the check."""
    if not isinstance(evidence, Evidence):
        raise TypeError(f"{check.measure.__module__} returned {type(evidence).__name__}, not Evidence")
    metrics: dict[str, Value] = {}
    for name, value in evidence.metrics.items():
        if name not in declaration.metrics and not any(
            pattern.partition(".")[0].partition("[")[0] == name for pattern in declaration.metrics
        ):
            raise TypeError(f"{check.measure.__module__} returned metric {name!r}, which it does not declare")
        metrics[name] = from_wire(to_wire(value))  # so that later judgements get what this one gets
        metric = declared(declaration.metrics, (name,))
        if metric is not None and metric.kind == "number" and isinstance(value, bool):
            raise TypeError(f"{check.measure.__module__} returned a bool for the number {name!r}")
    return msgspec.structs.replace(evidence, metrics=metrics)
