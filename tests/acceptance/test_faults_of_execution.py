"""Faults by which audited code ends or damages its process: each is the error of its entry, and of no other."""

from __future__ import annotations

import pytest

from support.faults import Fault, Faulty, audited, check_run

LIBC = "ctypes.CDLL(None)"

ENDINGS = {
    "raise": Fault("raise ValueError('of the audit')", "raised", "ValueError: of the audit$", traceback="in fault_"),
    "constructor": Fault("raise ValueError('unbuilt')", "subject", ".* raised ValueError: unbuilt$", building=True),
    "constructor-exits": Fault("sys.exit(0)", "subject", ".* raised SystemExit: 0$", building=True),
    "constructor-ends": Fault(f"{LIBC}._exit(0)", "died", "its process ended itself with exit code 0", building=True),
    "sys-exit": Fault("sys.exit(0)", "raised", "SystemExit: 0$"),
    "system-exit": Fault("raise SystemExit", "raised", "SystemExit: $"),
    "keyboard-interrupt": Fault("raise KeyboardInterrupt", "raised", "KeyboardInterrupt: $"),
    "os-exit": Fault("os._exit(0)", "raised", r"HardExit: os._exit\(0\)$"),
    "posix-exit": Fault("import posix; posix._exit(0)", "died", "its process ended itself with exit code 0 "),
    "libc-exit": Fault(f"{LIBC}.exit(0)", "died", "its process ended itself with exit code 0 "),
    "libc-hard-exit": Fault(f"{LIBC}._exit(0)", "died", "its process ended itself with exit code 0 "),
    "execv": Fault("os.execv('/bin/true', ['true'])", "died", "its process ended itself with exit code 0 "),
    "exec-talks": Fault("os.execv('/bin/echo', ['echo', 'of exec'])", "died", "its process ended", log="of exec"),
    "thread-exits": Fault(
        f"threading.Thread(target={LIBC}._exit, args=(0,)).start(); time.sleep(9)", "died", "its process ended itself"
    ),
    "sigkill": Fault("os.kill(os.getpid(), 9)", "died", "its process was killed by SIGKILL"),
    "group-killed": Fault("os.killpg(0, 9)", "died", "its process was killed by SIGKILL"),
    "sigterm": Fault("os.kill(os.getpid(), 15); time.sleep(9)", "died", "its process was killed by SIGTERM"),
    "sigint": Fault("os.kill(os.getpid(), 2); time.sleep(9)", "raised", "KeyboardInterrupt"),
    "segfault": Fault(
        "print('last words', flush=True); ctypes.string_at(0)",
        "died",
        "its process was killed by SIGSEGV",
        log="last words",
        traceback="in fault_segfault",
    ),
    "abort": Fault("os.abort()", "died", "its process was killed by SIGABRT", traceback="in fault_abort"),
    "floating": Fault("os.kill(os.getpid(), 8); time.sleep(9)", "died", "its process was killed by SIGFPE"),
    "recursion": Fault("def f(): f()\nf()", "raised", "RecursionError"),
    "stack-overflow": Fault(
        """
        sys.setrecursionlimit(1 << 30)
        class Deep:
            def __repr__(self):
                return repr([self])
        repr(Deep())
        """,
        "died",
        "its process was killed by SIGSEGV",
    ),
    "out-of-memory": Fault(
        """
        import resource
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        bytearray(4 << 30)
        """,
        "raised",
        "MemoryError",
    ),
}


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "violated-before"])
def audit(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Faulty:
    return audited(tmp_path_factory.mktemp("endings"), ENDINGS, violated=request.param)


@pytest.mark.parametrize("name", ENDINGS)
def test_each_is_the_error_of_its_entry(audit: Faulty, name: str) -> None:
    audit.check(name)


def test_the_run_is_whole_and_nothing_is_left(audit: Faulty) -> None:
    check_run(audit)
