"""Checks that the same call gives the same result: repeated, encoded again, and under one seed."""
