"""The checks of this distribution: ``<family>/<check>.py`` is the check ``family.check``."""
