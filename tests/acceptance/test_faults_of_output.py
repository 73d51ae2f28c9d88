"""Faults of what audited code gives and prints: descriptors, the channel, and evidence that is none."""

from __future__ import annotations

import pytest

from support.faults import Fault, Faulty, audited, check_run

GOOD = "return {'value': 1}"

COULD_NOT = "its process ended itself with exit code 70 .it could not go on: audited code has closed its descriptors"

DESCRIPTORS = {
    "prints-much": Fault(
        "line = b'x' * 1023 + b'\\n'\nblock = line * 1024\nfor _ in range(1024): os.write(1, block)\n" + GOOD,
        "",
        "",
        outcome="passed",
        log="bytes are left out]",
    ),
    "prints-one-line": Fault(
        "os.write(1, b'x' * (64 << 20)); " + GOOD, "", "", outcome="passed", log="bytes are left out"
    ),
    "prints-binary": Fault(
        "os.write(1, bytes(range(256)) * 4 + b'\\xff\\xfe\\x00end'); " + GOOD, "", "", outcome="passed", log="end"
    ),
    "prints-escapes": Fault(
        "print('\\x1b[2J\\x1b]0;title\\x07 </script>| `'); " + GOOD, "", "", outcome="passed", log="title"
    ),
    "prints-surrogates": Fault("raise ValueError('\\ud800')", "raised", "ValueError: "),
    "long-message": Fault("raise ValueError('x' * (50 << 20))", "raised", "ValueError: xxx"),
    "output-sparse": Fault("os.ftruncate(1, 1 << 40); os.write(1, b'end'); " + GOOD, "", "", outcome="passed"),
    "output-sparse-slow": Fault(
        "os.ftruncate(1, 1 << 40); time.sleep(2); " + GOOD, "too large", "printed more than 4 GiB"
    ),
    "closes-streams": Fault("sys.stdout.close(); sys.stderr.close(); " + GOOD, "", "", outcome="passed"),
    "closes-1-and-2": Fault("os.close(1); os.close(2); " + GOOD, "", "", outcome="passed"),
    "closes-0-1-2": Fault("os.closerange(0, 3); " + GOOD, "", "", outcome="passed"),
    "takes-1-and-2": Fault(
        "os.closerange(0, 3)\nfor _ in range(3): open('/dev/zero')\nx = os.open('/dev/null', 0)\n" + GOOD,
        "",
        "",
        outcome="passed",
    ),
    "closes-all": Fault("os.closerange(0, 1000); " + GOOD, "died", COULD_NOT),
    "closes-all-and-sleeps": Fault("os.closerange(0, 1000); time.sleep(60)", "died", "its process closed the channel"),
    "closes-the-channel": Fault("os.close(sockets()[0]); " + GOOD, "died", COULD_NOT),
    "thread-closes": Fault(
        "threading.Timer(0.1, os.close, (sockets()[0],)).start(); time.sleep(60)",
        "died",
        "its process closed the channel",
        timeout=0.5,
    ),
    "garbage": Fault(
        "os.write(sockets()[0], b'garbage, and more of it'); " + GOOD, "too large", "its process sent a message of"
    ),
    "huge-header": Fault(
        "os.write(sockets()[0], b'\\xff' * 8); time.sleep(60)", "too large", "its process sent a message of"
    ),
    "huge-header-dies": Fault(
        "os.write(sockets()[0], b'\\xff' * 8); ctypes.CDLL(None)._exit(0)", "too large", "its process sent a message of"
    ),
    "half-header": Fault(
        "os.write(sockets()[0], b'\\x01\\x00\\x00'); ctypes.CDLL(None)._exit(0)", "died", "its process ended itself"
    ),
    "half-message": Fault(
        "os.write(sockets()[0], b'\\x09' + bytes(7) + b'{'); ctypes.CDLL(None)._exit(0)",
        "died",
        "its process ended itself",
    ),
    "half-message-sleeps": Fault(
        "os.write(sockets()[0], b'\\x09' + bytes(7) + b'{'); time.sleep(60)", "timeout", "took longer", timeout=0.3
    ),
    "no-json": Fault("send(b'{]'); time.sleep(60)", "died", "its process sent what is no reply"),
    "no-utf8": Fault('send(b\'{"type": "\\xff"}\'); time.sleep(60)', "died", "its process sent what is no reply"),
    "no-reply": Fault('send(b\'{"type": "Fork"}\'); time.sleep(60)', "died", "its process sent what is no reply"),
    "deep-reply": Fault("send(b'[' * (1 << 20)); time.sleep(60)", "died", "its process sent what is no reply"),
    "deep-answer": Fault(
        "deep = b'[' * (1 << 20) + b']' * (1 << 20)\n"
        'send(b\'{"type": "Answer", "number": 1, "measured": \' + deep + b\'}\'); time.sleep(60)',
        "died",
        "its process sent what is no reply",
    ),
    "stale-answer": Fault(
        "reply('Answer', number() - 1, measured=3); reply('Described', number() + 1); " + GOOD, "", "", outcome="passed"
    ),
    "second-answer": Fault(
        "reply('Answer', measured=3); " + GOOD, "not recordable", "its process sent evidence that does not hold"
    ),
    "described": Fault("reply('Described'); time.sleep(60)", "died", "its process sent no evidence"),
    "no-measured": Fault(
        "reply('Answer', measured=3); time.sleep(60)", "not recordable", "its process sent evidence that does not hold"
    ),
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return audited(tmp_path_factory.mktemp("output"), DESCRIPTORS, violated=True)


@pytest.mark.parametrize("name", DESCRIPTORS)
def test_each_is_contained(audit: Faulty, name: str) -> None:
    audit.check(name)


def test_the_run_is_whole_and_nothing_is_left(audit: Faulty) -> None:
    check_run(audit)
