"""Checks that train: on one batch, or stopped and resumed."""
