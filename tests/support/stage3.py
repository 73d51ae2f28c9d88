"""What each fault of the tokenizer must do to the audit: the entries whose outcome changes, and to what."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "specs" / "stage3.yaml"
BASELINE = ROOT / "specs" / "baselines" / "stage3.json"

FAULTS: dict[str, dict[str, str]] = {
    "constant_codes": {
        "determinism-image": "failed",
        "determinism-audio": "failed",
        "audio-quality": "failed",
        "audio-codebooks[stages=1]": "failed",
        "audio-codebooks[stages=2]": "failed",
        "audio-codebooks[stages=3]": "failed",
        "image-quality": "failed",
        "gate-audio-snr": "failed",
        "gate-audio-mel": "failed",
        "gate-image-psnr": "failed",
        "gate-image-ssim": "failed",
        "idempotence-image": "xpassed",
        "idempotence-audio": "xpassed",
        "diffusion-quality": "failed",
    },
    "nondeterministic": {"determinism-audio": "failed", "lm-resume": "failed"},
    "nondeterministic_image": {"determinism-image": "failed", "lm-resume": "failed"},
    "one_past": {"ids-audio": "failed", "lm-gradients": "error", "lm-overfit": "error", "lm-resume": "error"},
    "swapped_codebooks": {"codebook-order": "failed", "lm-generate": "failed"},
    "wrong_rate": {
        "decode-audio": "failed",
        "audio-quality": "error",
        "audio-codebooks[stages=1]": "error",
        "audio-codebooks[stages=2]": "error",
        "audio-codebooks[stages=3]": "error",
        "audio-second-pass": "error",
        "gate-audio-snr": "error",
        "gate-audio-mel": "error",
        "idempotence-audio": "error",
    },
    "noisy_decode": {"audio-quality": "failed", "gate-audio-snr": "failed", "gate-audio-mel": "failed"},
    "nan_metric": {
        "audio-quality": "error",
        "audio-codebooks[stages=1]": "error",
        "audio-codebooks[stages=2]": "error",
        "audio-codebooks[stages=3]": "error",
        "audio-second-pass": "error",
        "gate-audio-snr": "error",
        "gate-audio-mel": "error",
        "lm-generate": "failed",
    },
    "lossless": {"idempotence-image": "xpassed", "idempotence-audio": "xpassed"},
    "text_lossy": {"text-round-trip": "failed"},
    "wrong_image_size": {
        "decode-image": "failed",
        "image-quality": "error",
        "gate-image-psnr": "error",
        "gate-image-ssim": "error",
        "diffusion-size": "failed",
        "diffusion-quality": "error",
    },
    "dead_codebook_sizes": {"token-space": "failed", "runtime-sizes": "failed"},
    "space_overlap": {"token-space": "failed", "exported-space": "failed"},
}
"""By module of examples/uti/broken: the tokenizer's own faults."""

OVERRIDES: dict[str, dict[str, str]] = {
    "subjects.trainer.target=broken.resume_forgets:make_trainer": {"lm-resume": "failed"},
    "subjects.trainer.target=broken.no_learning:make_trainer": {"lm-resume": "failed"},
    "subjects.language_model.target=broken.no_learning:make_model": {"lm-gradients": "failed", "lm-overfit": "failed"},
    "subjects.speak.function=broken.bad_generation:generate_audio": {"lm-generate": "failed"},
    "subjects.diffusion.args.decode_mode=deterministic": {"diffusion-seeded": "failed"},
    "checks.audio-quality.expect.snr_db.min=12": {"audio-quality": "failed"},
}
"""By --set: faults of other parts, and edited thresholds."""
