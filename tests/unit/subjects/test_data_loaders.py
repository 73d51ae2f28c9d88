"""The loaders that read: json, yaml, csv, audio, image, files; and what is missing."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from numpy.typing import NDArray
from PIL import Image as Pictures

from speccheck.sdk import Audio, Image, SubjectError

Build = Callable[..., Any]
Write = Callable[[str, str], Path]


def test_json_and_yaml(build: Build, write: Write) -> None:
    write("a.json", '\ufeff{"a": [1, 2.5, null]}')
    write("a.yaml", "a: [1, 2.5, null]\nb: &x {c: 1}\nd: *x")
    assert build({"json": "a.json"}) == {"a": [1, 2.5, None]}
    assert build({"yaml": "${here}/a.yaml"}) == {"a": [1, 2.5, None], "b": {"c": 1}, "d": {"c": 1}}


def test_json_and_yaml_that_are_none(build: Build, write: Write, tmp_path: Path) -> None:
    write("a.json", "{")
    write("a.yaml", "!!python/object/apply:os.system ['true']")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    for definition, message in (
        ({"json": "a.json"}, f"{tmp_path}/a.json cannot be read as JSON: JSONDecodeError"),
        ({"json": "b.json"}, f"cannot read {tmp_path}/b.json: .*utf-8"),
        ({"json": "none.json"}, f"no such file: {tmp_path}/none.json"),
        ({"json": "code"}, f"not a file: {tmp_path}/code"),
        ({"yaml": "a.yaml"}, f"{tmp_path}/a.yaml cannot be read as YAML: ConstructorError"),
    ):
        with pytest.raises(SubjectError, match=message):
            build(definition)


def test_csv_converts_whole_columns_only(build: Build, write: Write) -> None:
    write("a.csv", 'id,n,x,mixed,word,code,empty\n1,-3,1.5,1,a,007,\n2,40,nan,two,"b,\nc",010,2\n')
    assert [list(row.values()) for row in build({"csv": "a.csv"})] == [
        [1, -3, 1.5, "1", "a", "007", None],
        [2, 40, pytest.approx(float("nan"), nan_ok=True), "two", "b,\nc", "010", 2],
    ]
    write("b.csv", "x,y\n1,nan\n1e-3,nan\n.5,inf\n")
    assert build({"csv": "b.csv"}) == [
        {"x": 1.0, "y": "nan"},
        {"x": 0.001, "y": "nan"},
        {"x": 0.5, "y": "inf"},
    ]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1", "", "3"], [1, None, 3]),
        (["1.5", " ", "3"], [1.5, None, 3.0]),
        (["a", '""', "3"], ["a", "", "3"]),
        (["12345678901234567", "12345678901234568"], [12345678901234567, 12345678901234568]),
        (["12345678901234567", "12345678901234568", "inf"], [12345678901234567, 12345678901234568, float("inf")]),
        (["12345678901234567", "0.5", '""'], [12345678901234567, 0.5, None]),
        (["1", "2", "inf"], [1.0, 2.0, float("inf")]),
        (["12345678901234567", "none"], ["12345678901234567", "none"]),
    ],
)
def test_csv_loses_nothing(build: Build, write: Write, cells: list[str], values: list[Any]) -> None:
    write("a.csv", "x,y\n" + "".join(f"{cell},0\n" for cell in cells))
    found = [row["x"] for row in build({"csv": "a.csv"})]
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_csv_of_wrong_form(build: Build, write: Write, tmp_path: Path) -> None:
    for text, message in (
        ("", f"{tmp_path}/a.csv is empty"),
        ("a,b\n1\n", "row 1 and the heading differ in size: 1 and 2"),
        ("a,a\n1,2\n", "names a column twice"),
        ('a\n"1', "cannot be read as CSV"),
    ):
        write("a.csv", text)
        with pytest.raises(SubjectError, match=message):
            build({"csv": "a.csv"})


def test_audio_keeps_channels_and_rate(build: Build, tmp_path: Path) -> None:
    samples = np.stack([np.linspace(-1, 1, 101), np.linspace(0.5, -0.5, 101)], axis=1)
    soundfile.write(tmp_path / "a.wav", samples, 22050, subtype="FLOAT")
    clip = build({"audio": "a.wav"})
    assert isinstance(clip, Audio)
    assert (clip.rate, clip.samples.dtype, tuple(clip.samples.shape)) == (22050, torch.float32, (2, 101))
    assert torch.equal(clip.samples, torch.tensor(samples.T, dtype=torch.float32))
    soundfile.write(tmp_path / "b.wav", np.array([16384, -32768], dtype=np.int16), 8000)
    assert build({"audio": "b.wav"}).samples.tolist() == [[0.5, -1.0]]


def test_image_is_rgb_in_unit_range(build: Build, tmp_path: Path) -> None:
    picture = Pictures.new("RGBA", (3, 2), (255, 51, 0, 10))
    picture.save(tmp_path / "a.png")
    image = build({"image": "a.png"})
    assert isinstance(image, Image)
    assert (image.pixels.dtype, tuple(image.pixels.shape)) == (torch.float32, (3, 2, 3))
    assert image.pixels[:, 1, 2].tolist() == pytest.approx([1.0, 0.2, 0.0])


def png(values: NDArray[Any], colour: int) -> bytes:
    """A PNG of 16-bit values [height, width, channels], big-endian, which Pillow cannot write."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    height, width = values.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(("channels", "colour"), [(1, 0), (3, 2), (4, 6)])
