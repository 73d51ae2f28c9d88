"""Tiny subjects, with which a check measures in an instant: sound, image, model, batch, loss, trainer, codec."""

from __future__ import annotations

from typing import Any

import torch

from speccheck.sdk import Audio, Image, PartialCall
from speccheck.sdk.live import Placeholder
from speccheck.sdk.modules import backward

ROWS = [{"group": "a", "x": 1.0, "y": 2.0, "z": -1.0}, {"group": "a", "x": 2.0, "y": 2.5, "z": -0.5}]
"""Two rows of a table; z is x - y."""


def audio(*, noise: float = 0.0) -> Audio:
    """A second of 440 Hz at 16 kHz, and noise of this standard deviation."""
    time = torch.arange(16000) / 16000
    drawn = torch.randn(16000, generator=torch.Generator().manual_seed(1))
    return Audio((torch.sin(440 * 2 * torch.pi * time) / 2 + noise * drawn)[None], 16000)


def image(*, noise: float = 0.0) -> Image:
    """An image of 16 by 24 pixels, and noise up to this value."""
    generator = torch.Generator().manual_seed(1)
    pixels = torch.rand(3, 16, 24, generator=generator) * 0.5
    return Image(pixels + noise * torch.rand(3, 16, 24, generator=generator))


def model() -> torch.nn.Module:
    """A model of four features to one number."""
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1))


def batch() -> torch.Tensor:
    """Six rows of four features."""
    return torch.randn(6, 4, generator=torch.Generator().manual_seed(2))


def pairs() -> torch.Tensor:
    """The batch as two items of three rows."""
    return batch().reshape(2, 3, 4)


def squares(output: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
    """The mean square error of a model that is to sum the features."""
    return ((output - batch.sum(1, keepdim=True)) ** 2).mean()


LOSS = PartialCall(squares, (Placeholder("output"), Placeholder("batch")), {})


class Trainer:
    """A trainer of the model on the batch, which keeps all of its state."""

    def __init__(self) -> None:
        self.model = model()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.01)

    def step(self) -> float:
        """One step, and its loss."""
        self.optimizer.zero_grad()
        loss = squares(self.model(batch()), batch())
        backward(loss)
        self.optimizer.step()
        return float(loss.detach())

    def state_dict(self) -> dict[str, Any]:
        """All of the state."""
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])


def ids(text: str) -> list[int]:
    """The code points of a text: an encoder."""
    return [ord(character) for character in text]


def text(ids: list[int]) -> str:
    """The text of code points: its decoder."""
    return "".join(map(chr, ids))


def halves(value: torch.Tensor) -> torch.Tensor:
    """The pairs as rows: an encoder."""
    return value.flatten(0, 1)


def whole(value: torch.Tensor) -> torch.Tensor:
    """The rows as pairs: its decoder."""
    rows: torch.Tensor = value.unflatten(0, (2, 3))
    return rows
