"""Checks that a call repeats its result: called again, encoded again, and under one seed."""
