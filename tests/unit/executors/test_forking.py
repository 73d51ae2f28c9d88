"""The template's own side: what it does with processes that workers leave behind."""

from __future__ import annotations

import os
import socket
import subprocess

import pytest

from speccheck.executors.channel import Channel
from speccheck.executors.forking import Forking


def test_an_orphan_of_another_user_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def kill(pid: int, number: int) -> None:
        asked.append(pid)
        raise PermissionError

    ours, theirs = socket.socketpair()
    with ours, theirs, subprocess.Popen(["sleep", "60"]) as orphan:
        with monkeypatch.context() as patch:
            patch.setattr(os, "kill", kill)
            Forking(Channel(ours, 1), lambda channel, output: None)._kill_orphans()
        assert orphan.pid in asked
        assert orphan.poll() is None
        orphan.kill()
