"""A plugin of speccheck to copy: one check, one loader, one reporter, facts about the environment."""

__version__ = "0.1.0"
