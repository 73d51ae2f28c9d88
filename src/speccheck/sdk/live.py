"""Live values: the objects in a parameter declared ``Live[T]`` or ``Fresh[T]`` when a check measures.

``Live[T]`` is T to a type checker and carries a mark at run time. ``Fresh[T]`` is a factory: each call builds a new
instance, with new instances of everything it is built from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class LiveMark:
    """Marks an annotation as a live value."""


LIVE = LiveMark()
"""The mark of ``Live[T]``."""

Live: TypeAlias = Annotated[T, LIVE]
"""A parameter that holds a subject, built before the measurement."""


class Fresh(Generic[T_co]):
    """A factory of new instances of a subject, for checks that train or change state."""

    def __init__(self, build: Callable[[], T_co]) -> None:
        self._build = build

    def __call__(self) -> T_co:
        """Build a new instance under the subject's own seed."""
        return self._build()


class Placeholder:
    """``${output}``, ``${batch}`` or a path into one of them, in a function's arguments, until a check fills it in.

    ``path`` is the rest after the name: ``("attr", "logits")`` or ``("item", 0)`` for each part.
    """

    def __init__(self, name: str, path: tuple[tuple[str, str | int], ...] = ()) -> None:
        self.name = name
        self.path = path

    def resolve(self, values: Mapping[str, Any]) -> Any:
        """Return the value to fill in; KeyError when the check offers no value of that name."""
        value = values[self.name]
        for kind, part in self.path:
            value = getattr(value, str(part)) if kind == "attr" else value[part]
        return value


class PartialCall:
    """A callable with some of its arguments given in the spec; each call fills in the placeholders among them."""

    def __init__(self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
        self.function = function
        self.args = args
        self.kwargs = dict(kwargs)

    @property
    def placeholders(self) -> frozenset[str]:
        """The names that a check must fill in."""
        return frozenset(_names((self.args, self.kwargs)))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call with the given arguments followed by those of this call; TypeError if there are placeholders."""
        return self.filled({}, *args, **kwargs)

    def filled(self, values: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Call with every placeholder replaced by its value; TypeError names a placeholder without a value."""
        missing = self.placeholders - set(values)
        if missing:
            raise TypeError(f"nothing fills in ${{{sorted(missing)[0]}}} here; this check offers {sorted(values)}")
        given = [_resolve(item, values) for item in self.args]
        named = {key: _resolve(item, values) for key, item in self.kwargs.items()}
        return self.function(*given, *args, **{**named, **kwargs})


def fill(function: Callable[..., Any], /, **values: Any) -> Any:
    """Call a function that a spec gives, with values for its placeholders by name.

    A plain callable, or one without placeholders, gets the values by position, in the order given.
    """
    if isinstance(function, PartialCall) and function.placeholders:
        return function.filled(values)
    return function(*values.values())


def _names(value: Any) -> set[str]:
    if isinstance(value, Placeholder):
        return {value.name}
    if isinstance(value, Mapping):
        return set().union(*map(_names, value.values())) if value else set()
    if type(value) in (list, tuple):
        return set().union(*map(_names, value)) if value else set()
    return set()


def _resolve(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, Placeholder):
        return value.resolve(values)
    if type(value) is dict:
        return {key: _resolve(item, values) for key, item in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_resolve(item, values) for item in value)
    return value
