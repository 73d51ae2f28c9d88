"""What one entry changes in the process, the next one finds as it was: each piece of state, over the command line.

``audited.py`` holds the table: how a piece of state is changed, and how it is read. It reads all of it when it is
imported, which is before anything was changed. Of each row there are two entries: one changes, the next one compares.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest

from support.commands import Project, outcomes

pytestmark = pytest.mark.slow  # it starts many processes

HEAD = """\
import decimal, faulthandler, gc, locale, logging, multiprocessing, os, random, resource, signal, socket, sys
import threading, time, warnings


class Finder:
    def find_spec(self, name, path=None, target=None):
        return None


def handler(*arguments):
    return None


def nofile():
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def umask():
    found = os.umask(0)
    os.umask(found)
    return found


def leave_timer():
    signal.setitimer(signal.ITIMER_REAL, 300)


def pending_alarm():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    signal.pthread_kill(threading.get_ident(), signal.SIGALRM)
"""

Rows: TypeAlias = Mapping[str, tuple[str, str]]

PLAIN = {
    "working-folder": ("os.chdir('/')", "os.getcwd()"),
    "environment": ("os.environ.update(LEFT='1'); del os.environ['HOME']", "dict(os.environ)"),
    "time-zone": ("os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "time.tzname"),
    "environment-object": ("import os; os.environ = {}", "type(os.environ).__name__"),
    "umask": ("os.umask(0o111)", "umask()"),
    "recursion-limit": ("sys.setrecursionlimit(5000)", "sys.getrecursionlimit()"),
    "switch-interval": ("sys.setswitchinterval(1.0)", "sys.getswitchinterval()"),
    "path": ("sys.path.insert(0, '/nowhere'); sys.path.append('/none')", "[p for p in sys.path if 'no' in p[:4]]"),
    "path-cleared": ("sys.path.clear()", "len(sys.path) > 2"),
    "meta-path": ("sys.meta_path.insert(0, Finder())", "[f for f in sys.meta_path if type(f) is Finder]"),
    "meta-path-cleared": ("del sys.meta_path[-1]", "sys.meta_path[-1]"),
    "path-hooks": ("sys.path_hooks.insert(0, Finder)", "list(sys.path_hooks)"),
    "excepthook": ("sys.excepthook = handler", "sys.excepthook"),
    "displayhook": ("sys.displayhook = handler", "sys.displayhook"),
    "unraisablehook": ("sys.unraisablehook = handler", "sys.unraisablehook"),
    "threading-excepthook": ("threading.excepthook = handler", "threading.excepthook"),
    "trace": ("sys.settrace(handler)", "sys.gettrace()"),
    "profile": ("sys.setprofile(handler)", "sys.getprofile()"),
    "thread-trace": ("threading.settrace(handler)", "threading.gettrace()"),
    "standard-input": ("sys.stdin = open(os.devnull)", "sys.stdin"),
    "standard-output": ("sys.stdout = open(os.devnull, 'w')", "sys.stdout.name == os.devnull"),
    "arguments": ("sys.argv[:] = ['x']", "list(sys.argv)"),
    "warning-filters": ("warnings.simplefilter('error')", "list(warnings.filters)"),
    "showwarning": ("warnings.showwarning = handler", "warnings.showwarning"),
    "signal-handler": ("signal.signal(signal.SIGUSR1, handler)", "signal.getsignal(signal.SIGUSR1)"),
    "interrupt-handler": ("signal.signal(signal.SIGINT, handler)", "signal.getsignal(signal.SIGINT)"),
    "signal-mask": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])",
        "signal.pthread_sigmask(signal.SIG_BLOCK, [])",
    ),
    "pending-signal": ("pending_alarm()", "(signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.sigpending())"),
    "interval-timer": ("leave_timer()", "signal.getitimer(signal.ITIMER_REAL)[0] > 0"),
    "soft-limit": ("resource.setrlimit(resource.RLIMIT_NOFILE, (64, nofile()[1]))", "nofile()"),
    "garbage-collection": ("gc.disable()", "gc.isenabled()"),
    "garbage-thresholds": ("gc.set_threshold(1, 2, 3)", "gc.get_threshold()"),
    "logging-level": ("logging.getLogger().setLevel(1)", "logging.getLogger().level"),
    "logging-disabled": ("logging.disable(50)", "logging.root.manager.disable"),
    "logging-handlers": ("logging.basicConfig(force=True)", "list(logging.getLogger().handlers)"),
    "locale": ("locale.setlocale(locale.LC_ALL, 'C.UTF-8')", "locale.setlocale(locale.LC_ALL)"),
    "socket-timeout": ("socket.setdefaulttimeout(3)", "socket.getdefaulttimeout()"),
    "decimal": ("decimal.getcontext().prec = 3", "decimal.getcontext().prec"),
    "start-method": ("multiprocessing.set_start_method('spawn', force=True)", "multiprocessing.get_start_method()"),
    "print": ("__builtins__.update(print=handler)", "print"),
    "open": ("__builtins__.update(open=handler)", "open"),
    "priority": ("os.nice(1)", "os.getpriority(os.PRIO_PROCESS, 0)"),
    "cpus": ("os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})", "os.sched_getaffinity(0)"),
}

NUMPY = {
    "numpy-errors": ("np.seterr(all='raise')", "np.geterr()"),
    "numpy-print": ("np.set_printoptions(precision=1)", "np.get_printoptions()"),
}

TORCH = {
    "dtype": ("torch.set_default_dtype(torch.float64)", "torch.get_default_dtype()"),
    "device": ("torch.set_default_device('meta')", "torch.get_default_device()"),
    "device-block": ("torch.device('meta').__enter__()", "torch.get_default_device()"),
    "threads": ("torch.set_num_threads(torch.get_num_threads() + 1)", "torch.get_num_threads()"),
    "deterministic": (
        "torch.use_deterministic_algorithms(True, warn_only=True)",
        "(torch.are_deterministic_algorithms_enabled(), torch.get_deterministic_debug_mode())",
    ),
    "cudnn": ("torch.backends.cudnn.benchmark = True", "torch.backends.cudnn.benchmark"),
    "cudnn-deterministic": ("torch.backends.cudnn.deterministic = True", "torch.backends.cudnn.deterministic"),
    "matmul": ("torch.set_float32_matmul_precision('medium')", "torch.get_float32_matmul_precision()"),
    "matmul-new": (
        "torch.backends.cuda.matmul.fp32_precision = 'tf32'",
        "(torch.get_float32_matmul_precision(), torch.backends.cuda.matmul.allow_tf32)",
    ),
    "cudnn-precision": ("torch.backends.cudnn.allow_tf32 = False", "torch.backends.cudnn.allow_tf32"),
    "grad": ("torch.set_grad_enabled(False)", "torch.is_grad_enabled()"),
    "autocast": (
        "LEFT.append(torch.autocast('cpu')); LEFT[-1].__enter__()",
        "(torch.is_autocast_enabled('cpu'), torch.autocast_increment_nesting(), torch.autocast_decrement_nesting())",
    ),
    "anomaly": ("torch.autograd.set_detect_anomaly(True)", "torch.is_anomaly_enabled()"),
    "denormal": ("torch.set_flush_denormal(True)", "5e-324 * float('1') > 0"),
    "print-options": ("torch.set_printoptions(precision=1)", "str(torch.tensor(1 / 3))"),
    "hooks": (
        "torch.nn.modules.module.register_module_forward_hook(lambda m, i, o: o * 0)",
        "float(torch.nn.Identity()(torch.ones(())))",
    ),
}
"""Of torch, which is first imported inside an entry."""


TAIL = """
BEFORE = {row: read() for row, read in READS.items()}


