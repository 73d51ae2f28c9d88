"""Checks of labels."""
