"""Files as evidence: names, digests, and whether the contents decode."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from speccheck.sdk import MeasurementError
from speccheck.sdk.files import DECODERS, is_present, is_regular, portable_name, sha256, undecodable


def test_names_are_relative_with_slashes(tmp_path: Path) -> None:
    assert portable_name(tmp_path / "a" / "b.txt", tmp_path) == "a/b.txt"
    assert portable_name(tmp_path / "b.txt", tmp_path / "a") == "../b.txt"


def test_a_broken_link_is_present_and_no_regular_file(tmp_path: Path) -> None:
    file, link, broken = tmp_path / "file", tmp_path / "link", tmp_path / "broken"
    file.write_text("x")
    link.symlink_to(file)
    broken.symlink_to(tmp_path / "none")
    assert [is_present(path) for path in (file, link, broken, tmp_path, tmp_path / "none")] == [True] * 4 + [False]
    assert [is_regular(path) for path in (file, link, broken, tmp_path, tmp_path / "none")] == [True] + [False] * 4


def test_a_pipe_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_regular(tmp_path / "pipe")


def test_sha256_is_that_of_the_standard(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")  # the example of FIPS 180-2, B.1
    assert sha256(tmp_path / "abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("name", "whole", "broken"),
    [
        ("a.json", b'{"a": [1, 2]}', b'{"a": [1, 2'),
        ("a.JSON", b"[]", b"[1,]"),
        ("a.jsonl", b'{"a": 1}\n\n[2]\n', b'{"a": 1}\n{"b": \n'),
        ("a.yaml", b"a: &x [1]\nb: *x\n", b"a: [1\n"),
        ("a.yml", b"- 1\n", b"a: b: c\n"),
    ],
)
def test_text_decodes_as_its_suffix_says(tmp_path: Path, name: str, whole: bytes, broken: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(whole)
    assert undecodable(path) == ""
    path.write_bytes(broken)
    assert undecodable(path) != ""


def test_a_file_of_another_suffix_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0")
    assert undecodable(tmp_path / "a.bin") is None


@pytest.mark.parametrize("suffix", sorted(DECODERS))
def test_a_file_of_noise_decodes_as_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"noise{suffix}"
    path.write_bytes(b"\x93\x00\xff{" + np.random.default_rng(0).bytes(64))
    fault = undecodable(path)
    assert fault
    assert ": " in fault


def test_a_changed_byte_of_a_png_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    PIL.Image.fromarray(np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)).save(path)
    assert undecodable(path) == ""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert undecodable(path) != ""


def test_a_decoder_that_is_absent_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.wav").write_bytes(b"RIFF")
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MeasurementError, match="pip install soundfile"):
        undecodable(tmp_path / "a.wav")
