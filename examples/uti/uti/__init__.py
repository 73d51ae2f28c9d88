"""uti: one token space for text, images and audio, and a tiny language model over it."""

from uti.audio import Audio
from uti.config import UtiConfig, load_config
from uti.token_space import TokenSpace
from uti.tokenizer import UnifiedTokenizer

__all__ = ["Audio", "TokenSpace", "UnifiedTokenizer", "UtiConfig", "load_config"]
