"""Renderings of a run: each module ends in a ``reporter`` and reads the run and nothing else."""
