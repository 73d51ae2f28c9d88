"""Executors: they turn a measurement into evidence, or into a failure that says why there is none."""

from speccheck.executors.inline import Inline

__all__ = ["Inline"]
