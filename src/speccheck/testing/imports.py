"""That importing the modules of checks, loaders and reporters stays light."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

HEAVY = ("numpy", "torch")
"""What no module may import before it measures, builds or renders: ``validate`` and ``--help`` would pay for it."""

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
    """What importing these modules brings in that it must not, in words; one fresh process for all of them.

    A process that cannot import them is itself a problem, with the end of its traceback.
    """
    asked = json.dumps([sorted(set(modules)), list(HEAVY)])
    done = subprocess.run([sys.executable, "-c", _PROBE], input=asked, capture_output=True, text=True, check=False)
    if done.returncode:
        return [f"the modules cannot be imported: {done.stderr.strip().splitlines()[-1]}"]
    return [f"importing {module} imports {heavy}" for module, heavy in json.loads(done.stdout)]
