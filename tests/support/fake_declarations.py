"""Declarations of a few checks and loaders that exist nowhere, for tests of what reads a spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.metrics import Metric
from speccheck.sdk.live import Fresh, Live
from speccheck.sdk.params import describe, param, params_schema


@dataclass(frozen=True)
class NumberParams:
    value: float = param("the number")
    scale: float = param("what it is multiplied by", default=1.0, above=0)
    note: str = param("a text", default="")


@dataclass(frozen=True)
class RepeatParams:
    call: Live[Any] = param("what is called")
    times: int = param("how often", default=2, min=2)


@dataclass(frozen=True)
class SoundParams:
    reference: Live[Any] = param("the sound as it was")
    estimate: Live[Any] = param("the sound as it came out")


@dataclass(frozen=True)
class TensorsParams:
    tensors: Mapping[str, Live[Any]] = param("tensors by name")
    among: Sequence[Live[Any]] = param("more of them", default=())


@dataclass(frozen=True)
class FilesParams:
    paths: tuple[Path, ...] = param("files", default=())
    mode: Literal["all", "any"] = param("how many must match", default="all")
    patterns: Mapping[str, str] = param("regular expressions by name", default={})
    limits: tuple[int, ...] | None = param("sizes", default=None)


@dataclass(frozen=True)
class ProbeParams:
    grid: Mapping[str, tuple[str, ...]] = param("axes of the grid", min_length=1)
    seeds: tuple[int, ...] = param("seeds of the replicates", min_length=2)


@dataclass(frozen=True)
class TrainParams:
    model: Fresh[Any] = param("the model")
    steps: int = param("steps of training", default=10, min=1)


_NUMBER = {"value": Metric("number", "the number"), "double": Metric("number", "twice the number", min=0)}
_REPEAT = {
    "identical": Metric("bool", "every result equals the first"),
    "distinct_values": Metric("number", "distinct values in the result", min=0),
    "sha256": Metric("text", "digest of the first result"),
}
_SOUND = {
    "snr_db": Metric("number", "signal to noise ratio", unit="dB", infinite=True),
    "log_mel_l1": Metric("number", "mean distance of log mel spectra", min=0),
}
_TENSORS = {
    "tensors.{tensors}": Metric("tensor", "dtype and shape"),
    "finite.{tensors}": Metric("bool", "no element is NaN or infinite"),
}
_FILES = {
    "count": Metric("number", "files found", min=0),
    "matches.{patterns}": Metric("bool", "the pattern occurs"),
    "names": Metric("list", "their names", of="text"),
}
_PROBE = {
    "delta": Metric("mapping", "accuracy gained", of="list", min=-1, max=1, replicates=True),
    "layers.*.norm": Metric("number", "norm of a layer", min=0),
}
_TRAIN = {"loss": Metric("list", "loss of each step", of="number"), "final": Metric("number", "last loss", min=0)}

_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_CALL = {"args": {"type": ["array", "object"]}, "kwargs": {"type": "object"}}
_TEXT = {"type": "string", "minLength": 1}
_PATH = {"type": "string", "minLength": 1, "format": "path"}


def _check(summary: str, params: type[Any], metrics: Mapping[str, Metric], version: int = 1) -> CheckDeclaration:
    return CheckDeclaration(
        version=version,
        summary=summary,
        metrics=dict(metrics),
        params=params_schema(params),
        fields={field.name: field.kind for field in describe(params)},
        distribution="demo",
    )


class FakeDeclarations:
    """A few checks and loaders; ``asked`` keeps the names of the checks that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._checks = {
            "demo.files": _check("Files and their content.", FilesParams, _FILES),
            "demo.number": _check("One number.", NumberParams, _NUMBER),
            "demo.probe": _check("A probe over a grid.", ProbeParams, _PROBE),
            "demo.repeat": _check("The same call twice.", RepeatParams, _REPEAT, version=3),
            "demo.sound": _check("Two sounds compared.", SoundParams, _SOUND),
            "demo.tensors": _check("Shapes of tensors.", TensorsParams, _TENSORS),
            "demo.train": _check("A model is trained.", TrainParams, _TRAIN),
        }
        self._loaders = {
            "audio": LoaderDeclaration(params=_PATH, doc="A sound file."),
            "expr": LoaderDeclaration(params=_TEXT, doc="A Python expression.", lazy=("expr",)),
            "function": LoaderDeclaration(params=_TEXT, keys=_CALL, doc="A callable."),
            "json": LoaderDeclaration(params=_PATH, doc="What a JSON file holds.", plain=True),
            "target": LoaderDeclaration(params=_TEXT, keys=_CALL, doc="The result of a call."),
            "tensor": LoaderDeclaration(
                params=_TEXT, keys={"normal": _PAIR, "uniform": _PAIR, "integers": _PAIR}, doc="A tensor."
            ),
        }

    def check_names(self) -> Sequence[str]:
        return tuple(self._checks)

    def check(self, name: str) -> CheckDeclaration | None:
        self.asked.append(name)
        return self._checks.get(name)

    def loader_names(self) -> Sequence[str]:
        return tuple(self._loaders)

    def loader(self, name: str) -> LoaderDeclaration | None:
        return self._loaders.get(name)
