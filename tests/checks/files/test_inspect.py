from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import soundfile
from safetensors.numpy import save_file

from speccheck.checks.files.inspect import check
from speccheck.model.verdict import State
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext
from unit.judge.judging import judged

NAMES = [
    f"a{suffix}" for suffix in (".json", ".jsonl", ".yaml", ".png", ".jpg", ".wav", ".safetensors", ".npy", ".npz")
]


@pytest.fixture
def good(context: FakeContext) -> Path:
    """One whole file of every suffix that is decoded."""
    folder = context.folder
    rng = np.random.default_rng(0)
    (folder / "a.json").write_text(json.dumps({"x": list(range(50))}))
    (folder / "a.jsonl").write_text('{"a": 1}\n\n{"a": [2, 3]}\n')
    (folder / "a.yaml").write_text("a: &x [1, 2]\nb: !custom {c: *x}\n---\nsecond: {document: [1, 2]}\n")
    for name in ("a.png", "a.jpg"):
        PIL.Image.fromarray(rng.integers(0, 255, (32, 32, 3), dtype=np.uint8)).save(folder / name)
    soundfile.write(folder / "a.wav", rng.uniform(-1, 1, 4000), 8000)
    save_file({"w": np.arange(64.0)}, folder / "a.safetensors")
    np.save(folder / "a.npy", np.arange(64))
    np.savez(folder / "a.npz", x=np.arange(64), y=np.zeros(3))
    return folder


def test_whole_files(context: FakeContext, good: Path) -> None:
    metrics = measured(check, context, paths=tuple(map(Path, NAMES))).metrics
    assert metrics["count"] == metrics["decoded"] == len(NAMES)
    assert all(metrics[name] == [] for name in ("missing", "not_regular", "empty", "undecodable"))
    assert metrics["sha256"] == {name: hashlib.sha256((good / name).read_bytes()).hexdigest() for name in sorted(NAMES)}
    assert metrics["size"]["a.wav"] == (good / "a.wav").stat().st_size
    assert metrics["bytes"] == sum(metrics["size"].values())
    assert not {"unmatched_globs", "digest_mismatch"} & set(metrics)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_off_does_not_decode(context: FakeContext, good: Path, name: str) -> None:
    sound = measured(check, context, paths=(Path(name),))
    data = (good / name).read_bytes()
    (good / name).write_bytes(data[: len(data) - 6])
    evidence = measured(check, context, paths=(Path(name),))
    assert changed(sound, evidence) == {"undecodable", "bytes", "size", "sha256"}
    assert evidence.metrics["undecodable"] == [name]
    assert evidence.findings[0].file == name


@pytest.mark.parametrize("name", NAMES)
def test_another_content_does_not_decode(context: FakeContext, good: Path, name: str) -> None:
    (good / name).write_bytes(b"{ not [ this \x00\xff")
    assert measured(check, context, paths=(Path(name),)).metrics["undecodable"] == [name]
    metrics = measured(check, context, paths=(Path(name),), decode="none").metrics
    assert "undecodable" not in metrics
    assert metrics["decoded"] == 0


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.json", '{"a": 1, "b": {"c": 1, "c": 2}}', "the key 'c' occurs 2 times"),
        ("a.json", '{"loss": [1.0, NaN]}', "NaN is not JSON"),
        ("a.json", "-Infinity", "-Infinity is not JSON"),
        ("a.jsonl", '{"a": 1}\n{"a": 1, "a": 1}\n', "the key 'a' occurs 2 times"),
    ],
)
def test_json_that_python_alone_reads(context: FakeContext, name: str, text: str, why: str) -> None:
    (context.folder / name).write_text(text)
    evidence = measured(check, context, paths=(Path(name),))
    assert evidence.metrics["undecodable"] == [name]
    assert why in evidence.findings[0].message


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [("a.png", "b.jpg", "PNG"), ("a.jpg", "b.png", "JPEG"), ("a.npy", "b.npz", "NPY"), ("a.npz", "b.npy", "NPZ")],
)
def test_a_file_named_as_another_format(context: FakeContext, good: Path, content: str, name: str, found: str) -> None:
    (good / content).rename(good / name)
    evidence = measured(check, context, paths=(Path(name),))
    assert evidence.metrics["undecodable"] == [name]
    assert f"a {found} file, by its content, that is named {name[1:]}" in evidence.findings[0].message


