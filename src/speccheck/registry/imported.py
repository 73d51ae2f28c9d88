"""The distributions whose versions a result may depend on, as far as this process has imported them."""

from __future__ import annotations

import sys

_BESIDE = {"PIL": "pillow", "safetensors": "safetensors", "scipy": "scipy", "soundfile": "soundfile"}
_BESIDE |= {"sklearn": "scikit-learn", "tokenizers": "tokenizers", "torchmetrics": "torchmetrics", "soxr": "soxr"}


def imported_distributions() -> frozenset[str]:
    """Return the distributions, beside those of speccheck, that code in this process has imported by now."""
    return frozenset(name for module, name in _BESIDE.items() if module in sys.modules)
