"""Checks of series of numbers."""