def test_a_flac_named_wav(context: FakeContext) -> None:
    soundfile.write(context.folder / "a.wav", np.zeros(100), 8000, format="FLAC")
    assert measured(check, context, paths=(Path("a.wav"),)).metrics["undecodable"] == ["a.wav"]


def test_files_that_no_decoder_knows_are_named(context: FakeContext, good: Path) -> None:
    (good / "weights.pt").write_bytes(b"half of it")
    metrics = measured(check, context, paths=(Path("a.json"), Path("weights.pt"))).metrics
    assert (metrics["undecoded"], metrics["decoded"], metrics["undecodable"]) == (["weights.pt"], 1, [])
    assert "undecoded" not in measured(check, context, paths=(Path("weights.pt"),), decode="none").metrics


def test_missing_and_empty(context: FakeContext) -> None:
    (context.folder / "empty.txt").touch()
    metrics = measured(check, context, paths=(Path("empty.txt"), Path("gone.txt"))).metrics
    assert (metrics["missing"], metrics["empty"], metrics["count"]) == (["gone.txt"], ["empty.txt"], 1)
    assert "undecodable" not in metrics


def test_nothing_found_says_nothing_of_it(context: FakeContext) -> None:
    metrics = measured(check, context, paths=(Path("gone.json"),)).metrics
    assert (metrics["missing"], metrics["count"], metrics["bytes"]) == (["gone.json"], 0, 0)
    assert not {"empty", "undecodable", "not_regular"} & set(metrics)


@pytest.mark.parametrize(
    "metric, constraint",
    [("size.*", {"min": 1}), ("sha256.*", {"matches": ".*"}), ("sha256.*", {"same_as": "baseline"})],
)
@pytest.mark.parametrize("missing", ["gone.txt", "link.txt"])
def test_a_wildcard_does_not_pass_over_a_file_that_is_missing(
    context: FakeContext, metric: str, constraint: Any, missing: str
) -> None:
    (context.folder / "there.txt").write_text("x")
    (context.folder / "link.txt").symlink_to("there.txt")
    one = measured(check, context, paths=(Path("there.txt"),)).metrics
    two = measured(check, context, paths=(Path("there.txt"), Path(missing))).metrics
    states = [
        judged({metric: constraint}, metrics, declared=check.metrics, baseline=metrics).verdicts[0].state
        for metrics in (one, two)
    ]
    assert states == [State.HELD, State.UNKNOWN]
    named = metric.replace(".*", '["there.txt"]')
    assert judged({named: constraint}, two, declared=check.metrics, baseline=two).verdicts[0].state is State.HELD


def test_links_and_folders_are_not_regular(context: FakeContext) -> None:
    folder = context.folder
    (folder / "real.json").write_text("{}")
    (folder / "link.json").symlink_to("real.json")
    (folder / "dangling.json").symlink_to("gone.json")
    (folder / "sub").mkdir()
    paths = tuple(map(Path, ("real.json", "link.json", "dangling.json", "sub")))
    metrics = measured(check, context, paths=paths).metrics
    assert metrics["not_regular"] == ["dangling.json", "link.json", "sub"]
    hashed = [name for name, digest in metrics["sha256"].items() if digest is not None]
    assert (metrics["missing"], metrics["count"], hashed) == ([], 1, ["real.json"])


def test_globs(context: FakeContext) -> None:
    folder = context.folder
    (folder / "out/deep").mkdir(parents=True)
    (folder / "out/a.txt").write_text("a")
    (folder / "out/deep/b.txt").write_text("b")
    metrics = measured(check, context, globs=("out/*", "out/**/*.txt", "*.ckpt")).metrics
    assert sorted(metrics["size"]) == ["out/a.txt", "out/deep/b.txt"]
    assert (metrics["count"], metrics["unmatched_globs"], metrics["not_regular"]) == (2, ["*.ckpt"], [])
    assert "missing" not in metrics
    absolute = measured(check, context, globs=(f"{folder}/out/*.txt",)).metrics
    assert list(absolute["size"]) == ["out/a.txt"]


