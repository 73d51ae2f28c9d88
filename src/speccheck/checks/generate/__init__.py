"""Checks of what a model generates."""
