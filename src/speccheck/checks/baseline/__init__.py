"""Checks of scores that need no learning."""
