"""Every built-in reporter is found by its name and offers what it says."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from speccheck.reporters.builtin import REPORTERS
from speccheck.sdk.hooks import ReporterRef
from speccheck.sdk.reporting import Reporter


@pytest.mark.parametrize("reference", REPORTERS, ids=lambda reference: str(reference.name))
def test_a_reference_leads_to_a_reporter_of_its_name(reference: ReporterRef) -> None:
    module, attribute = reference.target.split(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, Reporter)
    assert found.name == reference.name
    assert found.doc
    assert found.suffix.startswith(".")


def test_names_are_unique() -> None:
    assert len({reference.name for reference in REPORTERS}) == len(REPORTERS)


def test_importing_the_reporters_is_light() -> None:
    modules = ", ".join(reference.target.split(":")[0] for reference in REPORTERS)
    heavy = "{'tabulate', 'numpy', 'torch', 'yaml', 'jsonschema'}"
    script = f"import sys, {modules}; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
