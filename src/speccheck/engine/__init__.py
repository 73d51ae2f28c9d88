"""The engine: plan a run, have each measurement made once, and assemble the record."""

from speccheck.engine.local import local_executor, subject_factory
from speccheck.engine.plan import SelectionError, ordered, select
from speccheck.engine.rejudge import Change, Rejudged, RunDeclarations, rejudge
from speccheck.engine.session import Request, Services, run_spec

__all__ = [
    "Change",
    "Rejudged",
    "Request",
    "RunDeclarations",
    "SelectionError",
    "Services",
    "local_executor",
    "ordered",
    "rejudge",
    "run_spec",
    "select",
    "subject_factory",
]
