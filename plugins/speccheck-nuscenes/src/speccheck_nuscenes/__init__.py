"""Audits of nuScenes data sets: the keyframe walk of a camera channel, and all thirteen tables at full size."""

__version__ = "0.1.0"
