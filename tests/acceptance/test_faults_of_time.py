"""Faults by which audited code does not end: the time limit ends them, with all that they have started."""

from __future__ import annotations

import pytest

from support.faults import Fault, Faulty, audited, check_run

pytestmark = pytest.mark.slow  # it starts many processes

LIMIT = 0.3

_OVER = rf"took longer than its timeout of {LIMIT} s"

BLOCKED = "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"


def _endless(body: str, traceback: str = "in fault_", timeout: float = LIMIT, log: str = "") -> Fault:
    return Fault(body, "timeout", _OVER, timeout=timeout, traceback=traceback, log=log)


ENDLESS = {
    "loop": _endless("spin()", "in spin"),
    "loop-swallows": _endless(
        """
        while True:
            try:
                spin()
            except BaseException:
                pass
        """
    ),
    "loop-blocked": _endless(BLOCKED + "spin()"),
    "loop-in-c": _endless(BLOCKED + "import itertools; sum(itertools.repeat(1))"),
    "long-power": _endless(BLOCKED + "7 ** 7 ** 11"),
    "backtracking": _endless(BLOCKED + "import re; re.match('(a+)+b', 'a' * 60)"),
    "sleep": _endless("time.sleep(60)"),
    "sleep-handlers": _endless("for n in (2, 14, 15): signal.signal(n, lambda *a: None)\nwhile True: time.sleep(1)"),
    "libc-sleep": _endless(BLOCKED + "while True: ctypes.PyDLL(None).sleep(60)"),
    "lock-twice": _endless("lock = threading.Lock(); lock.acquire(); lock.acquire()"),
    "after-fork": _endless(
        """
        lock = threading.Lock()
        thread = threading.Thread(target=lambda: (lock.acquire(), time.sleep(60)), daemon=True)
        thread.start()
        time.sleep(0.05)
        pid = os.fork()
        if pid == 0:
            lock.acquire()
        os.waitpid(pid, 0)
        """
    ),
    "stopped": _endless("os.kill(os.getpid(), signal.SIGSTOP)", ""),
    "group-stopped": _endless("os.killpg(0, signal.SIGSTOP)", ""),
    # A traced process that stops is reported to its parent, which ends it.
    "traced": Fault(
        "ctypes.CDLL(None).ptrace(0, 0, 0, 0); os.kill(os.getpid(), 10); time.sleep(60)",
        "died",
        "its process was killed by SIGKILL",
    ),
    "reads-input": _endless("r, w = os.pipe(); os.read(r, 1)"),
    "waits-for-child": _endless("subprocess.run(['sleep', '60'])"),
    "progress": _endless(
        """
        import speccheck.executors.worker as worker, gc
        found = [o for o in gc.get_objects() if type(o).__name__ == 'Channel' and o.fileno() in sockets()]
        assert len(found) == 1
        while True:
            found[0].send(worker.msgspec.json.encode(worker.Progress('x' * 1000)))
        """
    ),
    "prints": _endless("while True: print('a line of output')", log="a line of output"),
    "threads": _endless("for _ in range(3): threading.Thread(target=spin).start()\nspin()", ""),
    "forks": _endless("for _ in range(50):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"),
    "cannot-be-killed": _endless(
        """
        for number in range(1, 65):
            try: signal.signal(number, signal.SIG_IGN)
            except (OSError, ValueError): pass
        for _ in range(5):
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0: os.setsid()
                spin()
        spin()
        """
    ),
    "disarms": _endless(
        "import faulthandler; faulthandler.cancel_dump_traceback_later(); signal.setitimer(0, 0); spin()", ""
    ),
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return audited(tmp_path_factory.mktemp("time"), ENDLESS)


@pytest.mark.parametrize("name", ENDLESS)
def test_each_ends_in_time(audit: Faulty, name: str) -> None:
    audit.check(name)


def test_the_run_is_whole_and_nothing_is_left(audit: Faulty) -> None:
    check_run(audit)
