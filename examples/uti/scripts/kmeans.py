"""Seeded k-means, shared by the scripts that fit codebooks."""

from __future__ import annotations

import torch
from torch import Tensor

from uti.image import nearest


def kmeans(vectors: Tensor, k: int, seed: int, iterations: int = 40) -> Tensor:
    """Lloyd's algorithm: float32[N,D] -> float32[k,D]; a cell that empties restarts at a random vector."""
    generator = torch.Generator().manual_seed(seed)
    codebook = vectors[torch.randperm(len(vectors), generator=generator)[:k]].clone()
    for _ in range(iterations):
        codes = nearest(vectors, codebook)
        counts = torch.bincount(codes, minlength=k)
        sums = torch.zeros_like(codebook).index_add_(0, codes, vectors)
        codebook = sums / counts.clamp(min=1)[:, None]
        empty = (counts == 0).nonzero().flatten()
        codebook[empty] = vectors[torch.randint(len(vectors), (len(empty),), generator=generator)]
    return codebook


def make_repeatable(seed: int) -> None:
    """Fix what the result of a fit depends on: the seed, the algorithms and the number of threads."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(2)
