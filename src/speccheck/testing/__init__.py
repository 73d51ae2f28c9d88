"""The contract suite for the built-ins and for plugins: plain functions to call from tests.

>>> from speccheck.registry import discover
>>> from speccheck.testing import check_contract, offers
>>> registry = discover()
>>> for name in offers(registry, "speccheck").checks:
...     check_contract(registry, name)
"""

from speccheck.testing.checks import ContractError, check_contract, run_check
from speccheck.testing.context import RecordingContext
from speccheck.testing.offers import Offers, check_light_imports, check_loader, check_reporter, offers
from speccheck.testing.samples import sample_runs

__all__ = [
    "ContractError",
    "Offers",
    "RecordingContext",
    "check_contract",
    "check_light_imports",
    "check_loader",
    "check_reporter",
    "offers",
    "run_check",
    "sample_runs",
]
