"""Checks of what no learning at all would reach."""
