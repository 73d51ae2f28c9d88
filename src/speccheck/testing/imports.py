"""The test that modules of checks, loaders and reporters import neither numpy nor torch."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

HEAVY = ("numpy", "torch")
"""Packages that a module may import only when it measures, builds or renders: they slow ``validate`` and ``--help``."""

_PROBE = """
import importlib, json, sys
modules, heavy = json.loads(sys.stdin.read())
found = []
for module in modules:
    importlib.import_module(module)
    found += [[module, name] for name in heavy if name in sys.modules]
    heavy = [name for name in heavy if name not in sys.modules]
sys.stdout.write(json.dumps(found))
"""


def heavy_imports(modules: Iterable[str]) -> list[str]:
    """Return a problem for each heavy package that importing these modules imports, in one fresh process.

    A failed import is a problem too, with the last line of its traceback.
    """
    asked = json.dumps([sorted(set(modules)), list(HEAVY)])
    done = subprocess.run([sys.executable, "-c", _PROBE], input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"the modules cannot be imported: {done.stderr.strip().splitlines()[-1]}"]
    return [f"importing {module} imports {heavy}" for module, heavy in json.loads(done.stdout)]
