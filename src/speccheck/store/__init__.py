"""The store of runs and baselines: one folder a run, with one file of record in it."""

from speccheck.store.artifacts import Artifacts
from speccheck.store.baseline_files import SeenFiles
from speccheck.store.baselines import BaselineFile, accept, load_baseline
from speccheck.store.errors import StoreError
from speccheck.store.folder import RUN_FILE, RunFolder
from speccheck.store.redaction import Redactor
from speccheck.store.runs import LATEST, RunStore, project_root, read_run

__all__ = [
    "LATEST",
    "RUN_FILE",
    "Artifacts",
    "BaselineFile",
    "Redactor",
    "RunFolder",
    "RunStore",
    "SeenFiles",
    "StoreError",
    "accept",
    "load_baseline",
    "project_root",
    "read_run",
]