def test_files_outside_the_folder_keep_a_portable_name(context: FakeContext) -> None:
    outside = context.folder.parent / "beside.txt"
    outside.write_text("x")
    assert list(measured(check, context, paths=(outside,)).metrics["size"]) == ["../beside.txt"]


CONTENT = "tokens"
DIGEST = hashlib.sha256(CONTENT.encode()).hexdigest()
OTHER = hashlib.sha256(b"else").hexdigest()


@pytest.mark.parametrize(
    ("written", "confirmed"),
    [
        (DIGEST, True),
        (f"{DIGEST.upper()}\n", True),
        (f"{DIGEST}  t.json\n", True),
        (f"{OTHER}  other.json\n{DIGEST} *sub/t.json\n", True),
        (OTHER, False),
        (f"{DIGEST}  other.json\n", False),
        (f"{DIGEST}\n{OTHER}\n", False),
        ("no digest here", False),
        ("", False),
    ],
)
def test_digests(context: FakeContext, written: str, confirmed: bool) -> None:
    (context.folder / "t.json").write_text(CONTENT)
    (context.folder / "t.sha256").write_text(written)
    evidence = measured(check, context, digests={"t.json": Path("t.sha256")}, decode="none")
    assert evidence.metrics["digest_mismatch"] == ([] if confirmed else ["t.json"])
    assert evidence.metrics["digests_checked"] == 1
    assert len(evidence.findings) == (not confirmed)


@pytest.mark.parametrize(
    ("written", "confirmed"),
    [
        (f"{DIGEST}  train/t.json\n{OTHER}  val/t.json\n", False),  # a copy of the other file of that name
        (f"{OTHER}  train/t.json\n{DIGEST}  val/t.json\n", True),
        (f"{DIGEST}  a/t.json\n{OTHER}  b/t.json\n", False),  # neither is this file
        (f"{DIGEST}  val/t.json\n{OTHER}  val/t.json\n", False),
        (f"{DIGEST}  elsewhere/t.json\n", True),  # the only one of that name
    ],
)
def test_the_line_of_another_file_of_that_name_does_not_count(
    context: FakeContext, written: str, confirmed: bool
) -> None:
    (context.folder / "val").mkdir()
    (context.folder / "val/t.json").write_text(CONTENT)
    (context.folder / "all.sha256").write_text(written)
    metrics = measured(check, context, digests={"val/t.json": Path("all.sha256")}, decode="none").metrics
    assert metrics["digest_mismatch"] == ([] if confirmed else ["val/t.json"])


@pytest.mark.parametrize("there", ["t.json", "t.sha256"])
def test_half_a_pair_is_missing_and_not_confirmed(context: FakeContext, there: str) -> None:
    (context.folder / there).write_text(DIGEST)
    metrics = measured(check, context, digests={"t.json": Path("t.sha256")}, decode="none").metrics
    assert (metrics["digest_mismatch"], metrics["digests_checked"]) == (["t.json"], 0)
    assert metrics["missing"] == [name for name in ("t.json", "t.sha256") if name != there]


def test_naming_no_file_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="name a file"):
        measured(check, context)


def test_a_decoder_that_is_not_installed_is_named(context: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    (context.folder / "a.wav").write_bytes(b"RIFF")
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MeasurementError, match="pip install soundfile"):
        measured(check, context, paths=(Path("a.wav"),))


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF])
def test_a_streamed_wav_of_unknown_length_decodes(context: FakeContext, good: Path, size: int) -> None:
    data = bytearray((good / "a.wav").read_bytes())
    data[4:8] = size.to_bytes(4, "little")
    (good / "a.wav").write_bytes(data)
    assert measured(check, context, paths=(Path("a.wav"),)).metrics["undecodable"] == []


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    (folder / "a.json").write_text("{}")
    (folder / "a.sha256").write_text(hashlib.sha256(b"{}").hexdigest())
    return {"paths": ["a.json"], "globs": ["*.json"], "digests": {"a.json": "a.sha256"}}