def seen(row):
    now = READS[row]()
    return 1 if now == BEFORE[row] else f"{BEFORE[row]} became {now}"


def change(row):
    globals()["change_" + row.replace("-", "_")]()
    return 1
"""


def _module(rows: Rows, imports: str) -> str:
    rows = {"": ("pass", "None"), **rows}
    changes = "".join(f"def change_{row.replace('-', '_')}():\n    {change}\n\n" for row, (change, _) in rows.items())
    reads = "".join(f"    {row!r}: lambda: {read},\n" for row, (_, read) in rows.items())
    return f"{HEAD}\n{imports}\nLEFT = []\n\n{changes}\nREADS = {{\n{reads}}}\n{TAIL}"


def _spec(rows: Rows) -> str:
    lines = ["speccheck: 1", "title: State", "code: code", "checks:"]
    rows = {"": ("", ""), **rows}  # the first entry imports the module and changes nothing
    for what, row in ((what, row) for row in rows for what in ("change", "seen")):
        target = f"{{target: 'audited:{what}', args: ['{row}']}}"
        entry = f"id: {what}-{row or 'nothing'}, check: values.equal, with: {{left: {target}, right: 1}}"
        lines.append(f"  - {{{entry}, expect: {{equal: true}}}}")
    return "\n".join(lines) + "\n"


def _run(folder: Path, executor: str, rows: Rows, imports: str = "") -> list[str]:
    """Return the entries that do not pass, or that changed something for good."""
    project = _project(folder, _spec(rows), _module(rows, imports))
    project("run", "spec.yaml", "--executor", executor, code=0)
    record = project.record()
    evidence = {digest: measured["evidence"] for digest, measured in record["measurements"].items()}
    return [entry["entry"]["id"] for entry in record["entries"] if evidence[entry["measured"]].get("findings")]


EXECUTORS = pytest.mark.parametrize("executor", ["process", "inline"])


@EXECUTORS
def test_each_piece_of_state_is_as_before(tmp_path: Path, executor: str) -> None:
    assert _run(tmp_path, executor, PLAIN) == []


@EXECUTORS
def test_each_piece_of_numpy_is_as_before(tmp_path: Path, executor: str) -> None:
    assert _run(tmp_path, executor, NUMPY, "import numpy as np") == []


@pytest.mark.slow
@EXECUTORS
def test_each_piece_of_torch_is_as_before(tmp_path: Path, executor: str) -> None:
    assert _run(tmp_path, executor, TORCH, "import torch") == []


SHARED = """
class Model:
    def __init__(self):
        self.scale, self.seen = 1, [1]

    def apply(self, value):
        return value * self.scale


