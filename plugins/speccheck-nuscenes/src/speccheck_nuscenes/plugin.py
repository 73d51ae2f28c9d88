"""What this distribution registers. It is imported at every start of speccheck, so it imports nothing heavy."""

from __future__ import annotations

from collections.abc import Iterable

from speccheck.sdk import CheckPackage, LoaderRef, hookimpl


@hookimpl
def speccheck_checks() -> Iterable[CheckPackage]:
    """``nuscenes.keyframe_walk`` and ``nuscenes.tables``."""
    return (CheckPackage("speccheck_nuscenes.checks"),)


@hookimpl
def speccheck_loaders() -> Iterable[LoaderRef]:
    """The loader ``nuscenes``, imported when a spec first uses it."""
    return (LoaderRef("nuscenes", "speccheck_nuscenes.loaders:nuscenes"),)
