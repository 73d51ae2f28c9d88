"""Executors: they turn a measurement into evidence, or into a failure with its reason."""
