"""Helpers of loaders: optional libraries, and files that must exist."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.sdk.loading import BuildContext


def require(module: str, extra: str) -> Any:
    """Import and return the module; SubjectError names the extra of speccheck that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != module.partition(".")[0]:
            raise SubjectError(f"importing {module} raised {_named(error)}", cause=error) from error
        message = f"{module} is not installed: pip install 'speccheck[{extra}]'"
        raise SubjectError(message, cause=error) from error
    except (ImportError, OSError) as error:  # soundfile raises OSError without libsndfile
        message = f"importing {module} raised {_named(error)}; pip install --force-reinstall 'speccheck[{extra}]'"
        raise SubjectError(message, cause=error) from error


def file_at(text: Any, context: BuildContext) -> Path:
    """Return the absolute path of a file; SubjectError when the path does not exist or is not a file."""
    if not isinstance(text, (str, Path)):
        raise SubjectError(f"a path must be text, not {type(text).__name__}")
    path = context.path(str(text))
    if not path.exists():
        raise SubjectError(f"no such file: {path}")
    if not path.is_file():
        raise SubjectError(f"not a file: {path}")
    return path


def read_text(text: Any, context: BuildContext) -> tuple[Path, str]:
    """Return the absolute path of a UTF-8 text file, and its text without a byte order mark."""
    path = file_at(text, context)
    try:
        return path, path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SubjectError(f"cannot read {path}: {error}", cause=error) from error


def unreadable(path: Path, what: str, error: BaseException) -> SubjectError:
    """Return the error for a file in a wrong format, without the frames of the library that read it."""
    return SubjectError(f"{path} cannot be read as {what}: {_named(error)}", cause=error.with_traceback(None))


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
