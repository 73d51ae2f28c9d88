r"""Command line: encode and decode the sample assets and write what came of it, the same bytes every time.

    python -m uti.export --config uti.yaml --token-space-out out/token_space.json \
        --smoke-assets assets --outdir out --decode-mode deterministic [--baseline-report old/report.json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor

from uti.lm_data import read_audio, read_image
from uti.tokenizer import DECODE_MODES, UnifiedTokenizer
from uti.train_lm import write_wav


def decibels(signal: Tensor, error: Tensor) -> float:
    """Power ratio of two tensors in dB, accumulated in float64."""
    return float(10 * torch.log10(signal.double().square().mean() / error.double().square().mean()))


def psnr(reference: Tensor, picture: Tensor) -> float:
    """Peak signal-to-noise ratio in dB of pictures in [0,1], whose peak is 1."""
    return decibels(torch.ones(1), reference - picture)


def ids_sha256(ids: Tensor) -> str:
    """Hex digest of the ids as little-endian int64."""
    return hashlib.sha256(ids.numpy().astype("<i8").tobytes()).hexdigest()


def export_image(tokenizer: UnifiedTokenizer, path: Path, outdir: Path, seed: int) -> dict[str, Any]:
    """Write image_tokens.sha256 and recon.png; return the metrics."""
    pixels = read_image(path)
    ids, meta = tokenizer.encode_image(pixels)
    picture = tokenizer.decode_image(ids, meta, torch.Generator().manual_seed(seed))
    reference = tokenizer.process_image(pixels)
    (outdir / "image_tokens.sha256").write_text(ids_sha256(ids) + "\n", encoding="utf-8")
    Image.fromarray((picture * 255).round().byte().permute(1, 2, 0).numpy()).save(outdir / "recon.png")
    mean = reference.mean((1, 2), keepdim=True).expand_as(reference)
    return {
        "psnr_db": psnr(reference, picture),
        "psnr_mean_image_db": psnr(reference, mean),
        "n_tokens": len(ids),
        "distinct_ids": len(set(ids.tolist())),
    }


def export_audio(tokenizer: UnifiedTokenizer, path: Path, outdir: Path) -> dict[str, Any]:
    """Write audio_tokens.sha256 and recon.wav; return the metrics."""
    samples, rate = read_audio(path)
    ids, meta = tokenizer.encode_audio(samples, rate)
    audio = tokenizer.decode_audio(ids, meta)
    reference = samples.mean(0, keepdim=True)
    (outdir / "audio_tokens.sha256").write_text(ids_sha256(ids) + "\n", encoding="utf-8")
    write_wav(outdir / "recon.wav", audio)
    return {
        "snr_db": decibels(reference, reference - audio.samples),
        "n_tokens": len(ids),
        "n_frames": meta["n_frames"],
        "distinct_ids": len(set(ids.tolist())),
    }


def export_text(tokenizer: UnifiedTokenizer, path: Path) -> dict[str, Any]:
    """Return the metrics of the text round trip."""
    text = path.read_text(encoding="utf-8")
    ids, meta = tokenizer.encode_text(text)
    exact = tokenizer.decode_text(ids, meta) == text
    return {"exact": exact, "n_tokens": len(ids), "bytes_per_token": len(text.encode("utf-8")) / len(ids)}


def compare(metrics: dict[str, Any], baseline: dict[str, Any]) -> dict[str, float]:
    """Quality now minus quality in the baseline report, in dB."""
    then = baseline["metrics"]
    return {
        "image_psnr_db": metrics["image"]["psnr_db"] - then["image"]["psnr_db"],
        "audio_snr_db": metrics["audio"]["snr_db"] - then["audio"]["snr_db"],
    }


def baseline_error(baseline: Path, report: Path) -> str | None:
    """Why ``baseline`` cannot be compared with; a report must never be its own baseline."""
    if not baseline.is_file():
        return f"no baseline report at {baseline}"
    # samefile also sees through links of both kinds.
    if baseline.resolve() == report.resolve() or (report.exists() and baseline.samefile(report)):
        return f"the baseline report {baseline} is the file this run would write"
    return None


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Command line arguments."""
    parser = argparse.ArgumentParser(prog="python -m uti.export")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--token-space-out", type=Path, required=True, help="JSON; its digest is written beside it")
    parser.add_argument("--smoke-assets", type=Path, required=True, help="folder of corpus.txt, photo.png, speech.wav")
    parser.add_argument("--outdir", type=Path, required=True)
    parser.add_argument("--decode-mode", choices=DECODE_MODES, default="deterministic")
    parser.add_argument("--seed", type=int, default=0, help="of the diffusion decoder")
    parser.add_argument("--baseline-report", type=Path, help="an earlier report.json to compare with")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Return the exit status: 0, or 2 where the baseline cannot be used."""
    args = parse(argv)
    report = args.outdir / "report.json"
    problem = baseline_error(args.baseline_report, report) if args.baseline_report else None
    if problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    tokenizer = UnifiedTokenizer.from_config(args.config, args.decode_mode)
    args.outdir.mkdir(parents=True, exist_ok=True)
    args.token_space_out.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.space.save(args.token_space_out)
    metrics = {
        "text": export_text(tokenizer, args.smoke_assets / "corpus.txt"),
        "image": export_image(tokenizer, args.smoke_assets / "photo.png", args.outdir, args.seed),
        "audio": export_audio(tokenizer, args.smoke_assets / "speech.wav", args.outdir),
    }
    settings = {"decode_mode": args.decode_mode, "seed": args.seed, "sizes": tokenizer.runtime_sizes()}
    # No times and no paths: equal inputs give an equal report wherever and whenever it is made.
    content: dict[str, Any] = {"settings": settings, "metrics": metrics, "token_space_sha256": tokenizer.space.sha256()}
    if args.baseline_report:
        content["change"] = compare(metrics, json.loads(args.baseline_report.read_text(encoding="utf-8")))
    report.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
