"""The least parameters with which each built-in check measures: live ones as objects, the others as YAML gives them.

A function of the spec's folder per check, so that torch is imported by the tests alone, and files can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from speccheck.sdk import Audio, Fresh, Image, PartialCall
from speccheck.sdk.live import Placeholder


def _command(folder: Path) -> Mapping[str, Any]:
    script = "import pathlib; print('loss=0.5'); pathlib.Path('left.txt').write_text('done')"
    return {
        "command": ["python", "-c", script],
        "patterns": {"loss": r"loss=[0-9.]+$", "error": "Error"},
        "leaves": ["left.txt"],
    }


def _files(folder: Path) -> Mapping[str, Any]:
    (folder / "a.json").write_text("{}")
    (folder / "a.sha256").write_text("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a")
    return {"paths": ["a.json"], "globs": ["*.json"], "digests": {"a.json": "a.sha256"}}


def _audio(folder: Path, *, noise: float = 0.0) -> Audio:
    import torch

    time = torch.arange(16000) / 16000
    drawn = torch.randn(16000, generator=torch.Generator().manual_seed(1))
    return Audio((torch.sin(440 * 2 * torch.pi * time) / 2 + noise * drawn)[None], 16000)


def _image(folder: Path, *, noise: float = 0.0) -> Image:
    import torch

    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(3, 16, 24, generator=generator) * 0.5
    return Image(pixels + noise * torch.rand(3, 16, 24, generator=generator))


def _model() -> Any:
    import torch

    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))


def _batch() -> Any:
    import torch

    return torch.randn(6, 4, generator=torch.Generator().manual_seed(2))


def _squares(output: Any, batch: Any) -> Any:
    return ((output - batch.sum(1, keepdim=True)) ** 2).mean()


_LOSS = PartialCall(_squares, (Placeholder("output"), Placeholder("batch")), {})


class _Trainer:
    """A trainer of the model above, which keeps all of its state."""

    def __init__(self) -> None:
        import torch

        self.model = _model()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.01)

    def step(self) -> float:
        self.optimizer.zero_grad()
        loss = _squares(self.model(_batch()), _batch())
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])


def _generate(seed: int) -> list[int]:
    import random

    chosen = random.Random(seed)
    return [chosen.randrange(97, 122) for _ in range(5)]


def _ids(text: str) -> list[int]:
    return [ord(character) for character in text]


def _text(ids: list[int]) -> str:
    return "".join(map(chr, ids))


def _drawn(size: int) -> Any:
    import torch

    return torch.randn(size)


def _records(folder: Path) -> Mapping[str, Any]:
    (folder / "frames").mkdir(exist_ok=True)
    for name in ("a.json", "b.json"):
        (folder / "frames" / name).write_text("{}")
    frames = [
        {"file": "a.json", "time": 1, "key": True, "scene": "s"},
        {"file": "b.json", "time": 2, "key": 1, "scene": "s"},
    ]
    return {
        "records": [{"id": "x", "frames": frames}, {"id": "y", "frames": frames[::-1]}, {"id": "x", "frames": []}],
        "length": {"frames": 2},
        "increasing": ["frames.time"],
        "all_true": ["frames.key"],
        "one_group": ["frames.scene"],
        "files": ["frames.file"],
        "root": "frames",
        "decode": True,
        "required": ["id"],
        "unique": ["id"],
        "sample": 2,
    }


def _items(folder: Path) -> Mapping[str, Any]:
    import torch

    clips = [{"video": torch.full((2, 3, 4, 6), at / 4), "name": f"clip{at}"} for at in range(3)]
    index = [{"token": f"clip{at}"} for at in range(3)]
    return {"dataset": clips, "index": index, "item": "video", "fields": {"name": "token"}, "sheet": 0}


def _pairs(folder: Path) -> Any:
    return _batch().reshape(2, 3, 4)


def _halves(value: Any) -> Any:
    return value.flatten(0, 1)


def _whole(value: Any) -> Any:
    return value.unflatten(0, (2, 3))


def _masked(output: Any, target: Any, mask: Any) -> Any:
    return ((output - target) ** 2)[mask].mean()


def _scores(pooling: str, seed: int) -> Mapping[str, float]:
    return {"treated": 0.5 + seed / 10 + len(pooling), "reference": 0.4 + seed / 20, "prevalence": 0.3}


def _probe(labels: Any, seed: int) -> Mapping[str, float]:
    return {"train": float(labels[0]), "val": float(labels[-1])}


_ROWS = [{"group": "a", "x": 1.0, "y": 2.0, "z": -1.0}, {"group": "a", "x": 2.0, "y": 2.5, "z": -0.5}]

CASES: dict[str, Callable[[Path], Mapping[str, Any]]] = {
    "baseline.trivial": lambda _: {
        "labels": [[1, 0], [0, 1], [1, 1]],
        "scores": {"m": [[0.9, 0.1], [0.2, 0.8], [0.7, 0.6]]},
    },
    "command.run": _command,
    "config.values": lambda _: {"source": {"lr": 0.1, "model": {"depth": 2}}, "keys": {"lr": "lr", "d": "model.depth"}},
    "dataset.items": _items,
    "determinism.idempotent": lambda _: {"encode": _ids, "decode": _text, "input": "abc"},
    "determinism.repeat": lambda _: {"call": _ids, "args": ("abc",)},
    "determinism.seeded": lambda _: {"call": PartialCall(_drawn, (5,), {})},
    "files.inspect": _files,
    "generate.decodes": lambda _: {"generate": _generate, "decode": _text, "range": (97, 122)},
    "grad.flow": lambda _: {"model": Fresh(_model), "loss": _LOSS, "inputs": (_batch(),)},
    "grad.update": lambda _: {"model": Fresh(_model), "loss": _LOSS, "inputs": (_batch(),), "frozen": ["9.*"]},
    "index.records": _records,
    "label.shuffle": lambda _: {"run": _probe, "labels": [0, 1, 2, 3], "seeds": [1, 2]},
    "loss.masked": lambda folder: {"loss": _masked, "target": _pairs(folder), "ratios": [0.34, 0.6]},
    "media.audio": lambda folder: {"audio": _audio(folder), "reference": _audio(folder)},
    "media.image": lambda folder: {"image": _image(folder)},
    "metric.degenerate": lambda _: {"rows": _ROWS, "columns": ["x", "y"], "within": ["group"]},
    "model.depends": lambda _: {"model": _model(), "inputs": (_batch(),), "expected": {"0": ["all"]}},
    "model.forward": lambda _: {"model": _model(), "inputs": (_batch(),)},
    "probe.compare": lambda _: {
        "grid": {"pooling": ["a", "bc"]},
        "seeds": [1, 2, 3],
        "run": _scores,
        "trivial": ["prevalence"],
    },
    "roundtrip.exact": lambda folder: {"encode": _halves, "decode": _whole, "input": _pairs(folder)},
    "roundtrip.locality": lambda folder: {
        "encode": _halves,
        "input": _pairs(folder),
        "block": [1, 1, 0],
        "token_axes": 1,
    },
    "series.trend": lambda _: {"series": {"loss": [2.0, 1.5, 1.0], "rate": [0.1, 0.2]}, "window": 2},
    "signal.audio": lambda folder: {"reference": _audio(folder), "estimate": _audio(folder, noise=0.01)},
    "signal.image": lambda folder: {"reference": _image(folder), "estimate": _image(folder, noise=0.1)},
    "split.overlap": lambda _: {
        "splits": {"train": [{"id": 1, "x": [1.0]}], "val": [{"id": 1, "x": [2.0]}]},
        "keys": ["id"],
        "content": ["x"],
    },
    "table.aggregate": lambda _: {
        "rows": _ROWS,
        "summary": [{"group": "a", "x": 1.5}],
        "by": ["group"],
        "aggregates": {"x": "mean x"},
        "derived": {"z": "x - y"},
        "decimals": 1,
    },
    "tensor.compare": lambda _: {"reference": _batch(), "estimate": _batch() * 1.5},
    "tensor.contract": lambda _: {"tensors": {"batch": _batch(), "layer.0 weight": [[1.0, 2.0]]}},
    "tensor.spread": lambda folder: {"features": {"latent": _pairs(folder)}},
    "tokenizer.ids": lambda _: {"ids": [0, 5, 1, 6], "range": (0, 7), "codebooks": [(0, 3), (4, 7)]},
    "tokenizer.ranges": lambda _: {"ranges": {"text": (0, 9), "image": (10, 19)}, "total": 20},
    "tokenizer.roundtrip": lambda _: {"encode": _ids, "decode": _text, "inputs": ["abc", "d"]},
    "train.overfit": lambda _: {"steps": 3, "model": Fresh(_model), "loss": _LOSS, "inputs": (_batch(),)},
    "train.resume": lambda _: {"trainer": Fresh(_Trainer), "steps": 4, "at": 2},
    "train.steps": lambda _: {
        "steps": 2,
        "model": Fresh(_model),
        "loss": _LOSS,
        "inputs": (_batch(),),
        "activations": ["0"],
        "latent": "1",
        "origins": ["torch"],
    },
    "value.number": lambda _: {"value": 0.5},
    "values.differ": lambda _: {"values": {"a": [1.0, 2.0], "b": [1.0, 3.0]}},
    "values.equal": lambda _: {"left": {"a": [1, 2]}, "right": {"a": [1, 3]}},
}
