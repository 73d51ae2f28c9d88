"""Make ``support`` importable for the tests beside it; fixtures that two modules of audits share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from speccheck.model.run import Run
    from support.audits import Auditor

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    """Run variants of specs/day0_6.yaml on a small data set; one for each worker of the test session."""
    from support.day0_6 import SPEC, always

    from support.audits import Auditor
    from support.video_ssl import shared_parts

    folder = tmp_path_factory.mktemp("day0_6")
    return Auditor(SPEC, folder, always(folder), shared_parts())


@pytest.fixture(scope="session")
def good(auditor: Auditor) -> Run:
    """The run without a fault."""
    return auditor.run()
