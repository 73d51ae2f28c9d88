"""What is known of a diagnostic code."""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    """A title, why it is an error (or worth a warning), and what to do."""

    title: str
    explanation: str
    remedy: str
