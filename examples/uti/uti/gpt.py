"""A tiny GPT over the unified token space."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from uti.tokenizer import UnifiedTokenizer


class Block(nn.Module):
    """Pre-norm transformer block with causal self-attention."""

    def __init__(self, d_model: int, n_heads: int, dropout: float) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.dropout = nn.Dropout(dropout)
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.qkv = nn.Linear(d_model, 3 * d_model)
        self.out = nn.Linear(d_model, d_model)
        self.mlp = nn.Sequential(nn.Linear(d_model, 4 * d_model), nn.GELU(), nn.Linear(4 * d_model, d_model))

    def forward(self, hidden: Tensor) -> Tensor:
        """float[B,T,D] -> float[B,T,D]."""
        batch, length, width = hidden.shape
        heads = self.qkv(self.norm1(hidden)).view(batch, length, 3, self.n_heads, width // self.n_heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        hidden = hidden + self.dropout(self.out(mixed.transpose(1, 2).reshape(batch, length, width)))
        return hidden + torch.as_tensor(self.dropout(self.mlp(self.norm2(hidden))))


class TokenLM(nn.Module):
    """Decoder-only transformer with learned positions; ``max_len`` is its context in tokens."""

    def __init__(
        self,
        vocab_size: int,
        d_model: int = 64,
        *,
        n_layers: int = 2,
        n_heads: int = 4,
        max_len: int = 128,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.max_len = max_len
        self.token = nn.Embedding(vocab_size, d_model)
        self.position = nn.Embedding(max_len, d_model)
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.Sequential(*(Block(d_model, n_heads, dropout) for _ in range(n_layers)))
        self.norm = nn.LayerNorm(d_model)
        self.head = nn.Linear(d_model, vocab_size, bias=False)
        for module in (self.token, self.position, self.head):
            # Small weights make the first prediction nearly uniform: the loss starts at ln(vocab_size).
            nn.init.normal_(module.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        """int64[B,T] -> logits float[B,T,vocab_size]; position t sees ids 0..t only."""
        if ids.shape[1] > self.max_len:
            raise ValueError(f"{ids.shape[1]} tokens exceed the context of {self.max_len}")
        hidden = self.dropout(self.token(ids) + self.position(torch.arange(ids.shape[1])))
        logits: Tensor = self.head(self.norm(self.blocks(hidden)))
        return logits


def next_token_loss(logits: Tensor, ids: Tensor) -> Tensor:
    """Mean cross-entropy in nats of predicting ids[:, 1:] : float[B,T,V], int64[B,T] -> scalar."""
    return functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())


def make_model(source: UnifiedTokenizer | int, seed: int = 0, dropout: float | None = None) -> TokenLM:
    """A new model for a tokenizer (shaped by its configuration) or for a vocabulary size.

    The weights depend on ``seed`` alone, and the global random state is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if isinstance(source, int):
            return TokenLM(source, dropout=0.1 if dropout is None else dropout)
        shape = source.config.lm
        rate = shape.dropout if dropout is None else dropout
        return TokenLM(
            source.space.size,
            shape.d_model,
            n_layers=shape.n_layers,
            n_heads=shape.n_heads,
            max_len=shape.max_len,
            dropout=rate,
        )
