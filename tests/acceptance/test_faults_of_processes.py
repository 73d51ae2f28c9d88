"""Faults of processes: what audited code starts, stops and kills leaves nothing behind, and harms no other entry."""

from __future__ import annotations

import pytest

from support.faults import Fault, Faulty, audited, check_run

GOOD = "\nreturn {'value': 1}"

TEMPLATE_ENDED = "the process that starts the workers ended while it measured$"


def _fine(body: str, log: str = "") -> Fault:
    return Fault(body + GOOD, "", "", outcome="passed", log=log)


LEAVING = {
    "child-outlives": _fine("subprocess.Popen(['sleep', '300'])"),
    "child-detached": _fine("subprocess.Popen('setsid sleep 300 & exec setsid sleep 301', shell=True)"),
    "child-forked-twice": _fine(
        """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.setsid()
                spin()
            ctypes.CDLL(None)._exit(0)
        """.rstrip()
        .replace("\n        ", "\n")
        .strip()
    ),
    "child-keeps-descriptors": Fault(
        "if os.fork() == 0:\n    os.setsid(); time.sleep(300)\nctypes.CDLL(None)._exit(0)",
        "died",
        "its process ended itself with exit code 0",
    ),
    "family-detached": Fault(
        """
        for _ in range(4):
            if os.fork() == 0:
                os.setsid()
        time.sleep(300) if os.getpid() != os.getsid(0) or above(os.getpid()) != 1 else None
        """,
        "timeout",
        "took longer",
        timeout=0.3,
    ),
    "child-returns": _fine("os.fork()"),
    "child-raises": _fine("if os.fork() == 0: raise SystemExit(0)"),
    "children-many": _fine("for _ in range(50):\n    if os.fork() == 0: time.sleep(300)"),
    "zombie": _fine("if os.fork() == 0: ctypes.CDLL(None)._exit(0)"),
    "child-kills-group": Fault(
        "if os.fork() == 0: os.killpg(0, 9)\ntime.sleep(300)", "died", "its process was killed by SIGKILL"
    ),
    "own-group": _fine("if os.fork() == 0:\n    os.setpgid(0, 0); spin()"),
    "session": Fault("os.setsid()", "raised", "PermissionError"),
    "subreaper": _fine("ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\nsubprocess.run('sleep 300 &', shell=True)"),
    "threads": _fine("for _ in range(3): threading.Thread(target=time.sleep, args=(300,)).start()"),
    "exit-hangs": _fine("import atexit; atexit.register(time.sleep, 1)"),
    "exit-ends": _fine("import atexit; atexit.register(ctypes.CDLL(None)._exit, 0)"),
    "exit-prints": _fine("import atexit; atexit.register(print, 'PASS'); atexit.register(os.write, 1, b'PASS')"),
    "signal-ignored": _fine("for n in (1, 2, 15, 17): signal.signal(n, signal.SIG_IGN)"),
    "template-stopped": _fine("os.kill(os.getppid(), signal.SIGSTOP)"),
    "template-stopped-and-ends": Fault(
        "os.kill(os.getppid(), signal.SIGSTOP); ctypes.CDLL(None)._exit(0)", "died", "its process "
    ),
    "template-killed": Fault("os.kill(os.getppid(), 9); time.sleep(300)", "died", TEMPLATE_ENDED),
    "template-ended": Fault("os.kill(os.getppid(), 15); time.sleep(300)", "died", TEMPLATE_ENDED),
    "template-interrupted": Fault("os.kill(os.getppid(), 2); time.sleep(300)", "died", TEMPLATE_ENDED),
    "parents-group-killed": Fault("os.killpg(os.getppid(), 9); time.sleep(300)", "died", TEMPLATE_ENDED),
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return audited(tmp_path_factory.mktemp("processes"), LEAVING, violated=True)


@pytest.mark.parametrize("name", LEAVING)
def test_each_harms_its_own_entry_at_most(audit: Faulty, name: str) -> None:
    audit.check(name)


def test_the_run_is_whole_and_nothing_is_left(audit: Faulty) -> None:
    check_run(audit)
