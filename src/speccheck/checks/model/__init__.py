"""Checks of a model's forward pass."""
