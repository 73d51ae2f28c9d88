"""Checks of probes, which compare representations."""
