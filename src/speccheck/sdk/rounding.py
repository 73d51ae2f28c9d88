"""Optimizer steps that round to nothing: a gradient, and a parameter too coarse to take its update.

Neighbours of a float32 near 1 are 6e-8 or more away. A step of SGD with a learning rate of 0.01 along a gradient of
1e-6 leaves it bit for bit what it was, though nothing is detached, frozen or forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from speccheck.sdk.modules import is_finite, is_zero

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn


@dataclass(frozen=True)
class Rate:
    """The learning rate of a parameter; ``eps`` of an optimizer that divides the gradient by its size, else None."""

    lr: float
    eps: float | None = None

    def update(self, gradient: Tensor) -> Tensor:
        """Return the first step of SGD or, with ``eps``, of Adam, in float64."""
        wide = gradient.detach().double()
        return self.lr * (wide if self.eps is None else wide / (wide.abs() + self.eps))


Rates: TypeAlias = Mapping[int, Rate]
"""The rate of each parameter that an optimizer was given, by the id of the tensor."""


def rates(optimizers: Iterable[torch.optim.Optimizer]) -> Rates:
    """Return the rates that the optimizers have now."""
    found: dict[int, Rate] = {}
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            eps = group.get("eps")
            rate = Rate(float(group["lr"]), None if eps is None else float(eps))
            found |= {id(tensor): rate for tensor in group["params"]}
    return found


def optimizers_of(trainer: Any) -> tuple[torch.optim.Optimizer, ...]:
    """Return the torch optimizers among the attributes of a trainer, alone or in a list, tuple or dict."""
    from torch.optim import Optimizer

    found: list[Optimizer] = []
    for value in getattr(trainer, "__dict__", {}).values():
        several = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
        found += [item for item in several if isinstance(item, Optimizer)]
    return tuple(found)


def rounded_away(unmoved: Iterable[str], model: nn.Module, before: Rates, after: Rates) -> list[str]:
    """Return those of the unmoved parameters whose update rounds to zero in their own type.

    Such a parameter has a finite gradient that is not zero, an optimizer with a learning rate above 0 before and after
    the step, and no element that an update of that size changes.
    """
    named = dict(model.named_parameters())
    return [name for name in unmoved if _rounds_within(named[name], before, after)]


class RoundingWatch:
    """Follows the parameters that stay bit for bit what they were, over the steps of a training.

    ``start`` are copies of the parameters before the first step. Call ``before`` ahead of each step and ``after``
    behind it, with its gradients in place.
    """

    def __init__(
        self, model: nn.Module, start: Mapping[str, Tensor], optimizers: Iterable[torch.optim.Optimizer]
    ) -> None:
        self._model = model
        self._start = start
        self._optimizers = tuple(optimizers)
        self._before: Rates = {}
        self._rounded = dict.fromkeys(start, False)

    def before(self) -> None:
        """Note the learning rates."""
        self._before = rates(self._optimizers)

    def after(self) -> None:
        """Drop the parameters that moved, and those whose update was large enough to move them."""
        import torch

        now, rated = dict(self._model.named_parameters()), rates(self._optimizers)
        for name in list(self._rounded):
            tensor = now.get(name)
            if tensor is None or not torch.equal(self._start[name], tensor.detach()):
                del self._rounded[name]
            elif _rounds_within(tensor, self._before, rated):
                self._rounded[name] = True
            elif _is_due(tensor, self._before, rated):
                del self._rounded[name]

    def names(self) -> list[str]:
        """Return the parameters that had an update in some step, each of which rounded to zero."""
        return [name for name, rounded in self._rounded.items() if rounded]


def _is_due(tensor: Tensor, *several: Rates) -> bool:
    """Whether the step should have moved the parameter, as far as gradient and learning rate tell."""
    found = [rated.get(id(tensor)) for rated in several]
    has_rate = all(rate is None or rate.lr > 0 for rate in found)
    return has_rate and tensor.grad is not None and not is_zero(tensor.grad)


def _rounds_within(tensor: Tensor, *several: Rates) -> bool:
    return all(_rounds(tensor, rated.get(id(tensor))) for rated in several)


def _rounds(tensor: Tensor, rate: Rate | None) -> bool:
    if rate is None or not rate.lr > 0 or tensor.grad is None or is_zero(tensor.grad) or not is_finite(tensor.grad):
        return False
    now, gradient = tensor.detach(), tensor.grad
    dense = gradient.to_dense() if gradient.is_sparse else gradient
    return bool((now - rate.update(dense).to(now.dtype) == now).all())
