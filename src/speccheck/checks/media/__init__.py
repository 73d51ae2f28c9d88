"""Checks of sounds and pictures: rates, sizes and the range of their values."""
