"""Checks of indexes: lists of records."""
