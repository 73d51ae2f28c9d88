"""Every built-in reporter is found by its name, and importing them is light."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from speccheck.registry import GROUP, discover

BUILTIN = discover(entry_points(group=GROUP, name="builtin"))


@pytest.mark.parametrize("name", BUILTIN.reporter_names())
def test_a_module_holds_the_reporter_of_its_name(name: str) -> None:
    found = BUILTIN.load_reporter(name)
    assert found.name == name
    assert found.doc
    assert found.suffix.startswith(".")


def test_importing_the_reporters_is_light() -> None:
    modules = ", ".join(offer.target.partition(":")[0] for offer in BUILTIN.reporters.values())
    heavy = "{'numpy', 'torch', 'yaml', 'jsonschema'}"
    script = f"import sys, {modules}; sys.exit(', '.join({heavy} & set(sys.modules)) or None)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
