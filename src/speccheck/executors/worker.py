"""A worker: the process that builds and measures. It serves one request after the other until its channel is closed."""

from __future__ import annotations

import atexit
import contextlib
import faulthandler
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import msgspec

from speccheck.executors.channel import Channel, ClosedError
from speccheck.executors.containment import Ground
from speccheck.executors.forking import leaving
from speccheck.executors.inline import Inline
from speccheck.executors.local import local_executor
from speccheck.executors.messages import (
    REQUEST,
    Answer,
    Begun,
    Describe,
    Described,
    Progress,
    Reply,
    Request,
    Setup,
    Task,
    encoded,
)
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Spec
from speccheck.model.values import Json, from_wire
from speccheck.sdk.executing import Job

_REQUESTS = msgspec.json.Decoder(Request)


def serve(job: Job, channel: Channel, output: int) -> None:
    """Measure what is asked for on the channel, with all output in the file ``output``, until it is closed."""
    file = os.fdopen(output, "r+b", 0)
    # Of its own: audited code may close descriptor 2.
    faults = os.fdopen(os.dup(output), "wb", 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    atexit._clear()  # the handlers of the process that this one was forked from
    faulthandler.enable(faults)
    lock = threading.Lock()

    def send(reply: Reply) -> None:
        with lock:  # a check may report its progress from threads of its own
            channel.send(msgspec.json.encode(reply))

    job = replace(job, tell=lambda text: send(Progress(text)), interrupted=lambda: False)
    with local_executor(job, output=file, limit=lambda seconds: _traced(seconds, faults)) as executor:
        known: frozenset[str] = frozenset()
        try:
            while True:
                request = _REQUESTS.decode(channel.wait())
                send(Begun(request.number))
                if isinstance(request, Describe):
                    send(_described(executor, request))
                    continue
                measured = encoded(_measure(executor, request))
                found = executor.imported() - sys.stdlib_module_names
                new = tuple(sorted(found - known))
                raw = msgspec.Raw(measured)
                send(Answer(request.number, raw, executor.spoiled(), executor.stale(), new))
                known = found
        except ClosedError:
            _farewell()


def spawned(end: int, output: int) -> None:
    """Serve as a worker in an interpreter of its own; the first message says what the job is."""
    from speccheck.registry import discover
    from speccheck.store import Artifacts, Redactor

    with leaving():
        channel = Channel(socket.socket(fileno=end), REQUEST)
        setup = msgspec.json.decode(channel.wait(), type=Setup)
        sys.argv[:] = setup.arguments
        environ = dict(os.environ)
        spec = Spec("", "", setup.folder, (), code=setup.code, seed=setup.seed, redact=setup.redact)
        run = Artifacts(Path(setup.run), Redactor(setup.redact, environ))
        serve(Job(spec, discover(), environ, run, time.perf_counter, since=setup.since), channel, output)


def _measure(executor: Inline, task: Task) -> Measured:
    given = task.measurement
    measurement = msgspec.structs.replace(given, params=_plain(given.params), subjects=_plain(given.subjects))
    return executor.measure(measurement, task.digest, Path(task.folder), task.timeout)


def _described(executor: Inline, request: Describe) -> Described:
    found = executor.describe(_plain(request.definitions), request.name)
    return Described(request.number, failure=found) if isinstance(found, Failure) else Described(request.number, found)


def _plain(values: Mapping[str, Json]) -> dict[str, Json]:
    return {name: from_wire(value) for name, value in values.items()}


@contextmanager
def _traced(seconds: float | None, faults: IO[bytes]) -> Iterator[None]:
    """Write where the process is when the time is over; the main process kills it soon after."""
    if seconds is None:
        yield
        return
    faulthandler.dump_traceback_later(seconds, file=faults)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def _farewell() -> None:
    """Run the exit handlers of audited code, which remove temporary folders for instance."""
    with contextlib.suppress(BaseException), Ground().contained():
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
