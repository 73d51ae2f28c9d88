"""Pure functions of an example whose answers the runs of one test session share.

A fault of an audit's table replaces a part of the example, or changes the input of other parts. Parts that it neither
replaces nor changes are computed once: :class:`Memo` puts a function in place of the example's own which looks its
arguments up by their content. This cannot hide a fault:

- the key holds the function's name, the text of its whole package, and the content of everything that it reads, so
  another input or other code is another key, and a fault with a function of its own does not call the shared one;
- arguments of a class that is not the example's own (a variant with a fault) are not looked up at all;
- the n-th call of a run with one key gets the n-th answer that was ever computed for it: a check that compares two
  computations still compares two, so a function that is not deterministic is noticed;
- answers are copies, so that what one run does with them reaches no other.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import pickle
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

Key = Callable[..., bytes | None]
"""Return the content that a call depends on, from its arguments, or None if the answer must not be shared."""


class Memo:
    """Answers by function and key; ``functions`` are the key functions, by module and name."""

    def __init__(self, functions: Mapping[str, Mapping[str, Key]]) -> None:
        self._functions = functions
        self._answers: dict[str, list[Any]] = {}
        self._asked: Counter[str] = Counter()

    @contextmanager
    def run(self) -> Iterator[None]:
        """One run: modules that are imported inside get the functions that share, and calls are counted from one."""
        self._asked.clear()
        finder = _Finder(self._functions, self._sharing)
        sys.meta_path.insert(0, finder)
        try:
            yield
        finally:
            sys.meta_path.remove(finder)

    def _sharing(self, function: Callable[..., Any], key: Key, code: str) -> Callable[..., Any]:
        @functools.wraps(function)
        def shared(*args: Any, **kwargs: Any) -> Any:
            content = key(*args, **kwargs)
            if content is None:
                return function(*args, **kwargs)
            name = f"{function.__module__}.{function.__qualname__} {code} {hashlib.sha256(content).hexdigest()}"
            number = self._asked[name]
            known = self._answers.setdefault(name, [])
            if number == len(known):
                known.append(function(*args, **kwargs))
            self._asked[name] += 1
            return copy.deepcopy(known[number])

        return shared


class _Finder:
    """Finds the modules named, and changes their functions once they are executed."""

    def __init__(
        self,
        functions: Mapping[str, Mapping[str, Key]],
        sharing: Callable[[Callable[..., Any], Key, str], Callable[..., Any]],
    ) -> None:
        self._functions = functions
        self._sharing = sharing

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a module whose functions are shared, else None: other finders go on."""
        spec = PathFinder.find_spec(name, path) if name in self._functions else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def executed(module: ModuleType) -> None:
            execute(module)
            code = _code(Path(str(module.__file__)).parent)
            for function, key in self._functions[name].items():
                setattr(module, function, self._sharing(getattr(module, function), key, code))

        spec.loader.exec_module = executed  # type: ignore[method-assign]
        return spec


def _code(package: Path) -> str:
    """The digest of the text of a package."""
    texts = [(str(path.relative_to(package)), path.read_bytes()) for path in sorted(package.rglob("*.py"))]
    return hashlib.sha256(pickle.dumps(texts)).hexdigest()
