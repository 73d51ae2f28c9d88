"""The language model's batches, generation, and training that resumes bit for bit."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from uti.audio import Audio
from uti.gpt import TokenLM, make_model, next_token_loss
from uti.lm_data import token_stream, windows
from uti.tokenizer import UnifiedTokenizer

__all__ = ["TokenLM", "Trainer", "generate", "generate_audio", "lm_batch", "make_model", "next_token_loss"]


def lm_batch(tokenizer: UnifiedTokenizer, batch_size: int = 4, length: int = 64) -> Tensor:
    """int64[batch_size,length]: windows spread evenly over the training stream, the same on every call."""
    rows = windows(token_stream(tokenizer), length)
    return rows[torch.linspace(0, len(rows) - 1, batch_size).long()]


def generate(
    model: TokenLM,
    prompt: Sequence[int] | Tensor,
    n_new: int,
    allowed: Sequence[int] | Tensor,
    generator: torch.Generator,
) -> Tensor:
    """Sample ``n_new`` ids after ``prompt`` (int64[P], not empty) -> int64[n_new].

    ``allowed`` is an inclusive range ``[start, end]``, or a mask bool[V], or one mask for each
    position, bool[n_new,V].
    """
    ids = torch.as_tensor(prompt, dtype=torch.int64)
    n_prompt = len(ids)
    masks = _masks(allowed, n_new, model.vocab_size)
    was_training = model.training
    model.eval()
    with torch.no_grad():
        for position in range(n_new):
            logits = model(ids[None, -model.max_len :])[0, -1]
            weights = logits.masked_fill(~masks[position], -math.inf).softmax(0)
            ids = torch.cat([ids, torch.multinomial(weights, 1, generator=generator)])
    model.train(was_training)
    return ids[n_prompt:]


def _masks(allowed: Sequence[int] | Tensor, n_new: int, vocab_size: int) -> Tensor:
    """The ``allowed`` of ``generate`` as bool[n_new,vocab_size]."""
    if isinstance(allowed, Tensor):
        return allowed.bool().expand(n_new, vocab_size)
    start, end = allowed
    ids = torch.arange(vocab_size)
    return ((ids >= start) & (ids <= end)).expand(n_new, vocab_size)


def generate_audio(model: TokenLM, tokenizer: UnifiedTokenizer, n_frames: int, seed: int = 0) -> tuple[Tensor, Audio]:
    """Sample ``n_frames`` (at least 2) audio frames -> int64[n_frames*n_codebooks] and their sound.

    Position i may only take ids of codebook i % n_codebooks, so that the result always decodes.
    """
    space = tokenizer.space
    per_frame = torch.stack([_masks(pair, 1, space.size)[0] for pair in space.codebook_ranges])
    masks = per_frame.repeat(n_frames, 1)
    generator = torch.Generator().manual_seed(seed)
    ids = generate(model, [space.special["bos"], space.special["boa"]], len(masks), masks, generator)
    # n frames of a lapped transform span n - 1 hops.
    meta = tokenizer.audio_meta((n_frames - 1) * tokenizer.audio.mdct.hop)
    return ids, tokenizer.decode_audio(ids, meta)


class Trainer:
    """Adam on shuffled windows; dropout and the order of the data both follow the seed.

    The trainer owns its random states: a step neither reads nor moves the global one.
    """

    def __init__(self, model: TokenLM, data: Tensor, batch_size: int, lr: float, seed: int = 0) -> None:
        """``data`` is int64[N,T], one training sequence in each row."""
        self.model = model
        self.data = data
        self.batch_size = batch_size
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        self.n_steps = 0
        self._dropout_state = torch.Generator().manual_seed(seed).get_state()
        self._shuffler = torch.Generator().manual_seed(seed + 1)
        self._order = torch.randperm(len(data), generator=self._shuffler)
        self._position = 0

    @classmethod
    def from_config(
        cls,
        config: str | Path | UnifiedTokenizer,
        seed: int = 0,
        lr: float | None = None,
        length: int = 64,
        batch_size: int | None = None,
    ) -> Self:
        """A trainer on the sample assets; ``config`` is a YAML file or a loaded tokenizer, ``length`` in tokens."""
        tokenizer = config if isinstance(config, UnifiedTokenizer) else UnifiedTokenizer.from_config(config)
        settings = tokenizer.config.lm
        return cls(
            cls.make_model(tokenizer, seed),
            windows(token_stream(tokenizer), length),
            settings.batch_size if batch_size is None else batch_size,
            settings.lr if lr is None else lr,
            seed,
        )

    @staticmethod
    def make_model(tokenizer: UnifiedTokenizer, seed: int) -> TokenLM:
        """The model ``from_config`` trains."""
        return make_model(tokenizer, seed)

    def step(self) -> float:
        """Train on the next batch and return its loss in nats per token."""
        batch = self._next_batch()
        self.model.train()
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._dropout_state)
            loss = next_token_loss(self.model(batch), batch)
            self._dropout_state = torch.get_rng_state()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.n_steps += 1
        return float(loss.detach())

    def _next_batch(self) -> Tensor:
        """int64[batch_size,T]: the next rows in shuffled order; a new order starts when too few are left."""
        if self._position + self.batch_size > len(self._order):
            self._order = torch.randperm(len(self.data), generator=self._shuffler)
            self._position = 0
        rows = self._order[self._position : self._position + self.batch_size]
        self._position += self.batch_size
        return self.data[rows]

    def state_dict(self) -> dict[str, Any]:
        """A copy of everything the next steps depend on, loadable with ``torch.load(weights_only=True)``."""
        state = {
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "dropout_state": self._dropout_state,
            "shuffler_state": self._shuffler.get_state(),
            "order": self._order,
            "position": self._position,
            "step": self.n_steps,
        }
        # Without the copy, further steps would change the tensors of a state already handed out.
        return copy.deepcopy(state)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from ``state``, which stays unchanged."""
        state = copy.deepcopy(state)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._dropout_state = state["dropout_state"]
        self._shuffler.set_state(state["shuffler_state"])
        self._order = state["order"]
        self._position = state["position"]
        self.n_steps = state["step"]
