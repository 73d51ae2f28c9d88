"""The distributions whose versions a result may depend on, as far as they were imported."""

from __future__ import annotations

from collections.abc import Collection

_BESIDE = {"PIL": "pillow", "safetensors": "safetensors", "scipy": "scipy", "soundfile": "soundfile"}
_BESIDE |= {"sklearn": "scikit-learn", "tokenizers": "tokenizers", "torchmetrics": "torchmetrics", "soxr": "soxr"}


def imported_distributions(modules: Collection[str]) -> frozenset[str]:
    """Return the distributions, beside those of speccheck, of the top-level modules that were imported."""
    return frozenset(name for module, name in _BESIDE.items() if module in modules)
