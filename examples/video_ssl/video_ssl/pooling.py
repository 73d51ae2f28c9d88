"""One vector of features for a clip, from the features of its tokens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor


def mean_all(latent: Tensor, mask: Tensor) -> Tensor:
    """The mean over all tokens, masked or not: float[B,N,d], bool[B,N] -> float[B,d]."""
    return latent.mean(1)


def mean_visible(latent: Tensor, mask: Tensor) -> Tensor:
    """The mean over tokens that are not masked."""
    visible = (~mask.bool())[..., None].to(latent.dtype)
    return (latent * visible).sum(1) / visible.sum(1).clamp_min(1)


def mean_excluding_first(latent: Tensor, mask: Tensor) -> Tensor:
    """The mean over all tokens but the first of the clip."""
    return latent[:, 1:].mean(1)


POOLINGS: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean_all": mean_all,
    "mean_visible": mean_visible,
    "mean_excluding_first": mean_excluding_first,
}
