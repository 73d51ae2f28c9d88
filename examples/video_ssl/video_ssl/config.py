"""Typed, frozen configuration, read from YAML."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from video_ssl.files import write_json


@dataclass(frozen=True)
class DataConfig:
    """Where the dataset is, and what to generate where ``generate`` is true; sizes in pixels."""

    dataroot: Path
    version: str
    generate: bool
    seed: int
    scenes: int
    keyframes: int
    width: int
    height: int


@dataclass(frozen=True)
class ClipConfig:
    """Clips of ``frames`` keyframes of a camera, each resized to ``height`` by ``width`` pixels."""

    channel: str
    frames: int
    stride: int
    height: int
    width: int


@dataclass(frozen=True)
class TubeletConfig:
    """A tubelet is ``t`` frames by ``p`` by ``p`` pixels."""

    t: int
    p: int


@dataclass(frozen=True)
class ModelConfig:
    """The masked video model."""

    cell: int
    bins: int
    d_model: int
    n_layers: int
    n_heads: int
    dropout: float


@dataclass(frozen=True)
class PretrainConfig:
    """Masked training on windows of ``window`` (rows, columns) tubelets."""

    steps: int
    batch_size: int
    window: tuple[int, int]
    mask_ratio: float
    lr: float


@dataclass(frozen=True)
class ProbeConfig:
    """The linear probe for the presence of objects; ``steps`` are full batches."""

    categories: tuple[str, ...]
    seeds: tuple[int, ...]
    poolings: tuple[str, ...]
    optimizers: tuple[str, ...]
    val_share: float
    mask_ratio: float
    steps: int
    adamw: Mapping[str, float]
    sgd: Mapping[str, float]


@dataclass(frozen=True)
class Config:
    """The whole configuration; every path is already resolved against the YAML's folder."""

    work: Path
    data: DataConfig
    clips: ClipConfig
    tubelets: TubeletConfig
    model: ModelConfig
    pretrain: PretrainConfig
    probe: ProbeConfig

    @property
    def grid(self) -> tuple[int, int, int]:
        """Tubelets in time, rows, columns of a clip."""
        size = self.tubelets.p
        return self.clips.frames // self.tubelets.t, self.clips.height // size, self.clips.width // size


def load_config(
    path: str | Path,
    dataroot: str | Path | None = None,
    version: str | None = None,
    generate: bool | None = None,
    work: str | Path | None = None,
    **settings: Mapping[str, Any],
) -> Config:
    """Read ``path``; unknown or missing keys are errors rather than silent defaults.

    Other arguments win over the file: ``settings`` are sections (``pretrain={"steps": 50}``), whose other keys
    stay as in the file. A real dataset is used with ``dataroot``, ``version`` and ``generate=False``.
    """
    path = Path(path)
    root = path.resolve().parent
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for name, section in settings.items():
        raw[name] = {**raw.get(name, {}), **section}
    given = {"dataroot": dataroot, "version": version, "generate": generate}
    raw["data"] = {**raw["data"], **{name: value for name, value in given.items() if value is not None}}
    raw["data"]["dataroot"] = (root / raw["data"]["dataroot"]).resolve()
    raw["work"] = (root / (work or raw["work"])).resolve()
    try:
        config = Config(**{name: _section(name, value) for name, value in raw.items()})
    except (KeyError, TypeError) as error:
        raise ValueError(f"{path}: bad configuration: {error}") from error
    _check(config, path)
    return config


_SECTIONS: Mapping[str, type] = {
    "data": DataConfig,
    "clips": ClipConfig,
    "tubelets": TubeletConfig,
    "model": ModelConfig,
    "pretrain": PretrainConfig,
    "probe": ProbeConfig,
}


def _section(name: str, value: Any) -> Any:
    if name not in _SECTIONS:
        return value
    return _SECTIONS[name](**{key: tuple(item) if isinstance(item, list) else item for key, item in value.items()})


def _check(config: Config, path: Path) -> None:
    clips, tubelets = config.clips, config.tubelets
    if clips.frames % tubelets.t or clips.height % tubelets.p or clips.width % tubelets.p:
        raise ValueError(f"{path}: tubelets of {tubelets.t} frames and {tubelets.p} pixels do not tile a clip")
    if tubelets.p % config.model.cell:
        raise ValueError(f"{path}: model.cell {config.model.cell} does not divide tubelets.p {tubelets.p}")


def write_config(config: Config, path: Path) -> Path:
    """Write a configuration as ``load_config`` reads it; JSON is YAML, too."""
    sections = {name: plain(getattr(config, name)) for name in _SECTIONS}
    write_json(path, {"work": str(config.work), **sections})
    return path


def as_config(config: str | Path | Config) -> Config:
    """A configuration as it is, or the one in a file."""
    return config if isinstance(config, Config) else load_config(config)


def plain(section: Any) -> dict[str, Any]:
    """A section as plain data, for JSON and for digests."""
    return {
        name: str(value) if isinstance(value, Path) else value for name, value in dataclasses.asdict(section).items()
    }
