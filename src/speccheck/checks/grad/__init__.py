"""Checks of what a backward pass leaves in the parameters."""
