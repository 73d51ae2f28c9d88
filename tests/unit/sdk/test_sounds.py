"""Sound files that were cut off, by the sizes in their headers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from speccheck.sdk.sounds import cut_off


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.au", "a.ogg", "a.rf64"])
def test_a_file_is_whole_to_its_last_byte(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 4000), 8000)
    assert cut_off(path) == ""
    whole = path.read_bytes()
    path.write_bytes(whole[:-2])
    assert cut_off(path).startswith(f"{len(whole) - 2} bytes")


@pytest.mark.parametrize("data", [b"", b"RIFF", b"OggS", b"neither of them", b".snd"])
def test_files_without_a_size(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a").write_bytes(data)
    assert (cut_off(tmp_path / "a") == "") is (data != b"OggS")
