"""Output of audited code is captured whoever prints it, and nothing of ours is lost."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading

import pytest

from speccheck.executors.capture import Capture, output_file
from speccheck.sdk.tail import LIMIT, tail


def test_python_descriptors_and_children_are_captured(capfd: pytest.CaptureFixture[str]) -> None:
    capture = Capture()
    print("before", flush=True)
    with capture():
        print("from python")
        os.write(1, b"from a descriptor\n")
        subprocess.run(
            [sys.executable, "-c", "import sys; print('child', flush=True); print('err', file=sys.stderr)"], check=True
        )
    print("after", flush=True)
    assert "from python\nfrom a descriptor\nchild\nerr\n" in capture.text
    assert capfd.readouterr().out == "before\nafter\n"
    capture.close()


def test_each_capture_starts_empty_and_survives_an_error() -> None:
    capture = Capture()
    out, err = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError), capture():
        print("lost?")
        print(1 / 0)
    assert capture.text == "lost?\n"
    assert (sys.stdout, sys.stderr) == (out, err)
    with capture():
        pass
    assert capture.text == ""
    capture.close()


def test_only_the_end_of_long_output_is_kept_and_it_says_so() -> None:
    capture = Capture()
    with capture():
        print("a secret that is cut in two " + "x" * LIMIT)
        print("a whole line")
    assert capture.text == f"[the first {LIMIT + 29} bytes are left out]\na whole line\n"
    capture.close()


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_a_carriage_return_ends_a_line_that_is_cut(end: str) -> None:
    capture = Capture()
    line = "a secret that may well be cut in two" + end
    count = LIMIT // len(line) + 10
    with capture():
        os.write(1, (line * count).encode())
    kept = LIMIT // len(line)
    remark = f"[the first {len(line) * (count - kept)} bytes are left out]\n"
    assert capture.text == remark + line * kept
    capture.close()


@pytest.mark.parametrize("end", ["", "\n"])
def test_of_one_long_line_nothing_is_kept(end: str) -> None:
    capture = Capture()
    with capture():
        os.write(1, b"secret" * LIMIT + end.encode())
    size = 6 * LIMIT + len(end)
    assert capture.text == f"[{size} bytes are left out: the last line is longer than 64 KiB]\n"
    capture.close()


def test_the_last_line_is_told_while_code_runs_and_nothing_of_the_output_is_lost() -> None:
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    capture = Capture(heard.put, every=0.001)
    for step in (1, 2):
        with capture():
            os.write(2, f"begin\nstep {step}\nunfin".encode())
            while heard.get(timeout=60) != f"step {step}":
                pass
            os.write(1, b"ished\n")
        assert capture.text == f"begin\nstep {step}\nunfinished\n"
    capture.close()


def test_what_comes_after_a_measurement_is_not_told() -> None:
    heard: queue.SimpleQueue[str] = queue.SimpleQueue()
    capture = Capture(heard.put, every=0.001)
    with capture():
        kept = os.dup(1)  # as a process left in the background has it
    os.write(kept, b"late\n")
    with pytest.raises(queue.Empty):
        heard.get(timeout=0.2)
    os.close(kept)
    capture.close()


def test_an_error_in_telling_stays_out_of_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    heard = threading.Event()

    def tell(line: str) -> None:
        heard.set()
        raise ZeroDivisionError

    capture = Capture(tell, every=0.001)
    with capture():
        print("step 1")
        assert heard.wait(60)
        print("step 2")
    assert capture.text == "step 1\nstep 2\n"
    with capture():
        print("the next")
    assert capture.text == "the next\n"
    capture.close()
    assert [args.exc_type for args in reported] == [ZeroDivisionError]


def test_measurements_share_one_thread() -> None:
    before = set(threading.enumerate())
    Capture().close()
    capture = Capture(lambda line: None)
    inside = []
    for _ in range(2):
        with capture():
            inside.append(set(threading.enumerate()) - before)
    capture.close()
    assert inside[0] == inside[1]
    assert len(inside[0]) == 1
    assert set(threading.enumerate()) <= before


def test_a_look_at_the_output_does_not_move_where_another_process_writes() -> None:
    lines = 20_000
    with output_file() as file:
        process = subprocess.Popen(
            [sys.executable, "-c", f"import os\nfor at in range({lines}): os.write(1, b'%07d\\n' % at)"], stdout=file
        )
        while process.poll() is None:
            tail(file)
        assert process.returncode == 0
        assert os.fstat(file.fileno()).st_size == 8 * lines
        assert tail(file).text.endswith(f"{lines - 1:07}\n")
