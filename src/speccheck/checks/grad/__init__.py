"""Checks of gradients and of the updates that they cause."""
