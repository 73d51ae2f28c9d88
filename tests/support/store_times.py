"""When, and of which spec, runs of the store's tests are."""

from __future__ import annotations

from datetime import UTC, datetime

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4
