"""The loader ``nuscenes``: a data set as the devkit's ``NuScenes`` object."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Load the folder with ``nuscenes.nuscenes.NuScenes``, which holds all tables in memory.

    SubjectError when the devkit is absent or cannot load the tables: it needs all thirteen, and resolves some tokens
    while it loads, so that a dangling one ends in a bare KeyError.
    """
    version = definition["nuscenes"]["version"]
    dataroot = context.path(definition["nuscenes"]["dataroot"])
    if not (dataroot / version).is_dir():
        raise SubjectError(f"{dataroot / version} is not a folder; give `dataroot` and `version` of a data set")
    try:
        devkit = importlib.import_module("nuscenes.nuscenes")
    except ImportError as error:
        raise SubjectError("a nuscenes subject needs nuscenes-devkit: pip install nuscenes-devkit==1.2.0") from error
    try:
        return devkit.NuScenes(version=version, dataroot=str(dataroot), verbose=False)
    except Exception as error:  # the devkit lets through whatever broken tables raise
        raise SubjectError(
            f"the devkit cannot load {dataroot / version}: {type(error).__name__}: {error}; "
            "the check nuscenes.tables lists all faults of the tables",
            cause=error,
        ) from error


nuscenes = Loader(
    name="nuscenes",
    load=load,
    schema={
        "type": "object",
        "properties": {
            "dataroot": {"type": "string", "minLength": 1, "description": "folder that holds samples/ and sweeps/"},
            "version": {"type": "string", "minLength": 1, "description": "folder of the tables in it: v1.0-mini"},
        },
        "required": ["dataroot", "version"],
        "additionalProperties": False,
    },
    doc="A nuScenes data set: the devkit's NuScenes object, with every table in memory.",
)
