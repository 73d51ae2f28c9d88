"""Options of the whole suite."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from support.quick import (
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_ignore_collect,
)

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure", "pytest_ignore_collect"]

# How long an example takes depends on the machine and on what else it does; no property of speccheck does.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Reports are as wide as this says, and pytest-xdist sets it in its workers.
os.environ.pop("COLUMNS", None)
