"""Checks of nuScenes data sets."""
