"""Benchmarks. Each measures both sides of a comparison in one run, and prints them with their ratio."""
