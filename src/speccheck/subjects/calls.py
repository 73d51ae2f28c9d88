"""Calling audited code: arguments as a spec writes them, checked against the signature, errors with their cause."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.sdk.live import PartialCall


def arguments(definition: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments of a definition: ``args`` is a list, beside which ``kwargs`` may stand, or a
    mapping of keyword arguments.
    """
    args, kwargs = definition.get("args"), definition.get("kwargs")
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise SubjectError(f"kwargs is a mapping of argument to value, not {type(kwargs).__name__}")
    if isinstance(args, Mapping):
        if kwargs is not None:
            raise SubjectError("args is a mapping already, so kwargs cannot stand beside it; make args a list")
        args, kwargs = None, args
    if args is not None and not isinstance(args, (list, tuple)):
        raise SubjectError(f"args is a list or a mapping, not {type(args).__name__}")
    named = {str(key): value for key, value in (kwargs or {}).items()}
    return tuple(args or ()), named


def callable_named(value: Any, key: str, import_target: Callable[[str], Any]) -> tuple[Callable[..., Any], str]:
    """The callable that a definition's ``target`` or ``function`` is, and its name for messages."""
    what = f"{key} {value}" if isinstance(value, str) else f"{key} {callable_name(value)}"
    if isinstance(value, str):
        if ":" not in value:
            raise SubjectError(f"{what} has no colon: write package.module:name or a reference such as $model.method")
        value = import_target(value)
    if not callable(value):
        raise SubjectError(f"{what} is {type(value).__name__}, which cannot be called")
    return value, what


def check_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], what: str, *, partial: bool = False
) -> None:
    """SubjectError, with the signature, for arguments that the function does not take; with ``partial`` some may be
    missing still.
    """
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return  # built-in functions may have none
    try:
        (signature.bind_partial if partial else signature.bind)(*args, **kwargs)
    except TypeError as error:
        shown = f"{callable_name(function)}{signature}"
        bare = error.with_traceback(None)  # its frames are those of inspect
        raise SubjectError(f"{what} does not take these arguments: {error}; it is {shown}", cause=bare) from bare


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], what: str) -> Any:
    """The result of the call; whatever the audited code raises becomes the cause of a SubjectError."""
    if not isinstance(function, PartialCall):
        check_arguments(function, args, kwargs, what)
    try:
        return function(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise SubjectError(f"{what} raised {type(error).__name__}: {error}", cause=error) from error


def callable_name(value: Any) -> str:
    """A short name of a callable for messages."""
    if isinstance(value, PartialCall):
        return callable_name(value.function)
    return str(getattr(value, "__qualname__", None) or type(value).__qualname__)
