"""Checks of plain text."""
