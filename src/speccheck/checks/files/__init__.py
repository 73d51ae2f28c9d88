"""Checks of files: present, whole, and the right ones."""
