"""Checks of the output of generative models."""
