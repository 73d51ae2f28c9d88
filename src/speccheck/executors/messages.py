"""The messages between the main process, the template and the workers. Workers send data, never objects."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from speccheck.model.evidence import Evidence
from speccheck.model.run import Failure, Measured, converted, measured_bytes
from speccheck.model.spec import Measurement
from speccheck.model.values import Json, from_wire, to_wire
from speccheck.sdk.executing import Description

METRIC = 16 << 20
"""The longest metric, table or series, in bytes of JSON."""

EVIDENCE = 64 << 20
"""The longest evidence of one measurement, in bytes of JSON."""

MESSAGE = EVIDENCE + (1 << 20)
"""The longest message that the main process accepts, in bytes."""

REQUEST = 1 << 30
"""The longest request, in bytes: parameters that the user wrote."""

ARTIFACT = 1 << 30
"""The largest artifact, in bytes."""


FAILED = 70
"""The exit status of a template or worker that fails by itself."""


class Setup(msgspec.Struct, frozen=True, tag=True):
    """What a worker in a new interpreter must know of the spec, the run and the command."""

    code: dict[str, str]
    folder: str
    seed: int
    redact: tuple[str, ...]
    run: str
    since: int
    arguments: tuple[str, ...]


class Fork(msgspec.Struct, frozen=True, tag=True):
    """Fork a worker; its socket and the file for its output come with this message."""


class Preload(msgspec.Struct, frozen=True, tag=True):
    """Import these libraries, which no later worker has to import then."""

    modules: tuple[str, ...]


class Forked(msgspec.Struct, frozen=True, tag=True):
    """A worker was forked, or could not be (``pid`` 0, with the reason)."""

    pid: int
    reason: str = ""


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A worker has ended; ``status`` is what ``waitpid`` gives."""

    pid: int
    status: int


class Task(msgspec.Struct, frozen=True, tag=True):
    """Measure this; ``measurement`` is in wire form, ``timeout`` in seconds. ``number`` numbers the requests."""

    number: int
    measurement: Measurement
    digest: str
    folder: str
    timeout: float | None


class Describe(msgspec.Struct, frozen=True, tag=True):
    """Build and describe one of these subjects; ``definitions`` are in wire form."""

    number: int
    definitions: dict[str, Json]
    name: str


class Begun(msgspec.Struct, frozen=True, tag=True):
    """The worker has read the request of this number: what happens from now on is of that request."""

    number: int


class Progress(msgspec.Struct, frozen=True, tag=True):
    """A measurement reports its progress."""

    text: str


class Answer(msgspec.Struct, frozen=True, tag=True):
    """A measurement, as :func:`measured_bytes` writes it: the reply to the request of this number.

    ``spoiled`` names what the worker could not restore: it is replaced then. ``stale`` states that the measurement got
    an object that an earlier one had changed. ``imported`` are the top-level modules
    that it has imported since its last answer.
    """

    number: int
    measured: msgspec.Raw
    spoiled: tuple[str, ...] = ()
    stale: bool = False
    imported: tuple[str, ...] = ()


class Described(msgspec.Struct, frozen=True, tag=True):
    """The description of a subject, or why it cannot be built."""

    number: int
    description: Description | None = None
    failure: Failure | None = None


Request: TypeAlias = Task | Describe
Reply: TypeAlias = Begun | Progress | Answer | Described
Order: TypeAlias = Fork | Preload
Report: TypeAlias = Forked | Ended


def encoded(measured: Measured) -> bytes:
    """Return a measurement as JSON; a failure instead of one that cannot be written or is too long."""
    try:
        data = measured_bytes(measured, None)
    except Exception as error:  # noqa: BLE001 - a check may have put anything into its evidence: it is its error
        message = f"the evidence cannot be written: {type(error).__name__}: {error}"
        return measured_bytes(_failed(measured, "not recordable", message))
    evidence = measured.evidence
    if evidence is None or len(data) <= METRIC:
        return data
    message = oversized(evidence, len(data) - len(evidence.log))
    return data if not message else measured_bytes(_failed(measured, "too large", message))


def decoded(data: bytes | msgspec.Raw) -> Measured:
    """Return the measurement that :func:`encoded` wrote; ValueError for anything else."""
    return converted(msgspec.json.decode(data, type=Measured), from_wire)


def oversized(evidence: Evidence, whole: int) -> str:
    """Return which part of the evidence is too long, and its limit; '' if none is."""
    parts = {
        "metric": {name: to_wire(value) for name, value in evidence.metrics.items()},
        "table": evidence.tables,
        "series": evidence.series,
    }
    for kind, items in parts.items():
        for name, value in items.items():
            size = len(msgspec.json.encode(value))
            if size > METRIC:
                return f"the {kind} {name!r} has {size} bytes; the limit of each is {METRIC} bytes"
    return "" if whole <= EVIDENCE else f"the evidence has {whole} bytes; the limit is {EVIDENCE} bytes"


def _failed(measured: Measured, kind: str, message: str) -> Measured:
    return Measured(measured.measurement, None, Failure(kind, message), measured.seconds)
