"""Executors: they turn a measurement into evidence, or into a failure with its reason."""

from speccheck.executors.inline import Inline

__all__ = ["Inline"]
