"""Reporters: each module offers a ``reporter``, which renders a run and reads only the run."""
