"""Checks of how data are divided."""
