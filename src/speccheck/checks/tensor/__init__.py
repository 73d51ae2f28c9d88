"""Checks of tensors: what one is and holds, and how far two are apart."""
