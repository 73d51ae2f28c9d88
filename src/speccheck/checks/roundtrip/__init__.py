"""Checks of an encoding and its inverse."""
