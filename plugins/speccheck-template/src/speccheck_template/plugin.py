"""The hooks of this distribution. Every start of speccheck imports this module, so it imports nothing heavy."""

from __future__ import annotations

import locale
from collections.abc import Iterable, Mapping

from speccheck.sdk import CheckPackage, Json, LoaderRef, ReporterRef, hookimpl


@hookimpl
def speccheck_checks() -> Iterable[CheckPackage]:
    """Every module ``checks/<family>/<check>.py``: a new check is a new file and nothing else."""
    return (CheckPackage("speccheck_template.checks"),)


@hookimpl
def speccheck_loaders() -> Iterable[LoaderRef]:
    """The loader ``lines``, imported when a spec first uses it."""
    return (LoaderRef("lines", "speccheck_template.loaders:lines"),)


@hookimpl
def speccheck_reporters() -> Iterable[ReporterRef]:
    """The reporter ``csv``, imported when it is asked for."""
    return (ReporterRef("csv", "speccheck_template.reporter:csv"),)


@hookimpl
def speccheck_environment() -> Mapping[str, Json]:
    """Return facts that the results depend on, for the record of every run: here the default encoding of text files."""
    return {"template.text_encoding": locale.getpreferredencoding(do_setlocale=False)}
