"""Checks that read values of configurations."""
