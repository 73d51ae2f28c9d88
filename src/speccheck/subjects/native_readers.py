"""Libraries that open files in C or Rust, where the interpreter does not see it: their readers report to the watch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any

_READERS = {
    "safetensors": "safe_open",
    "soundfile": "SoundFile.__init__",
    "tokenizers": "Tokenizer.from_file",
    "torch.jit._serialization": "load",
}
"""The readers by the module that defines them, so that modules importing them from there get the one that reports."""


class NativeReaders(MetaPathFinder):
    """Replaces the readers when their modules are imported; ``tell`` gets each path that one of them is given."""

    def __init__(self, tell: Callable[[Any], None]) -> None:
        self._tell = tell
        self.install()

    def install(self) -> None:
        """Replace the readers of the modules that are imported, and see to those that will be."""
        for name in _READERS:
            module = sys.modules.get(name)  # None where the import is forbidden
            if module is not None:
                self.replace(module)
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a module with a reader, whose loader replaces that afterwards, else None."""
        if fullname not in _READERS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec.loader, self)
        return spec

    def replace(self, module: ModuleType) -> None:
        """Let the reader of a module tell which file it is given, wherever the name was imported to by now."""
        *owners, name = _READERS[module.__name__].split(".")
        owner: Any = module
        for part in owners:
            owner = getattr(owner, part, None)
        reader = getattr(owner, name, None)
        if reader is None or hasattr(reader, "__speccheck_reader__"):  # another version of the library, or done
            return
        telling = self._telling(reader)
        static = isinstance(vars(owner).get(name), staticmethod)
        setattr(owner, name, staticmethod(telling) if static else telling)
        for other in [] if owners else list(sys.modules.values()):
            if getattr(other, "__dict__", {}).get(name) is reader:
                setattr(other, name, telling)

    def _telling(self, reader: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(reader)
        def telling(*args: Any, **kwargs: Any) -> Any:
            for given in (*args[:2], *kwargs.values()):
                self._tell(given)
            return reader(*args, **kwargs)

        telling.__speccheck_reader__ = reader  # type: ignore[attr-defined]
        return telling


class _Telling(Loader):
    """A module's own loader, after which the readers of the module are replaced."""

    def __init__(self, loader: Any, readers: NativeReaders) -> None:
        self._loader = loader
        self._readers = readers

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Run the module as its own loader does, then replace its readers."""
        self._loader.exec_module(module)
        self._readers.replace(module)
