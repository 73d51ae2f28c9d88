"""A watch reports the new output of the measurement that runs, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from speccheck.executors.watch import Watch

NEVER = 1e6
"""Seconds between looks in the tests that look themselves."""


class Watched:
    """A watch of a file that looks only when asked to, and its reports."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        self.heard: list[str] = []
        self.watch = Watch(self.descriptor, self.heard.append, NEVER)

    def then(self, data: bytes) -> list[str]:
        """Return the reports of a look after this was written."""
        os.write(self.descriptor, data)
        self.heard.clear()
        self.watch.look()
        return list(self.heard)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path / "output")
    yield watched
    watched.watch.close()
    os.close(watched.descriptor)


def test_only_what_is_new_is_told(watched: Watched) -> None:
    watched.watch.begin()
    assert watched.then(b"") == []
    assert watched.then(b"step 1\n") == ["step 1"]
    assert watched.then(b"") == []
    assert watched.then(b"step 2\nst") == ["step 2"]


def test_nothing_is_told_between_measurements(watched: Watched) -> None:
    assert watched.then(b"before\n") == []
    watched.watch.begin()
    assert watched.then(b"inside\n") == ["inside"]
    watched.watch.end()
    assert watched.then(b"after\n") == []


def test_each_measurement_is_read_from_its_beginning(watched: Watched) -> None:
    watched.watch.begin()
    assert watched.then(b"short\n") == ["short"]
    watched.watch.end()
    os.lseek(watched.descriptor, 0, os.SEEK_SET)
    os.ftruncate(watched.descriptor, 0)
    watched.watch.begin()
    assert watched.then(b"longer than what was read of the first\n") == ["longer than what was read of the first"]


def test_a_piece_read_while_the_measurement_ended_is_not_told(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = os.pread

    def ends_meanwhile(*arguments: int) -> bytes:
        data = read(*arguments)
        watched.watch.end()
        watched.watch.begin()
        return data

    watched.watch.begin()
    monkeypatch.setattr(os, "pread", ends_meanwhile)
    assert watched.then(b"late\n") == []


def test_a_descriptor_that_audited_code_closed_is_no_error(watched: Watched) -> None:
    watched.watch.begin()
    kept = os.dup(watched.descriptor)
    os.write(kept, b"step 1\n")
    os.close(watched.descriptor)
    watched.watch.look()
    assert watched.heard == []
    os.dup2(kept, watched.descriptor)
    os.close(kept)
    assert watched.then(b"step 2\n") == ["step 2"]


def test_an_error_in_telling_is_reported_when_the_watch_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    called = threading.Event()

    def fails(line: str) -> None:
        called.set()
        raise ZeroDivisionError(line)

    with (tmp_path / "output").open("w+b", 0) as output:
        watch = Watch(output.fileno(), fails, 0.001)
        watch.begin()
        output.write(b"step 1\n")
        assert called.wait(60)
        watch.end()
        assert reported == []
        watch.close()
    assert [(args.exc_type, str(args.exc_value)) for args in reported] == [(ZeroDivisionError, "step 1")]


def test_the_thread_ends_with_the_watch(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    with (tmp_path / "output").open("w+b") as output:
        watch = Watch(output.fileno(), lambda line: None, NEVER)
        (thread,) = set(threading.enumerate()) - before
        watch.close()
    assert not thread.is_alive()


def test_a_watch_that_nobody_ends_does_not_keep_the_process() -> None:
    code = f"from speccheck.executors.watch import Watch; Watch(1, str, {NEVER}); print('done')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "")
