"""The files of an audit of faulty code: a plugin with a check that calls, audited code, and the spec's head."""

from __future__ import annotations

CHECK = '''"""Gives what a call returns as the metrics."""
from dataclasses import dataclass
from typing import Any, Callable

from speccheck.sdk import Check, Context, Evidence, Live, Metric, param


@dataclass(frozen=True)
class Params:
    """The call, with its arguments."""

    call: Live[Callable[..., Any]] = param("the callable")
    args: tuple[int, ...] = param("its arguments", default=())


METRICS = {
    "value": Metric(kind="number", doc="a number"),
    "values": Metric(kind="list", of="number", doc="numbers"),
    "named": Metric(kind="mapping", of="number", doc="numbers by name"),
    "text": Metric(kind="text", doc="a text"),
}


def measure(params: Params, context: Context) -> Evidence:
    """The metrics are what the call returns, or the evidence is."""
    context.progress("called")
    found = params.call(*params.args)
    return Evidence(metrics=found) if isinstance(found, dict) else found


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
'''

PLUGIN = """from speccheck.sdk import CheckPackage, hookimpl


@hookimpl
def speccheck_checks():
    return [CheckPackage("acme.checks")]
"""

FILES = {
    "acme/__init__.py": "",
    "acme/plugin.py": PLUGIN,
    "acme/checks/__init__.py": "",
    "acme/checks/fault/__init__.py": "",
    "acme/checks/fault/call.py": CHECK,
}

AUDITED = '''"""Audited code: a healthy subject, and faults."""
import ctypes, json, os, signal, struct, subprocess, sys, threading, time


class Shared:
    """Built once, and used before and after the faults."""

    def double(self, number):
        return {"value": 2 * number}


def spin():
    while True:
        pass


def above(pid):
    """The parent of a process."""
    with open(f"/proc/{pid}/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def main_process():
    """The process that judges: the parent of the parent."""
    return above(os.getppid())


def sockets():
    """The descriptors that are sockets."""
    found = []
    for name in os.listdir("/proc/self/fd"):
        try:
            if os.readlink(f"/proc/self/fd/{name}").startswith("socket:"):
                found.append(int(name))
        except OSError:
            pass
    return found


def send(data):
    """Write a message of audited code's own to the process that judges."""
    os.write(sockets()[0], struct.pack("<Q", len(data)) + data)


def number():
    """The number of the request that is being served."""
    frame = sys._getframe()
    while "request" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["request"].number


def context():
    """The context of the measurement that calls."""
    frame = sys._getframe()
    while "context" not in frame.f_locals or "params" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["context"]


def artifact(name, path=None):
    """Evidence of a file of this name, whose path in the run's folder may be forged."""
    from speccheck.sdk import Artifact, Evidence
    digest = context().digest[:12]
    path = path or f"artifacts/{digest}/{name}"
    return Evidence({"value": 1}, artifacts={name: Artifact(path, "0" * 64, 1)})


MEASURED = {
    "measurement": {"check": "fault.call", "version": 1, "params": {}, "seed": 0, "subjects": {}},
    "evidence": {"metrics": {"value": 1}},
}


def reply(kind, to=None, **fields):
    """Forge a reply."""
    send(json.dumps({"type": kind, "number": number() if to is None else to, **fields}).encode())
'''

HEAD = """\
speccheck: 1
title: Faults of execution
code: .
subjects:
  shared: {target: "audited:Shared"}
  double: {function: $shared.double}
"""
