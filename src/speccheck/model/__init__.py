"""Frozen values of plain data that every other part of speccheck passes on, and their versioned JSON."""
