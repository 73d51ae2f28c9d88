"""Records of a training while it runs: outputs and activations through hooks, warnings by origin."""

from __future__ import annotations

import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccheck.sdk.arrays import to_numpy
from speccheck.sdk.modules import first_tensor
from speccheck.sdk.statistics import statistics

if TYPE_CHECKING:
    from torch import Tensor, nn

FIGURES = ("mean", "std", "absmax")
"""The recorded figures of a tensor; ``std`` is that of the population."""


def figures(tensor: Tensor) -> dict[str, float]:
    """Return mean, population standard deviation and absmax of a tensor."""
    found = statistics(to_numpy(tensor))
    return {name: float(getattr(found, name)) for name in FIGURES}


@dataclass
class Hooks:
    """The outputs of modules in the current step, by name; the last call of a step counts. ``""`` is the model."""

    latest: dict[str, Tensor] = field(default_factory=dict)


@contextmanager
def recorded(model: nn.Module, names: Sequence[str]) -> Iterator[Hooks]:
    """Record the outputs of the model and of the named modules in it; unknown names are left out."""
    modules = dict(model.named_modules())
    hooks = Hooks()

    def hook(name: str) -> Any:
        def keep(module: nn.Module, args: Any, output: Any) -> None:
            tensor = first_tensor(output)
            if tensor is not None:
                hooks.latest[name] = tensor

        return keep

    handles = [modules[name].register_forward_hook(hook(name)) for name in {"", *names} if name in modules]
    try:
        yield hooks
    finally:
        for handle in handles:
            handle.remove()


@contextmanager
def warned() -> Iterator[Counter[str]]:
    """Count warnings by origin, ``module:Category``, repeated ones each time; none is shown.

    The module is the imported one whose file raised it, or else that file's name. Filled in at the end.
    """
    import torch

    found: Counter[str] = Counter()
    always = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield found
    finally:
        torch.set_warn_always(always)
    files = {getattr(module, "__file__", None): name for name, module in list(sys.modules.items())}
    for warning in caught:
        origin = files.get(warning.filename) or warning.filename.rpartition("/")[2]
        found[f"{origin}:{warning.category.__name__}"] += 1
