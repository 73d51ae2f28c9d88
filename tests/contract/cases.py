"""The least parameters with which each built-in check measures: live ones as objects, the others as YAML gives them.

A function of the spec's folder per check, so that torch is imported by the tests alone, and files can be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from speccheck.sdk import Audio, Bound, Fresh, Image
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


_LOSS = Bound(_squares, (Placeholder("output"), Placeholder("batch")), {})


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


CASES: dict[str, Callable[[Path], Mapping[str, Any]]] = {
    "command.run": _command,
    "config.values": lambda _: {"source": {"lr": 0.1, "model": {"depth": 2}}, "keys": {"lr": "lr", "d": "model.depth"}},
    "determinism.idempotent": lambda _: {"encode": _ids, "decode": _text, "input": "abc"},
    "determinism.repeat": lambda _: {"call": _ids, "args": ("abc",)},
    "determinism.seeded": lambda _: {"call": Bound(_drawn, (5,), {})},
    "files.inspect": _files,
    "generate.decodes": lambda _: {"generate": _generate, "decode": _text, "range": (97, 122)},
    "grad.flow": lambda _: {"model": Fresh(_model), "loss": _LOSS, "inputs": (_batch(),)},
    "media.audio": lambda folder: {"audio": _audio(folder), "reference": _audio(folder)},
    "media.image": lambda folder: {"image": _image(folder)},
    "model.forward": lambda _: {"model": _model(), "inputs": (_batch(),)},
    "signal.audio": lambda folder: {"reference": _audio(folder), "estimate": _audio(folder, noise=0.01)},
    "signal.image": lambda folder: {"reference": _image(folder), "estimate": _image(folder, noise=0.1)},
    "tensor.compare": lambda _: {"reference": _batch(), "estimate": _batch() * 1.5},
    "tensor.contract": lambda _: {"tensors": {"batch": _batch(), "layer.0 weight": [[1.0, 2.0]]}},
    "tokenizer.ids": lambda _: {"ids": [0, 5, 1, 6], "range": (0, 7), "codebooks": [(0, 3), (4, 7)]},
    "tokenizer.ranges": lambda _: {"ranges": {"text": (0, 9), "image": (10, 19)}, "total": 20},
    "tokenizer.roundtrip": lambda _: {"encode": _ids, "decode": _text, "inputs": ["abc", "d"]},
    "train.overfit": lambda _: {"steps": 3, "model": Fresh(_model), "loss": _LOSS, "inputs": (_batch(),)},
    "train.resume": lambda _: {"trainer": Fresh(_Trainer), "steps": 4, "at": 2},
    "value.number": lambda _: {"value": 0.5},
    "values.equal": lambda _: {"left": {"a": [1, 2]}, "right": {"a": [1, 3]}},
}
