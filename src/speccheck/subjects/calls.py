"""Calling audited code: arguments as a spec writes them, checked against the signature, errors with their cause."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.sdk.live import PartialCall


def arguments(definition: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and keyword arguments of a definition.

    ``args`` is a list, optionally with ``kwargs``, or a mapping of keyword arguments.
    """
    args, kwargs = definition.get("args"), definition.get("kwargs")
    if kwargs is not None and not isinstance(kwargs, Mapping):
        raise SubjectError(f"kwargs must be a mapping of argument to value, not {type(kwargs).__name__}")
    if isinstance(args, Mapping):
        if kwargs is not None:
            raise SubjectError(
                "args and kwargs are both mappings: make args a list, or put all arguments into one of them"
            )
        args, kwargs = None, args
    if args is not None and not isinstance(args, (list, tuple)):
        raise SubjectError(f"args must be a list or a mapping, not {type(args).__name__}")
    named = {str(key): value for key, value in (kwargs or {}).items()}
    return tuple(args or ()), named


def callable_named(value: Any, key: str, import_target: Callable[[str], Any]) -> tuple[Callable[..., Any], str]:
    """Return the callable that a definition's ``target`` or ``function`` names, and its name for messages."""
    what = f"{key} {value}" if isinstance(value, str) else f"{key} {callable_name(value)}"
    if isinstance(value, str):
        if ":" not in value:
            raise SubjectError(f"{what} lacks a colon: write package.module:name or a reference such as $model.method")
        value = import_target(value)
    if not callable(value):
        raise SubjectError(f"{what} is {type(value).__name__}, which cannot be called")
    return value, what


def check_arguments(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], what: str, *, partial: bool = False
) -> None:
    """Raise SubjectError, with the signature, for arguments that the function does not accept.

    With ``partial`` some arguments may still be missing.
    """
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return  # of some built-in functions
    try:
        (signature.bind_partial if partial else signature.bind)(*args, **kwargs)
    except TypeError as error:
        shown = f"{callable_name(function)}{signature}"
        bare = error.with_traceback(None)  # its frames are those of inspect
        raise SubjectError(
            f"{what} does not accept these arguments: {error}; its signature is {shown}", cause=bare
        ) from bare


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], what: str) -> Any:
    """Return the result of the call; an error of the audited code becomes the cause of a SubjectError."""
    if not isinstance(function, PartialCall):
        check_arguments(function, args, kwargs, what)
    try:
        return function(*args, **kwargs)
    except (Exception, SystemExit) as error:
        raise SubjectError(f"{what} raised {type(error).__name__}: {error}", cause=error) from error


def callable_name(value: Any) -> str:
    """Return a short name of a callable for messages."""
    if isinstance(value, PartialCall):
        return callable_name(value.function)
    return str(getattr(value, "__qualname__", None) or type(value).__qualname__)
