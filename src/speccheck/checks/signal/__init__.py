"""Checks that compare a sound or an image with its reference."""
