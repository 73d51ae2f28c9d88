"""Checks of literal values."""
