"""Checks that compare values of any kind."""
