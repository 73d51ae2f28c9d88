"""``make bench``: print every comparison."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import composing, executors, scalars


def main() -> None:
    """Run all benchmarks in a temporary folder and print their lines."""
    parser = argparse.ArgumentParser(description="speccheck's benchmarks: both sides of each comparison in one run")
    parser.add_argument("--repeats", type=int, default=3)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for lines in (
            scalars.report(folder, repeats),
            scalars.report_validate(folder, 3 * repeats),
            composing.report(folder, repeats),
            executors.report(folder, repeats),
        ):
            print("\n".join(lines), flush=True)
        # Last, because it imports torch: the peak memory of a child includes what it shares with its parent at first.
        from bench import tensor_stats

        print("\n".join(tensor_stats.report(folder, repeats)), flush=True)


if __name__ == "__main__":
    main()
