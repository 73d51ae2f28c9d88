"""The entries whose outcome each fault of the tokenizer must change in the audit, and to what."""

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
    "subjects.uti.args.decode_mode=diffusion": {
        "decode-mode": "failed",
        "image-quality": "failed",
        "gate-audio-snr": "error",
        "gate-audio-mel": "error",
        "gate-image-psnr": "error",
        "gate-image-ssim": "error",
        "exported-settings": "failed",
    },
    "subjects.versions.expr=\"{'torch': '2.12.1+cpu', 'numpy': np.__version__}\"": {"versions": "failed"},
    "checks.determinism-text.with.args=[hello]": {"determinism-text": "failed"},
    "checks.ids-text.with.ids=$image_code[0]": {"ids-text": "failed"},
    'checks.ids-image.with.ids={expr: "image_code[0] + 512"}': {"ids-image": "failed"},
    'checks.shape-audio.with.tensors.ids={expr: "audio_code[0][:-1]"}': {"shape-audio": "failed"},
    'checks.shape-image.with.tensors.ids={expr: "image_code[0][:-1]"}': {"shape-image": "failed"},
    "checks.audio-second-pass.with.reference=$clip": {"audio-second-pass": "failed"},
    "subjects.config.yaml=${vars.assets}/absent.yaml": {"config-sizes": "error", "runtime-sizes": "error"},
    "subjects.sizes.expr=\"{'text': 512, 'image': 512, 'audio_codebooks': 0, 'audio_codebook': 256}\"": {
        "token-space": "failed",
        "runtime-sizes": "failed",
    },
    "checks.export.with.command=[python, -m, uti.export]": {
        "export": "failed",
        "export-against-itself": "blocked",
        "export-against-baseline": "blocked",
        "artifacts": "blocked",
        "token-hashes": "blocked",
        "exported-settings": "blocked",
        "exported-space": "blocked",
    },
    "checks.export-against-itself.with.command=[python, -c, pass]": {"export-against-itself": "failed"},
    "checks.export-against-baseline.with.command=[python, -m, uti.export]": {"export-against-baseline": "failed"},
    "checks.artifacts.with.digests={../.speccheck/work/uti_audit/report.json: '${vars.out}/token_space.sha256'}": {
        "artifacts": "failed"
    },
    "checks.artifacts.with.paths=['${vars.out}/absent.json']": {"artifacts": "failed"},
    "checks.token-hashes.with.paths=['${vars.out}/report.json']": {"token-hashes": "error"},
    "checks.lm-command.with.command=[python, -m, uti.train_lm]": {"lm-command": "failed", "lm-artifacts": "blocked"},
    "checks.lm-artifacts.with.globs=['${vars.lm_out}/*.onnx']": {"lm-artifacts": "failed"},
}
"""By --set: faults of other parts, and edited thresholds."""
