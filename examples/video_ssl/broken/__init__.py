"""Variants of video_ssl with exactly one deliberate fault each, to see whether a check notices it.

Each module has ``make``, which takes what ``from_config`` of ``Pipeline`` takes (faults of data and code) or of
``Study`` (faults of the probe), and gives the same with the fault in it. Where the fault is one function or class of
``video_ssl``, the module defines it under the same name with the same signature.
"""