def test_an_image_of_16_bits_keeps_them(build: Build, tmp_path: Path, channels: int, colour: int) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (4, 5, channels)).astype(">u2")
    values[0, 0] = 65535
    (tmp_path / "a.png").write_bytes(png(values, colour))
    pixels = build({"image": "a.png"}).pixels
    wanted = np.repeat(values, 3, axis=2) if channels == 1 else values[..., :3]
    assert torch.equal(pixels, torch.tensor(wanted.astype(np.float32) / np.float32(65535)).permute(2, 0, 1))
    assert float(pixels.max()) == 1


def test_tiff_of_16_bits_in_colour(build: Build, tmp_path: Path) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (3, 2, 3)).astype("<u2")
    # width, height, bits of each value (at 134), compression, RGB, offset of the pixels, values of each, rows, bytes
    tags = [(256, 3, 1, 2), (257, 3, 1, 3), (258, 3, 3, 134), (259, 3, 1, 1), (262, 3, 1, 2), (273, 4, 1, 140)]
    tags += [(277, 3, 1, 3), (278, 3, 1, 3), (279, 4, 1, values.nbytes), (339, 3, 1, 1)]
    folder = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    head = (b"II*\0" + struct.pack("<I", 8) + folder).ljust(134, b"\0")
    (tmp_path / "a.tif").write_bytes(head + struct.pack("<HHH", 16, 16, 16) + values.tobytes())
    pixels = build({"image": "a.tif"}).pixels
    assert torch.equal(pixels, torch.tensor(values.astype(np.float32) / np.float32(65535)).permute(2, 0, 1))


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_an_image_is_upright(build: Build, tmp_path: Path, name: str) -> None:
    picture = Pictures.new("RGB", (16, 8), (255, 255, 255))
    picture.paste((0, 0, 0), (0, 0, 8, 8))  # the left half is black
    exif = Pictures.Exif()
    exif[0x0112] = 6  # turned by 90 degrees, clockwise: left is up
    picture.save(tmp_path / name, exif=exif)
    pixels = build({"image": name}).pixels
    assert tuple(pixels.shape) == (3, 16, 8)
    assert float(pixels[:, :7].max()) < 0.1
    assert float(pixels[:, 9:].min()) > 0.9


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.au", "a.flac", "a.ogg"])
def test_audio_that_was_cut_off(build: Build, tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, np.random.default_rng(0).uniform(-1, 1, 40000), 8000)
    assert build({"audio": name}).samples.shape == (1, 40000)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SubjectError, match=rf"{tmp_path}/{name} (was cut off|cannot be read as audio)"):
        build({"audio": name})


def test_media_that_are_none(build: Build, write: Write, tmp_path: Path) -> None:
    write("a.bin", "neither")
    Pictures.new("F", (2, 2)).save(tmp_path / "deep.tif")
    (tmp_path / "alpha.png").write_bytes(png(np.zeros((2, 2, 2), dtype=">u2"), colour=4))
    (tmp_path / "deep.ppm").write_bytes(b"P6 1 1 65535 " + bytes(6))
    for definition, message in (
        ({"audio": "a.bin"}, f"{tmp_path}/a.bin cannot be read as audio"),
        ({"image": "a.bin"}, f"{tmp_path}/a.bin cannot be read as a picture: UnidentifiedImageError"),
        ({"image": "deep.tif"}, r"deep.tif has pixels of mode F, stored as F;32F, more than 8 bits"),
        ({"image": "alpha.png"}, r"alpha.png has pixels of mode RGBA, stored as LA;16B, more than 8 bits"),
        ({"image": "deep.ppm"}, r"deep.ppm has pixels of mode RGB, stored as RGB of 0..65535, more than 8 bits"),
        ({"audio": "none.wav"}, f"no such file: {tmp_path}/none.wav"),
    ):
        with pytest.raises(SubjectError, match=message):
            build(definition)


@pytest.mark.parametrize("loader", ["json", "yaml", "csv", "audio", "image", "checkpoint"])
def test_pipes_and_devices_are_refused_at_once(build: Build, tmp_path: Path, loader: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero"):
        with pytest.raises(SubjectError, match=f"not a file: .*{name}"):
            build({loader: name})


def test_files_are_sorted_and_never_none(build: Build, write: Write, tmp_path: Path) -> None:
    names = ["d/b.txt", "d/a.txt", "d/e/c.txt", "d/x.csv"]
    for name in names:
        write(name, "")
    assert build({"files": "d/**/*.txt"}) == [tmp_path / name for name in ("d/a.txt", "d/b.txt", "d/e/c.txt")]
    assert build({"files": "d/*"}) == [tmp_path / name for name in ("d/a.txt", "d/b.txt", "d/x.csv")]
    with pytest.raises(SubjectError, match=rf"no file matches {tmp_path}/d/\*\.wav"):
        build({"files": "d/*.wav"})


@pytest.mark.parametrize(
    ("package", "definition", "extra"),
    [
        ("soundfile", {"audio": "a.bin"}, "media"),
        ("PIL.Image", {"image": "a.bin"}, "media"),
        ("torch", {"audio": "a.bin"}, "media"),
        ("torch", {"tensor": "float32[1]", "fill": 0}, "torch"),
        ("numpy", {"expr": "np.ones(3)"}, "torch"),
        ("safetensors.torch", {"checkpoint": "a.safetensors"}, "torch"),
    ],
)
def test_a_missing_library_names_the_extra(
    build: Build, write: Write, monkeypatch: pytest.MonkeyPatch, package: str, definition: Any, extra: str
) -> None:
    write("a.bin", "")
    write("a.safetensors", "")
    monkeypatch.setitem(sys.modules, package, None)
    message = rf"{package} is not installed: pip install 'speccheck\[{extra}\]'"
    with pytest.raises(SubjectError, match=message):
        build(definition)