def changes(model):
    model.scale = 3
    model.seen.append(2)
    return 1


def opens(name):
    return open(name).read()
"""

CHANGED = """\
speccheck: 1
title: A subject that one entry changes and another uses
code: code
subjects:
  model: {target: "audited:Model"}
  change: {function: "audited:changes", args: [$model]}
checks:
  - {id: before, check: values.equal, with: {left: $model.scale, right: 1}, expect: {equal: true}}
  - {id: changing, check: determinism.repeat, with: {call: $change}, expect: {identical: true}}
  - {id: after, check: values.equal, with: {left: $model.scale, right: {expr: "[1][0]"}}, expect: {equal: true}}
"""


def _project(folder: Path, spec: str, code: str) -> Project:
    (folder / "code").mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "code" / "audited.py").write_text(code)
    (folder / "spec.yaml").write_text(spec)
    return Project(folder)


def test_a_subject_that_an_entry_changes_is_named_and_built_anew(tmp_path: Path) -> None:
    project = _project(tmp_path, CHANGED, SHARED)
    shown = project("run", "spec.yaml", code=0).stdout
    assert outcomes(project.record()) == {"before": "passed", "changing": "passed", "after": "passed"}
    found = [
        finding
        for measured in project.record()["measurements"].values()
        for finding in measured["evidence"].get("findings", [])
    ]
    assert found == [
        {
            "message": "the measurement changed it in place: scale, seen; later entries get a new instance",
            "symbol": "$model",
        }
    ]
    assert "passed" in shown


RELATIVE = """\
speccheck: 1
title: A file beside the spec
code: code
subjects:
  text: {target: "audited:opens", args: [data.txt]}
  reads: {function: "audited:opens", args: [data.txt]}
