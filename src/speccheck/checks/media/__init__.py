"""Checks of sounds and images: rates, sizes and the range of values."""
