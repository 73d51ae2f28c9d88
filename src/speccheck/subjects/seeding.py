"""Seeds: each build runs under its own, and restores the state of every generator when it ends.

``numpy`` and ``torch`` are seeded if they are imported, or at the moment they are imported inside the block. Drawn
numbers therefore never depend on whether something else imported the library before.
"""

from __future__ import annotations

import hashlib
import importlib.machinery
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple

_SEEDS = 2**32
"""numpy's legacy generator takes seeds below 2**32; torch's and Python's take more."""


def derived_seed(seed: int, name: str) -> int:
    """Return a seed below 2**32 for a name: the first 32 bits of sha256 over ``seed`` and ``name``."""
    return int.from_bytes(hashlib.sha256(f"{seed}\0{name}".encode()).digest()[:4], "big")


@contextmanager
def random_restored() -> Iterator[None]:
    """Restore the state of random when the block ends, error or not."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


@contextmanager
def seeded(seed: int, *, restore_random: bool = True) -> Iterator[None]:
    """Seed random, numpy and torch (CPU and CUDA) for the block, and restore their states after it, error or not.

    To save and restore the state of random costs more than a scalar measurement; a caller that seeds again before
    anything is drawn does without it.

    This imports neither numpy nor torch. A library first imported inside the block is seeded then; after the block its
    state is the one that the enclosing ``seeded`` block would have set, or that of a fresh import without one.
    """
    seeding = _Seeding(seed)
    state = random.getstate() if restore_random else None
    random.seed(seed)
    for name in _LIBRARIES:
        if _imported(name):
            seeding.adopt(name)
    present = frozenset(seeding.saved)
    sys.meta_path.insert(0, seeding)
    try:
        yield
    finally:
        sys.meta_path.remove(seeding)
        outer = next((finder for finder in sys.meta_path if isinstance(finder, _Seeding)), None)
        if state is not None:
            random.setstate(state)
        for name, saved in seeding.saved.items():
            _LIBRARIES[name].restore(saved, outer.seed if outer else None)
            if outer is not None and name not in present:
                outer.adopt(name)


class _Library(NamedTuple):
    save: Callable[[], Any]
    seed: Callable[[int], None]
    restore: Callable[[Any, int | None], None]


def _save_numpy() -> Any:
    import numpy as np

    return np.random.get_state()


def _seed_numpy(seed: int) -> None:
    import numpy as np

    np.random.seed(seed % _SEEDS)


def _restore_numpy(state: Any, _outer: int | None) -> None:
    import numpy as np

    np.random.set_state(state)


def _save_torch() -> Any:
    import torch

    return torch.get_rng_state(), torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else None


def _seed_torch(seed: int) -> None:
    import torch

    torch.manual_seed(seed)


def _restore_torch(state: Any, outer: int | None) -> None:
    import torch

    cpu, cuda = state
    torch.set_rng_state(cpu)
    if cuda is not None:
        torch.cuda.set_rng_state_all(cuda)
    elif outer is not None:  # CUDA was not initialised yet: give it the seed of the enclosing block
        torch.cuda.manual_seed_all(outer)


_LIBRARIES = {
    "numpy": _Library(_save_numpy, _seed_numpy, _restore_numpy),
    "torch": _Library(_save_torch, _seed_torch, _restore_torch),
}


def _imported(name: str) -> bool:
    return sys.modules.get(name) is not None


class _Seeding:
    """A seeded block; it is in ``sys.meta_path`` meanwhile, to notice the import of numpy and torch."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.saved: dict[str, Any] = {}

    def adopt(self, name: str) -> None:
        """Save the library's state and seed it."""
        self.saved[name] = _LIBRARIES[name].save()
        _LIBRARIES[name].seed(self.seed)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of numpy or torch from the other finders, its loader made to seed them; None for the rest."""
        if fullname not in _LIBRARIES:
            return None
        for finder in sys.meta_path:
            spec = None if isinstance(finder, _Seeding) else finder.find_spec(fullname, path, target)
            if spec is not None:
                self._watch(spec)
                return spec
        return None

    def _watch(self, spec: importlib.machinery.ModuleSpec) -> None:
        loader: Any = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):
            return

        def exec_module(module: ModuleType) -> None:
            del loader.exec_module
            execute(module)
            if self in sys.meta_path:
                self.adopt(spec.name)

        loader.exec_module = exec_module
