"""What speccheck itself registers, through the hooks that every plugin uses."""

from __future__ import annotations

from collections.abc import Iterable

from speccheck.reporters.builtin import REPORTERS
from speccheck.sdk.hooks import CheckPackage, LoaderRef, ReporterRef, hookimpl
from speccheck.subjects.builtin import LOADERS


@hookimpl
def speccheck_checks() -> Iterable[CheckPackage]:
    """The checks under :mod:`speccheck.checks`."""
    return (CheckPackage("speccheck.checks"),)


@hookimpl
def speccheck_loaders() -> Iterable[LoaderRef]:
    """The loaders under :mod:`speccheck.subjects.loaders`."""
    return LOADERS


@hookimpl
def speccheck_reporters() -> Iterable[ReporterRef]:
    """The reporters under :mod:`speccheck.reporters`."""
    return REPORTERS
