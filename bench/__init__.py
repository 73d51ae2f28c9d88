"""Benchmarks: each prints both sides of a comparison and their ratio, measured in one run."""
