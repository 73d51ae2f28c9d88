"""Interrupts of a run: the first ends it and keeps its results; later ones do not prevent the record."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Whether the user, or another process with SIGTERM or SIGHUP, has asked the run to end."""

    def __init__(self) -> None:
        self.asked = False

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise KeyboardInterrupt

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Within the block, the first of SIGINT, SIGTERM and SIGHUP raises KeyboardInterrupt."""
        names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), self._on_signal) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)
