"""Checks of tokenizers: their id ranges, the ids they give, and what survives a round trip."""
