"""Statistics of what the modules of a model put out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from torch import Tensor, nn

MODULES = ("in_proj", "encoder", "out_proj")


class ActivationRecorder:
    """While it is entered, ``stats`` holds mean, population std and absmax of each named module's last output.

    KeyError, when it is entered, for a name that is not a module of the model.
    """

    def __init__(self, model: nn.Module, modules: Sequence[str] = MODULES) -> None:
        self.model = model
        self.modules = tuple(modules)
        self.stats: dict[str, dict[str, float]] = {}
        self._handles: list[Any] = []

    def module(self, name: str) -> nn.Module:
        """The module that is recorded under a name."""
        found: nn.Module = dict(self.model.named_modules())[name]
        return found

    def __enter__(self) -> Self:
        found = {name: self.module(name) for name in self.modules}
        self._handles = [module.register_forward_hook(self._hook(name)) for name, module in found.items()]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()

    def _hook(self, name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def record(module: nn.Module, inputs: Any, output: Tensor) -> None:
            values = output.detach().double()
            self.stats[name] = {
                "mean": float(values.mean()),
                "std": float(values.std(correction=0)),
                "absmax": float(values.abs().max()),
            }

        return record
