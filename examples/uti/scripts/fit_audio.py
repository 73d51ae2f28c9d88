"""Fit weights/audio.safetensors: residual codebooks on the MDCT of synthesised speech.

Needs the espeak-ng program.  It reads the corpus aloud in several voices; the sentence of
assets/speech.wav is not in the corpus.

    PYTHONPATH=. python scripts/fit_audio.py
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import soundfile
import torch
from kmeans import kmeans, make_repeatable
from safetensors.torch import save_file
from torch import Tensor

from uti.audio import Mdct
from uti.config import load_config
from uti.image import nearest

ROOT = Path(__file__).resolve().parent.parent
VOICES = (("en-us", 165), ("en-us", 150), ("en-us+f2", 165), ("en-gb", 160))  # voice, words per minute
SEED = 0
MAX_FRAMES = 160_000


def synthesise(lines: list[str], voice: str, speed: int, rate: int) -> Tensor:
    """Samples float32[N] of the lines read one after another."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speech.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", str(path), "\n".join(lines)], check=True)
        samples, found_rate = soundfile.read(path, dtype="float32")
    assert found_rate == rate, f"espeak-ng wrote {found_rate} Hz"
    return torch.from_numpy(samples)


def main() -> None:
    """Fit one stage after another, each on what the stages before it left over."""
    make_repeatable(SEED)
    config = load_config(ROOT / "uti.yaml")
    lines = config.assets.corpus.read_text(encoding="utf-8").splitlines()
    mdct = Mdct(config.audio.hop)
    spoken = [mdct.analysis(synthesise(lines, voice, speed, config.audio.rate)) for voice, speed in VOICES]
    frames = torch.cat(spoken)
    chosen = torch.randperm(len(frames), generator=torch.Generator().manual_seed(SEED))[:MAX_FRAMES]
    residual = frames[chosen]
    power = residual.square().mean()
    codebooks = []
    for stage in range(config.audio.n_codebooks):
        codebooks.append(kmeans(residual, config.audio.codebook_size, SEED + stage))
        residual = residual - codebooks[-1][nearest(residual, codebooks[-1])]
        print(f"stage {stage}: SNR on the fitting data {10 * torch.log10(power / residual.square().mean()):.2f} dB")
    config.audio.weights.parent.mkdir(exist_ok=True)
    save_file({"codebooks": torch.stack(codebooks)}, config.audio.weights)


if __name__ == "__main__":
    main()
