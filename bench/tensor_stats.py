"""Statistics of a 512 MiB float32 tensor: ours against the plain sequence of torch calls, in one process."""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path

import torch

from speccheck.sdk.statistics import statistics

ELEMENTS = 2**27


def plain(tensor: torch.Tensor) -> dict[str, float]:
    """Return the figures as one would write it in torch: one call for each."""
    return {
        "finite": float(tensor.isfinite().all()),
        "min": float(tensor.min()),
        "max": float(tensor.max()),
        "mean": float(tensor.mean()),
        "std": float(tensor.std()),
        "absmax": float(tensor.abs().max()),
    }


def ours(tensor: torch.Tensor) -> dict[str, float]:
    """Return the same figures as the checks compute them."""
    found = statistics(tensor.numpy())
    return {name: float(getattr(found, name)) for name in ("finite", "min", "max", "mean", "std", "absmax")}


def _extra_mebibytes(take: Callable[[torch.Tensor], object], tensor: torch.Tensor) -> float:
    """Return by how much the peak memory of this process grows; 0 if an earlier step needed as much."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    take(tensor)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def report(folder: Path, repeats: int) -> list[str]:
    """Return time and extra memory of both, their ratio, and the error of each against float64."""
    del folder
    tensor = torch.empty(ELEMENTS)
    generator = torch.Generator().manual_seed(0)
    for block in tensor.split(2**22):
        block.normal_(3, 0.5, generator=generator)
    statistics(tensor[: 2**17].numpy())  # starts the libraries
    extra = {"ours": _extra_mebibytes(ours, tensor), "plain": _extra_mebibytes(plain, tensor)}
    seconds: dict[str, list[float]] = {"ours": [], "plain": []}
    found: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for name, take in (("ours", ours), ("plain", plain)):
            started = time.perf_counter()
            found[name] = take(tensor)
            seconds[name].append(time.perf_counter() - started)
    best = {name: min(times) for name, times in seconds.items()}
    mean, std = _wide(tensor)
    lines = [
        f"statistics of 512 MiB float32, {torch.get_num_threads()} threads: "
        f"ours {best['ours'] * 1000:.0f} ms, {extra['ours']:.0f} MiB extra; "
        f"torch calls {best['plain'] * 1000:.0f} ms, {extra['plain']:.0f} MiB extra; "
        f"{best['plain'] / best['ours']:.1f} times faster"
    ]
    for name, figures in found.items():
        lines.append(
            f"  {name} against float64: mean off by {abs(figures['mean'] - mean) / std:.1e} std, "
            f"std by {abs(figures['std'] / std - 1):.1e} relative"
        )
    return lines


def _wide(tensor: torch.Tensor) -> tuple[float, float]:
    """Return mean and population standard deviation in float64, block by block."""
    blocks = tensor.split(2**22)
    mean = sum(float(block.double().sum()) for block in blocks) / tensor.numel()
    squares = sum(float((block.double() - mean).square().sum()) for block in blocks)
    return mean, (squares / tensor.numel()) ** 0.5


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description="tensor statistics, both sides in one run")
    parser.add_argument("--repeats", type=int, default=5)
    print("\n".join(report(Path(), parser.parse_args().repeats)))


if __name__ == "__main__":
    main()
