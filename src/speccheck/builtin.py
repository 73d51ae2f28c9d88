"""The built-in checks, loaders, reporters and executors, registered through the hooks that every plugin uses."""

from __future__ import annotations

from collections.abc import Iterable

from speccheck.sdk.hooks import CheckPackage, ExecutorRef, LoaderPackage, ReporterPackage, hookimpl


@hookimpl
def speccheck_checks() -> Iterable[CheckPackage]:
    """Every module ``speccheck/checks/<family>/<check>.py``."""
    return (CheckPackage("speccheck.checks"),)


@hookimpl
def speccheck_loaders() -> Iterable[LoaderPackage]:
    """Every module of :mod:`speccheck.subjects.loaders`."""
    return (LoaderPackage("speccheck.subjects.loaders"),)


@hookimpl
def speccheck_reporters() -> Iterable[ReporterPackage]:
    """Every module of :mod:`speccheck.reporters`."""
    return (ReporterPackage("speccheck.reporters"),)


@hookimpl
def speccheck_executors() -> Iterable[ExecutorRef]:
    """The two executors: in processes of their own, and in the process that judges."""
    return (
        ExecutorRef("inline", "speccheck.executors.local:executor"),
        ExecutorRef("process", "speccheck.executors.process:executor"),
    )
