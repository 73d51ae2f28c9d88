"""The hooks of this distribution. Every start of speccheck imports this module, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import version

from speccheck.sdk import CheckPackage, Json, LoaderRef, hookimpl


@hookimpl
def speccheck_checks() -> Iterable[CheckPackage]:
    """``nuscenes.keyframe_walk`` and ``nuscenes.tables``."""
    return (CheckPackage("speccheck_nuscenes.checks"),)


@hookimpl
def speccheck_loaders() -> Iterable[LoaderRef]:
    """The loader ``nuscenes``, imported when a spec first uses it."""
    return (LoaderRef("nuscenes", "speccheck_nuscenes.loaders:nuscenes"),)


@hookimpl
def speccheck_environment() -> Mapping[str, Json]:
    """The version of the devkit, whose reading of the tables is what the walk walks."""
    return {"nuscenes.devkit": version("nuscenes-devkit")}
