"""Fit weights/text.json: a byte-level BPE on assets/corpus.txt.

python scripts/fit_text.py
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

ROOT = Path(__file__).resolve().parent.parent
VOCAB_SIZE = 512  # 256 bytes and 256 merges


def main() -> None:
    """Train and save; the trainer is deterministic."""
    bpe = Tokenizer(models.BPE())
    # Without the added leading space, decoding gives back exactly what was encoded.
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[],
        show_progress=False,
    )
    bpe.train([str(ROOT / "assets" / "corpus.txt")], trainer)
    assert bpe.get_vocab_size() == VOCAB_SIZE, bpe.get_vocab_size()
    (ROOT / "weights").mkdir(exist_ok=True)
    bpe.save(str(ROOT / "weights" / "text.json"))


if __name__ == "__main__":
    main()
