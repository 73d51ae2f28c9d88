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
    "environment-object": ("import os; os.environ = {}", "type(os.environ).__name__"),
    "time-zone": ("os.environ['TZ'] = 'Asia/Tokyo'; time.tzset()", "time.tzname"),
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


def _run(folder: Path, rows: Rows, imports: str = "") -> dict[str, str]:
    (folder / "code").mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "code" / "audited.py").write_text(_module(rows, imports))
    (folder / "spec.yaml").write_text(_spec(rows))
    project = Project(folder)
    project("run", "spec.yaml", code=0)
    return {name: outcome for name, outcome in outcomes(project.record()).items() if outcome != "passed"}


def test_each_piece_of_state_is_as_before(tmp_path: Path) -> None:
    assert _run(tmp_path, PLAIN) == {}


def test_each_piece_of_numpy_is_as_before(tmp_path: Path) -> None:
    assert _run(tmp_path, NUMPY, "import numpy as np") == {}


@pytest.mark.slow
def test_each_piece_of_torch_is_as_before(tmp_path: Path) -> None:
    assert _run(tmp_path, TORCH, "import torch") == {}
