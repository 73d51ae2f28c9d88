"""Faults of what entries share: a few pieces of state, and names that audited code replaces to pass."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from support.faults import Fault, Faulty, audited, check_run

GOOD = "\nreturn {'value': 1}"

WRONG = "\nreturn {'value': 2}"


def _fine(body: str) -> Fault:
    return Fault(body + GOOD, "", "", outcome="passed")


def _replaces(body: str) -> Fault:
    """A fault that would pass where it measures, were it not found: the value is 2."""
    return Fault(body + WRONG, "replaced", "audited code replaced ")


STATE = {
    "folder": _fine("os.chdir('/')"),
    "folder-removed": _fine("os.mkdir('away'); os.chdir('away'); os.rmdir('../away')"),
    "environment": _fine("os.environ.clear()"),
    "path": _fine("sys.path.clear(); sys.modules.pop('json', None)"),
    "handlers": _fine(
        "signal.signal(2, signal.SIG_IGN); signal.setitimer(0, 0.01, 0.01); signal.signal(14, lambda *a: None)"
    ),
    "recursion-limit": _fine("sys.setrecursionlimit(60)"),
    "memory-limit": _fine("import resource; resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))"),
    "size-limit": _fine("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))"),
    "descriptor-limit": _fine("import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (8, 8))"),
    "priority": _fine("os.nice(5)"),
    "umask": _fine("os.umask(0o777)"),
    "trace": _fine("sys.settrace(lambda *a: None); sys.setprofile(lambda *a: None)"),
    "collector": _fine("import gc; gc.disable(); gc.set_threshold(1)"),
    "threads-forbidden": _fine("threading.Thread.start = None"),
    "takes-all": Fault(
        "global kept; kept = []\nwhile True: kept.append(open('/dev/null'))", "raised", "OSError: .*Too many open files"
    ),
    "takes-all-quietly": _fine(
        "global more; more = []\ntry:\n    while True: more.append(open('/dev/null'))\nexcept OSError: pass"
    ),
    "processes-limit": _fine("import resource; resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))"),
}

PATCHES = {
    "builtins": _replaces("import builtins; builtins.len = lambda items: 1"),
    "evidence": _replaces("import speccheck.sdk as s, speccheck.model.evidence as e; s.Evidence = e.Evidence = dict"),
    "judge": _replaces(
        "import speccheck.judge as j; j.judge = lambda *a, **k: None; j.decide = lambda *a, **k: 'PASS'"
    ),
    "evaluators": _replaces(
        "import speccheck.judge.evaluate as e\n"
        "for name in vars(e).copy():\n    if name.startswith('E'): setattr(e, name, {})"
    ),
    "executor": _replaces("import speccheck.executors.inline as i; i.declared_evidence = lambda *a: {}"),
    "encoded": _replaces("import speccheck.executors.worker as w; w.encoded = lambda measured: b'{}'"),
    "exit": _fine("os._exit = lambda code: None; sys.exit = lambda code: None"),
    "json": _fine("json.dumps = json.loads = None"),
}

TABLES = {"state": STATE, "patches": PATCHES}


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Faulty]:
    """The run of a table, made once."""
    return cache(lambda table: audited(tmp_path_factory.mktemp(table), TABLES[table]))


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, faults in TABLES.items() for name in faults])
def test_each_is_as_before_for_the_next_entry(audits: Callable[[str], Faulty], table: str, name: str) -> None:
    audits(table).check(name)


@pytest.mark.parametrize("table", TABLES)
def test_the_run_is_whole_and_nothing_is_left(audits: Callable[[str], Faulty], table: str) -> None:
    check_run(audits(table))
