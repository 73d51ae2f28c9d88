"""Variants of uti with exactly one deliberate fault each, to see whether a check notices it.

Each module of a tokenizer fault has ``make``, which takes what ``UnifiedTokenizer.from_config``
takes.  Faults of the language model replace the function or class of ``uti.lm`` they are named after.
"""
