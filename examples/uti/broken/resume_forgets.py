"""Fault: a resumed trainer starts with a fresh optimizer, so that it drifts from the uninterrupted run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from uti.lm import Trainer
from uti.tokenizer import UnifiedTokenizer


class ForgetfulTrainer(Trainer):
    """Trains and saves as it should."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Load everything but the optimizer's moments."""
        fresh = self.optimizer.state_dict()
        super().load_state_dict({**state, "optimizer": fresh})


def make_trainer(
    config: str | Path | UnifiedTokenizer,
    seed: int = 0,
    lr: float | None = None,
    length: int = 64,
    batch_size: int | None = None,
) -> Trainer:
    """Same signature as ``Trainer.from_config``."""
    return ForgetfulTrainer.from_config(config, seed, lr, length, batch_size)
