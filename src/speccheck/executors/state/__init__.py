"""State of the process: what audited code may change in it, read before the first entry and restored after each."""

from speccheck.executors.state.arrivals import Arrivals
from speccheck.executors.state.process_state import ProcessState

__all__ = ["Arrivals", "ProcessState"]
