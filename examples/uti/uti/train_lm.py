"""Command line: train the language model on the sample assets, then let it make some sound.

    python -m uti.train_lm --config uti.yaml --outdir out --steps 30 [--resume out/lm.pt]

Writes lm.pt (the trainer's state), train_log.json and gen_audio.wav.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import soundfile
import torch

from uti.audio import Audio
from uti.lm import Trainer, generate_audio
from uti.tokenizer import UnifiedTokenizer

GENERATED_FRAMES = 173  # one second at 22050 Hz and 128 samples per frame


def write_wav(path: Path, audio: Audio) -> None:
    """Write 16-bit PCM; the floating-point WAV of libsndfile would hold the time of writing."""
    soundfile.write(path, audio.samples.T.numpy(), audio.rate, subtype="PCM_16", format="WAV")


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    """Write ``state`` so that an interruption leaves the old file or the new one, never a part."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 2 where the arguments make no sense."""
    parser = argparse.ArgumentParser(prog="python -m uti.train_lm", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--outdir", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=30, help="steps to run now, besides those already in --resume")
    parser.add_argument("--resume", type=Path, help="a checkpoint to continue from")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args(argv)
    if args.resume is not None and not args.resume.is_file():
        print(f"error: no checkpoint at {args.resume}", file=sys.stderr)
        return 2
    tokenizer = UnifiedTokenizer.from_config(args.config)
    trainer = Trainer.from_config(tokenizer, seed=args.seed)
    if args.resume is not None:
        trainer.load_state_dict(torch.load(args.resume, weights_only=True))
    first = trainer.n_steps
    losses = [trainer.step() for _ in range(args.steps)]
    args.outdir.mkdir(parents=True, exist_ok=True)
    save_checkpoint(args.outdir / "lm.pt", trainer.state_dict())
    _, audio = generate_audio(trainer.model, tokenizer, GENERATED_FRAMES, args.seed)
    write_wav(args.outdir / "gen_audio.wav", audio)
    log = {"first_step": first, "steps": args.steps, "seed": args.seed, "loss": losses}
    (args.outdir / "train_log.json").write_text(json.dumps(log, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
