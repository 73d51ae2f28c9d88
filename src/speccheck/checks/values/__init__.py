"""Checks that compare things of any kind."""
