"""The loaders that read: json, yaml, csv, audio, image, files; and what is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
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


def test_media_that_are_none(build: Build, write: Write, tmp_path: Path) -> None:
    write("a.bin", "neither")
    Pictures.fromarray(np.full((2, 2), 40000, dtype=np.uint16)).save(tmp_path / "deep.png")
    for definition, message in (
        ({"audio": "a.bin"}, f"{tmp_path}/a.bin cannot be read as audio"),
        ({"image": "a.bin"}, f"{tmp_path}/a.bin cannot be read as a picture: UnidentifiedImageError"),
        ({"image": "deep.png"}, r"deep.png has pixels of mode I;16, more than 8 bits"),
        ({"audio": "none.wav"}, f"no such file: {tmp_path}/none.wav"),
    ):
        with pytest.raises(SubjectError, match=message):
            build(definition)


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
