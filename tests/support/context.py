"""A small context for measuring without an engine: that of the contract suite."""

from __future__ import annotations

from speccheck.testing import RecordingContext as FakeContext

__all__ = ["FakeContext"]
