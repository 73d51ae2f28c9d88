"""Checks of scores that stand in tables."""
