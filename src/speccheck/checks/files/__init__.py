"""Checks of files: that they are there, whole and the ones meant."""
