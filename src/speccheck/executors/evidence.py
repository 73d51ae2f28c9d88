"""The checks on evidence: it is plain data under declared names, and its files are inside the run's folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import msgspec

from speccheck.executors.messages import ARTIFACT
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.evidence import Artifact, Evidence
from speccheck.model.metrics import declared
from speccheck.model.values import Value, from_wire, to_wire
from speccheck.sdk.executing import ArtifactFolder


def declared_evidence(evidence: Evidence, declaration: CheckDeclaration, module: str) -> Evidence:
    """Return the evidence if it is plain data under declared names; anything else is a TypeError of the check."""
    if not isinstance(evidence, Evidence):
        raise TypeError(f"{module} returned {type(evidence).__name__}, not Evidence")
    metrics: dict[str, Value] = {}
    for name, value in evidence.metrics.items():
        if name not in declaration.metrics and not any(
            pattern.partition(".")[0].partition("[")[0] == name for pattern in declaration.metrics
        ):
            raise TypeError(f"{module} returned metric {name!r}, which it does not declare")
        metrics[name] = from_wire(to_wire(value))  # so that later judgements get what this one gets
        metric = declared(declaration.metrics, (name,))
        if metric is not None and metric.kind == "number" and isinstance(value, bool):
            raise TypeError(f"{module} returned a bool for the number {name!r}")
    return msgspec.structs.replace(evidence, metrics=metrics)


def artifacts_kept(artifacts: dict[str, Artifact], digest: str, run: ArtifactFolder) -> dict[str, Artifact]:
    """Record anew the artifacts that another process has written into the run's folder.

    ValueError for one outside the folder of its measurement, or larger than :data:`ARTIFACT`; OSError for one that is
    absent.
    """
    return {name: _kept(name, artifact, digest, run) for name, artifact in artifacts.items()}


def _kept(name: str, artifact: Artifact, digest: str, run: ArtifactFolder) -> Artifact:
    parts = PurePosixPath(artifact.path).parts
    inside = "/".join(parts[2:])
    place = run.artifact_path(digest, inside) if inside and ".." not in parts else None
    if place is None or place != run.path / artifact.path or not place.is_file() or not _unlinked(place, run.path):
        raise ValueError(f"the artifact {name!r} is no file in the folder of its measurement")
    size = place.stat().st_size
    if size > ARTIFACT:
        place.unlink()
        raise ValueError(f"the artifact {name!r} has {size} bytes; the limit is {ARTIFACT} bytes")
    return run.keep(digest, inside, place, artifact.media_type)


def _unlinked(place: Path, folder: Path) -> bool:
    """Return whether no link leads away from the folder, or to another file in it."""
    return place.resolve() == folder.resolve() / place.relative_to(folder)
