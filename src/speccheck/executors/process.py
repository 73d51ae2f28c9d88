"""The executor ``process``: measures in worker processes, which may die, hang and lie; what comes back is data."""

from __future__ import annotations

import contextlib
import importlib
import itertools
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from speccheck.executors.capture import output_file
from speccheck.executors.channel import Channel, ClosedError, channels
from speccheck.executors.evidence import artifacts_kept, declared_evidence
from speccheck.executors.messages import MESSAGE, REQUEST, Answer, Describe, Described, Task, decoded
from speccheck.executors.spawning import Spawning
from speccheck.executors.template import start
from speccheck.executors.workers import PATIENCE, Keeper, KeeperLostError, Worker, WorkerLostError
from speccheck.loading.references import reached
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Measurement
from speccheck.model.values import Json, to_wire, wired
from speccheck.sdk.executing import Description, Executor, Job
from speccheck.sdk.hooks import PROJECT

if TYPE_CHECKING:
    from speccheck.executors.inline import Inline

_WORKER = "speccheck.executors.worker"

_HEAVY = ("numpy", "torch")
"""Libraries that take long to import. A worker that follows another finds them imported, if that one had."""

_FAREWELL = 2.0
"""Seconds that a worker may take for the exit handlers of audited code."""


class Process:
    """Measures for one job: a worker for each set of code folders that a measurement names, started when needed."""

    def __init__(self, job: Job, stack: ExitStack, *, fork: bool) -> None:
        self._job = job
        self._stack = stack
        self._fork = fork
        self._keeper: Keeper | None = None
        self._workers: dict[tuple[str, ...], Worker] = {}
        self._imported: frozenset[str] = frozenset()
        self._here: Inline | None = None
        self._numbers = itertools.count(1)
        if any(not self._is_pure(entry.measurement) for entry in job.spec.entries):
            # Now: this process has imported little, and runs no other thread.
            self._keeper = self._start()

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """Return the measurement with its evidence or failure, made in a worker unless it is of plain data alone."""
        if self._is_pure(measurement):
            return self._local().measure_pure(measurement, digest, folder, timeout)
        self._job.run.sync()
        started = self._job.clock()
        number = next(self._numbers)
        try:
            request = msgspec.json.encode(_task(number, measurement, digest, folder, timeout))
        except (ValueError, TypeError, OverflowError) as error:
            return Measured(measurement, None, Failure("not recordable", f"its parameters cannot be written: {error}"))
        trees = self._trees([measurement.params, measurement.subjects])
        answer = self._ask(trees, request, number, timeout)
        if isinstance(answer, Answer) and answer.stale:
            # Audited code keeps an object that an earlier entry changed. The next worker has nothing from before.
            answer = self._ask(trees, request, number, timeout)
        found = answer if isinstance(answer, Failure) else self._believed(answer, measurement, digest)
        if isinstance(found, Failure) and trees in self._workers:
            self._workers[trees].kill()  # it does not do what a worker does, and may do so for long
        seconds = round(self._job.clock() - started, 3)
        if isinstance(found, Failure):
            return Measured(measurement, None, found, seconds)
        return msgspec.structs.replace(found, measurement=measurement, seconds=seconds)

    def describe(self, definitions: Mapping[str, Json], name: str) -> Description | Failure:
        """Return the description of one of these subjects, built in a worker, or why it cannot be built."""
        plain = {key: to_wire(value) for key, value in definitions.items()}
        reach = reached({"": definitions.get(name)}, {"": "live"}, definitions, self._job.registry)
        trees = self._trees([definitions.get(name), *(definitions[other] for other in reach)])
        number = next(self._numbers)
        answer = self._ask(trees, msgspec.json.encode(Describe(number, plain, name)), number, None)
        if isinstance(answer, Described):
            return answer.description or answer.failure or Failure("died", "its process sent nothing")
        return answer if isinstance(answer, Failure) else Failure("died", "its process sent no description")

    def imported(self) -> frozenset[str]:
        """Return the libraries that the workers so far have imported."""
        return self._imported

    def close(self) -> None:
        """End the workers, with some time for the exit handlers of audited code."""
        for worker in self._workers.values():
            if worker.busy:  # the user has interrupted it
                worker.kill()
            worker.end()
        until = time.monotonic() + _FAREWELL
        for worker in self._workers.values():
            worker.gone(max(0.0, until - time.monotonic()))
        if self._keeper is not None:
            self._keeper.close()
        for worker in self._workers.values():
            worker.close()

    def _is_pure(self, measurement: Measurement) -> bool:
        """Return whether the measurement is of plain data alone, by a check that ships with speccheck.

        A third party's could end the process that judges, whatever it declares.
        """
        if measurement.subjects or not self._job.registry.load_check(measurement.check).pure:
            return False
        declaration = self._job.registry.check(measurement.check)
        return declaration is not None and declaration.distribution == PROJECT

    def _local(self) -> Inline:
        if self._here is None:
            from speccheck.executors.local import local_executor

            # With a file of its own for the output nothing watches: a thread here could lock what a template inherits.
            job = replace(self._job, tell=_unheard)
            self._here = self._stack.enter_context(local_executor(job, output=output_file()))
        return self._here

    def _trees(self, values: list[Json]) -> tuple[str, ...]:
        """Return the code folders of the spec that definitions name, sorted."""
        found: set[str] = set()
        while values:
            item = values.pop()
            if isinstance(item, Mapping):
                if isinstance(item.get("code"), str):
                    found.add(item["code"])
                values += item.values()
            elif isinstance(item, (list, tuple)):
                values += item
        return tuple(sorted(found & self._job.spec.code.keys()))

    def _start(self) -> Keeper:
        return start(self._serve, _WORKER) if self._fork else Spawning(self._job)

    def _serve(self, end: socket.socket, output: int) -> None:
        importlib.import_module(_WORKER).serve(self._job, Channel(end, REQUEST), output)

    def _ask(
        self, trees: tuple[str, ...], request: bytes, number: int, timeout: float | None
    ) -> Answer | Described | Failure:
        try:
            worker = self._worker(trees)
            if not worker.begins(request, number) and worker.used:
                worker.kill()  # for what an earlier entry has left in it
                self._drop(trees)
                worker = self._worker(trees)
                worker.begins(request, number)
            reply = worker.answer(number, timeout, self._job.tell)
        except KeeperLostError:
            self._drop_all()
            return Failure("died", "the process that starts the workers ended while it measured")
        except OSError as error:
            if trees in self._workers:
                self._drop(trees)
            return Failure("not measurable", f"no process to measure in: {error}")
        except WorkerLostError as lost:
            self._drop(trees)
            return lost.failure
        if isinstance(reply, Answer):
            self._imported |= frozenset(reply.imported)
            if reply.spoiled:
                self._drop(trees)
        return reply

    def _worker(self, trees: tuple[str, ...]) -> Worker:
        if self._keeper is not None and not self._keeper.lives():
            self._drop_all()  # what an entry before this one did
        if trees not in self._workers:
            if self._keeper is None:
                self._keeper = self._start()
            heavy = sorted(self._imported.intersection(_HEAVY))
            if heavy:
                self._keeper.preload(heavy)
            channel, end = channels(MESSAGE)
            output = output_file()
            with end:
                pid = self._keeper.fork(end, output.fileno())
            if self._keeper.greeting:
                with contextlib.suppress(ClosedError):  # it has ended already, which is seen when it is to begin
                    channel.send(self._keeper.greeting, patience=PATIENCE)
            self._workers[trees] = Worker(pid, channel, output, self._keeper)
        return self._workers[trees]

    def _drop(self, trees: tuple[str, ...]) -> None:
        """End a worker; the next measurement of these trees gets a new one."""
        worker = self._workers.pop(trees)
        worker.end()
        if self._keeper is None or not self._keeper.lives() or not worker.gone(_FAREWELL):
            worker.kill()
        worker.close()

    def _drop_all(self) -> None:
        for trees in list(self._workers):
            self._drop(trees)
        if self._keeper is not None:
            self._keeper.close()
        self._keeper = None

    def _believed(self, answer: Answer | Described, measurement: Measurement, digest: str) -> Measured | Failure:
        """Return what a worker sent, checked against the declaration; a failure, where it is not what workers send."""
        if isinstance(answer, Described):
            return Failure("died", "its process sent no evidence")
        try:
            measured = decoded(answer.measured)
            declaration = self._job.registry.check(measurement.check)
            if measured.evidence is None or declaration is None:
                return (
                    measured if measured.failure else Failure("died", "its process sent neither evidence nor a failure")
                )
            evidence = declared_evidence(measured.evidence, declaration, measurement.check)
            artifacts = artifacts_kept(evidence.artifacts, digest, self._job.run)
        except (ValueError, TypeError, OSError, RecursionError) as error:
            return Failure("not recordable", f"its process sent evidence that does not hold: {error}")
        return msgspec.structs.replace(measured, evidence=msgspec.structs.replace(evidence, artifacts=artifacts))


def _unheard(message: str) -> None:
    """Nobody waits for progress of what takes a microsecond."""


def _task(number: int, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Task:
    params, subjects = wired(measurement.params), wired(measurement.subjects)
    portable = msgspec.structs.replace(measurement, params=params, subjects=subjects)
    return Task(number, portable, digest, str(folder), timeout)


@contextmanager
def opened(job: Job, *, fork: bool = sys.platform == "linux") -> Iterator[Process]:
    """Give the executor for a job; ``fork``: from a template, which is not safe on every system."""
    with ExitStack() as stack:
        process = Process(job, stack, fork=fork)
        try:
            yield process
        finally:
            process.close()


executor = Executor(
    "process",
    opened,
    doc="Measures in worker processes of their own: audited code that ends, hangs or lies is an error of its entry.",
)
