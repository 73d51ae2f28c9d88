"""Fault: the model's output is cut from its parameters, so that training never changes them."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from uti.lm import TokenLM, Trainer
from uti.lm import make_model as make_good_model
from uti.tokenizer import UnifiedTokenizer


class FrozenLM(TokenLM):
    """Same weights and same output as the model it is made from; every gradient is zero."""

    def forward(self, ids: Tensor) -> Tensor:
        """int64[B,T] -> logits float[B,T,vocab_size]."""
        logits = super().forward(ids)
        # The vanishing term keeps backward() from failing, which would give the fault away.
        return logits.detach() + 0.0 * logits


def make_model(source: UnifiedTokenizer | int, seed: int = 0, dropout: float | None = None) -> TokenLM:
    """Same signature as ``uti.lm.make_model``."""
    model = make_good_model(source, seed, dropout)
    model.__class__ = FrozenLM
    return model


class FrozenTrainer(Trainer):
    """A trainer of the frozen model."""

    @staticmethod
    def make_model(tokenizer: UnifiedTokenizer, seed: int) -> TokenLM:
        """The frozen model."""
        return make_model(tokenizer, seed)


def make_trainer(
    config: str | Path | UnifiedTokenizer,
    seed: int = 0,
    lr: float | None = None,
    length: int = 64,
    batch_size: int | None = None,
) -> Trainer:
    """Same signature as ``Trainer.from_config``."""
    return FrozenTrainer.from_config(config, seed, lr, length, batch_size)
