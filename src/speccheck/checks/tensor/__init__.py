"""Checks of tensors: dtype, shape and values of one, distance between two."""
