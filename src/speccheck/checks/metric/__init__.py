"""Checks of scores in tables."""
