"""The options of any subject that is a torch module or tensor: ``weights``, ``device``, ``dtype``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.sdk.files import portable_name
from speccheck.sdk.loading import BuildContext
from speccheck.subjects.loader_support import file_at, require, unreadable

TORCH_OPTIONS = frozenset({"weights", "device", "dtype"})

_ALLOWED = ("missing", "unexpected")
_WEIGHTS = frozenset({"file", "key", "strip", "strict", *_ALLOWED})
_SHOWN = 8


def apply_torch_options(
    value: Any, options: Mapping[str, Any], context: BuildContext, remark: Callable[[str], None]
) -> Any:
    """Load ``weights`` into the value, move it to ``device`` and convert it to ``dtype``, where given.

    ``remark`` takes what a reader of the evidence must know: which weights the file left as they were.
    """
    if options.get("weights") is not None:
        left_out = load_weights(value, options["weights"], context)
        if left_out:
            remark(left_out)
    moved: dict[str, Any] = {}
    if options.get("device") is not None:
        moved["device"] = str(options["device"])
    if options.get("dtype") is not None:
        moved["dtype"] = torch_dtype(str(options["dtype"]))
    if not moved:
        return value
    torch = require("torch", "torch")
    if not isinstance(value, (torch.nn.Module, torch.Tensor)):
        options_given = " and ".join(moved)
        raise SubjectError(f"{options_given} can be set on a torch module or tensor, not on {type(value).__qualname__}")
    try:
        return value.to(**moved)
    except (RuntimeError, AssertionError, TypeError) as error:  # AssertionError: torch built without CUDA
        wanted = ", ".join(str(item) for item in moved.values())
        raise SubjectError(f"cannot be moved to {wanted}: {error}", cause=error) from error


def torch_dtype(name: str) -> Any:
    """Return the torch element type of that name (``float32``); SubjectError for an unknown name."""
    torch = require("torch", "torch")
    found = getattr(torch, name, None)
    if not isinstance(found, torch.dtype):
        raise SubjectError(f"unknown torch dtype {name!r}")
    return found


def load_weights(module: Any, options: Any, context: BuildContext) -> str:
    """Load a state dict into a torch module; return a remark on the keys that did not fit, '' if all did.

    ``options`` is a path or ``{file, key, strip, strict, missing, unexpected}``: ``key`` picks a mapping inside the
    file, ``strip`` removes a prefix from its keys. The keys of file and module must agree, and so must the shapes, but
    for what the patterns in ``missing`` (of the module) and ``unexpected`` (of the file) allow; at least one key must
    fit. ``strict: false`` allows nothing by itself: a module with random weights is not the model that the spec names.
    """
    torch = require("torch", "torch")
    if not isinstance(module, torch.nn.Module):
        raise SubjectError(f"weights can be loaded into a torch module, not into {type(module).__qualname__}")
    given = dict(options) if isinstance(options, Mapping) else {"file": options}
    _check_options(given)
    path = file_at(given["file"], context)
    state = _tensors(_picked(read_state(path), given.get("key"), path), path)
    state = _stripped(state, given.get("strip"), path)
    strict = given.get("strict", not any(name in given for name in _ALLOWED))
    remark = "" if strict else _left_out(state, module.state_dict(), given, path, portable_name(path, context.folder))
    try:
        module.load_state_dict(state, strict=strict)
    except (RuntimeError, KeyError) as error:  # names missing keys, unexpected keys and sizes that differ
        reason = " ".join(str(error).split())
        raise SubjectError(f"the weights in {path} do not fit: {reason}", cause=error) from error
    return remark


def _left_out(state: Mapping[str, Any], own: Mapping[str, Any], given: Mapping[str, Any], path: Path, name: str) -> str:
    """Return what the file lacks and what it has beside; SubjectError for keys that the spec does not allow so."""
    fitting = state.keys() & own.keys()
    if not fitting:
        raise SubjectError(f"none of the weights in {path} fits the module; the file contains {_some(state)}")
    odd = {"missing": own.keys() - state.keys(), "unexpected": state.keys() - own.keys()}
    if not any(odd.values()):
        return ""
    counts = f"{len(fitting)} of the module's {len(own)} weights"
    refused = {kind: _beside(keys, given.get(kind, ())) for kind, keys in odd.items()}
    if any(refused.values()):
        listed = "; ".join(f"{kind}: {_some(keys)}" for kind, keys in refused.items() if keys)
        lists = " and ".join(f"`{kind}: [PATTERN]`" for kind, keys in refused.items() if keys)
        raise SubjectError(
            f"{path} holds {counts}; {listed}; if that is meant, allow these keys in weights with {lists}"
        )
    listed = "; ".join(f"{kind}: {_some(keys)}" for kind, keys in odd.items() if keys)
    return f"{name} holds {counts}; allowed to be {listed}"


def _beside(keys: Iterable[str], patterns: Iterable[str]) -> list[str]:
    return [key for key in keys if not any(fnmatchcase(key, pattern) for pattern in patterns)]


def read_state(path: Path) -> Any:
    """Return the content of a checkpoint, on the CPU.

    A ``.safetensors`` file is read as such, any other by ``torch.load`` with ``weights_only=True``, which refuses
    everything that would run code.
    """
    import pickle

    torch = require("torch", "torch")
    try:
        if path.suffix == ".safetensors":
            return require("safetensors.torch", "torch").load_file(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        reason = str(error).splitlines()[0]
        raise SubjectError(
            f"{path} is refused: checkpoints are read with weights_only=True, and it contains more than plain data "
            f"and tensors ({reason})",
            cause=error,
        ) from error
    except SubjectError:
        raise
    except Exception as error:
        raise unreadable(path, "a checkpoint", error) from error


def _check_options(given: Mapping[str, Any]) -> None:
    for key in given:
        if key not in _WEIGHTS:
            near = difflib.get_close_matches(str(key), _WEIGHTS, 1)
            raise SubjectError(f"unknown key {key!r} of weights" + (f"; did you mean {near[0]!r}?" if near else ""))
    if "file" not in given:
        raise SubjectError("weights needs a file")
    if not isinstance(given.get("strict", True), bool):
        raise SubjectError(f"weights.strict must be true or false, not {given['strict']!r}")
    for key in _ALLOWED:
        patterns = given.get(key, [])
        if not isinstance(patterns, (list, tuple)) or not all(isinstance(item, str) for item in patterns):
            raise SubjectError(f"weights.{key} must be a list of names or patterns, not {patterns!r}")
        if key in given and given.get("strict", False):
            raise SubjectError(f"weights.{key} allows what strict: true refuses; leave `strict` out")


def _picked(state: Any, key: str | None, path: Path) -> Any:
    if key is None:
        return state
    if isinstance(state, Mapping) and key in state:
        return state[key]
    for part in key.split("."):
        if not isinstance(state, Mapping) or part not in state:
            known = _some(state) if isinstance(state, Mapping) else type(state).__name__
            raise SubjectError(f"key {key!r} is not in {path}: where {part!r} should be, there is {known}")
        state = state[part]
    return state


def _tensors(state: Any, path: Path) -> dict[str, Any]:
    torch = require("torch", "torch")
    if not isinstance(state, Mapping):
        raise SubjectError(f"{path} contains {type(state).__qualname__}, not a state dict")
    strange = [str(key) for key, value in state.items() if not isinstance(value, torch.Tensor)]
    if strange:
        raise SubjectError(
            f"{path} is not a state dict, as these are not tensors: {_some(strange)}; name the state dict inside it "
            "with `key`"
        )
    return {str(key): value for key, value in state.items()}


def _stripped(state: dict[str, Any], prefix: str | None, path: Path) -> dict[str, Any]:
    if not prefix:
        return state
    renamed = {key.removeprefix(prefix): value for key, value in state.items()}
    if set(renamed) == set(state):
        raise SubjectError(f"no weight in {path} starts with {prefix!r}; the file contains {_some(state)}")
    if len(renamed) < len(state):
        raise SubjectError(f"without the prefix {prefix!r}, two weights in {path} have the same name")
    return renamed


def _some(names: Any) -> str:
    listed = sorted(map(str, names))
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return (", ".join(listed[:_SHOWN]) or "nothing") + more
