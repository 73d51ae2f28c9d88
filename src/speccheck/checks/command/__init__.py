"""Checks that run commands."""
