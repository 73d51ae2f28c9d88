"""Threads of Python code that an entry leaves running: they would go on while later entries are measured."""

from __future__ import annotations

import threading
import time
from weakref import WeakSet

from speccheck.executors.state.item import Item

_GRACE = 0.1
"""Seconds that threads may take to end, all of them together, after their entry has ended."""

_Threads = frozenset[threading.Thread]


def threads_item() -> Item:
    """Return the item of running threads. Nothing can end one: its process is lost, and it is named once."""
    named: WeakSet[threading.Thread] = WeakSet()
    waited_for: set[threading.Thread] = set()

    def read() -> _Threads:
        found = frozenset(thread for thread in threading.enumerate() if thread not in named and _goes_on(thread))
        named.update(waited_for)
        waited_for.clear()
        return found

    def write(saved: _Threads) -> None:
        until = time.monotonic() + _GRACE
        for thread in read() - saved - {threading.current_thread()}:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                waited_for.add(thread)

    return Item("threads that still run", read, write, lambda saved, now: now <= saved)


def _goes_on(thread: threading.Thread) -> bool:
    """Whether a thread may do more than watch, as those of speccheck itself and of tqdm do.

    A thread of C code that called Python once stays as a dummy, and nothing tells when it has ended.
    """
    dummy = type(thread).__name__ == "_DummyThread"
    return not (dummy or type(thread).__module__ == "tqdm._monitor" or thread.name.startswith("speccheck-"))
