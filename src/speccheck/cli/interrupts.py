"""Interrupts of a run: the first ends it and keeps what there is; those after it do not cost the record."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Whether the user, or whoever sends SIGTERM or SIGHUP, has asked the run to end."""

    def __init__(self) -> None:
        self.asked = False

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            raise KeyboardInterrupt

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Inside, SIGINT, SIGTERM and SIGHUP raise KeyboardInterrupt, once between them."""
        names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {name: signal.signal(getattr(signal, name), self._on_signal) for name in names}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(getattr(signal, name), handler)