checks:
  - {id: building, check: values.equal, with: {left: $text, right: here}, expect: {equal: true}}
  - {id: measuring, check: determinism.repeat, with: {call: $reads}, expect: {identical: true}}
"""


def test_audited_code_works_in_the_folder_of_the_spec_wherever_the_command_starts(tmp_path: Path) -> None:
    project = _project(tmp_path, RELATIVE, SHARED)
    (tmp_path / "data.txt").write_text("here")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "data.txt").write_text("elsewhere")
    project("run", "spec.yaml", code=0)
    Project(elsewhere)("run", "../spec.yaml", code=0)
    built = Project(elsewhere)("build", "../spec.yaml", "text", code=0)
    assert "4 items" in built.stdout  # of "here"


PATCHES = {
    "builtin": ("import builtins; builtins.len = lambda x: 3", "builtins.len"),
    "builtins": ("import builtins; builtins.next = None; builtins.isinstance = len", "builtins.isinstance"),
    "judge": (
        "from speccheck.judge import constraints; constraints.CONSTRAINTS.pop('equals')",
        "speccheck.judge.constraints.CONSTRAINTS['equals']",
    ),
    "check": (
        "from speccheck.checks.values import equal; equal.check = None",
        "speccheck.checks.values.equal.check",
    ),
    "class": (
        "from speccheck.executors.inline import Inline; Inline.measure = None",
        "speccheck.executors.inline.Inline.measure",
    ),
    "inherited": (
        "from speccheck.executors.capture import Capture; Capture.__getattribute__ = object.__getattribute__",
        "speccheck.executors.capture.Capture.__getattribute__",
    ),
    "code": (
        "from speccheck.sdk import tail; tail.tail.__code__ = (lambda *a: 1).__code__",
        "speccheck.sdk.tail.tail.__code__",
    ),
    "hidden-builtin": ("from speccheck.sdk import tail; tail.len = lambda x: 0", "speccheck.sdk.tail.len"),
    "module": ("import sys; sys.modules['speccheck.sdk.tail'] = sys", "speccheck.sdk.tail"),
}
FREE = {"print": "import builtins; builtins.print = None; builtins.more = 1", "nothing": "pass"}


def test_names_that_audited_code_replaces_make_its_entry_an_error_and_are_put_back(tmp_path: Path) -> None:
    bodies = {**{name: body for name, (body, _) in PATCHES.items()}, **FREE}
    names = {name: f"patch_{name.replace('-', '_')}" for name in bodies}
    code = "".join(f"def {names[name]}():\n    {body}\n    return 1\n\n" for name, body in bodies.items())
    lines = ["speccheck: 1", "title: Patches", "code: code", "checks:"]
    for name in bodies:
        for what, check in (
            ("target", "values.equal, with: {left: LIVE, right: 1}, expect: {equal: true}"),
            ("function", "determinism.repeat, with: {call: LIVE}, expect: {identical: true}"),
        ):
            live = f"{{{what}: 'audited:{names[name]}'}}"
            lines.append(f"  - {{id: {what}-{name}, check: {check.replace('LIVE', live)}}}")
    project = _project(tmp_path, "\n".join(lines) + "\n", code)
    project("run", "spec.yaml", code=3)
    found = outcomes(project.record())
    assert {name for name, outcome in found.items() if outcome == "passed"} == {
        f"{what}-{name}" for what in ("target", "function") for name in FREE
    }
    measurements = project.record()["measurements"]
    for result in project.record()["entries"]:
        name = result["entry"]["id"].partition("-")[2]
        if name in PATCHES:
            failure = measurements[result["measured"]]["failure"]
            assert failure["kind"] == "replaced"
            assert f" {PATCHES[name][1]}, " in failure["message"]
