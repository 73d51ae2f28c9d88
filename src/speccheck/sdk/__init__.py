"""The names that every plugin needs: hooks, Check, parameters, metrics, evidence, live values.

Tools that checks share are modules beside this one (:mod:`speccheck.sdk.arrays`), imported by their own names.

>>> from speccheck.sdk import Check, Context, Evidence, Live, Metric, param
"""

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Artifact, Evidence, Finding, Series, Table
from speccheck.model.metrics import Metric, Metrics
from speccheck.model.run import Run
from speccheck.model.values import Json, TensorDescription, Value, format_value
from speccheck.sdk.check import Check, Context
from speccheck.sdk.errors import MeasurementError, SubjectError
from speccheck.sdk.hooks import (
    CheckPackage,
    ExecutorRef,
    LoaderPackage,
    LoaderRef,
    ReporterPackage,
    ReporterRef,
    hookimpl,
)
from speccheck.sdk.live import Fresh, Live, PartialCall, fill
from speccheck.sdk.loading import BuildContext, Loader
from speccheck.sdk.media import Audio, Image
from speccheck.sdk.params import param
from speccheck.sdk.reporting import Reporter
from speccheck.sdk.wording import cause_text, constraint_text, judgement_text, source_text, verdict_text

__all__ = [
    "Artifact",
    "Audio",
    "BuildContext",
    "Cause",
    "CauseKind",
    "Check",
    "CheckPackage",
    "Context",
    "Evidence",
    "ExecutorRef",
    "Finding",
    "Fresh",
    "Image",
    "Json",
    "Live",
    "Loader",
    "LoaderPackage",
    "LoaderRef",
    "MeasurementError",
    "Metric",
    "Metrics",
    "PartialCall",
    "Reporter",
    "ReporterPackage",
    "ReporterRef",
    "Run",
    "Series",
    "SubjectError",
    "Table",
    "TensorDescription",
    "Value",
    "cause_text",
    "constraint_text",
    "fill",
    "format_value",
    "hookimpl",
    "judgement_text",
    "param",
    "source_text",
    "verdict_text",
]
