"""Checks that compare a sound or a picture with its reference."""
