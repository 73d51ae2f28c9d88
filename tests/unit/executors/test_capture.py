"""Output of audited code is captured whoever prints it, and nothing of ours is lost."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from speccheck.executors.capture import LIMIT, Capture


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
