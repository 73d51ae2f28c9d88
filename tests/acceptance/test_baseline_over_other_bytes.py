"""Gates on a baseline when the content of what a subject reads is another: unknown, and the file is named."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from support.commands import Project, outcomes

pytestmark = pytest.mark.slow

SPEC = """\
speccheck: 1
title: Gates over files
code: ../code
baseline: accepted.json
vars: {assets: "${here}/../assets"}
subjects:
  declared: {json: "${vars.assets}/declared.json"}
  folder: {expr: "'../assets'"}
  config: {target: "reader:Config", args: ["${vars.assets}/config.json"]}
  by_open: {expr: config.by_open()}
  by_pathlib: {expr: config.by_pathlib()}
  by_numpy: {expr: config.by_numpy()}
  by_pillow: {expr: config.by_pillow()}
  by_torch: {expr: config.by_torch()}
  by_safetensors: {expr: config.by_safetensors()}
  lazily: {function: $config.by_text}
checks:
"""
ENTRY = """\
  - id: {name}
    check: config.values
    with: {{source: {{expr: "{{'value': {value}}}"}}, keys: {{value: value}}}}
    expect: {{values.value: {{min: baseline - 1000}}}}
"""

CODE = """\
import json
import pathlib


class Config:
    def __init__(self, path):
        self.folder = pathlib.Path(path).parent
        self.names = json.loads(pathlib.Path(path).read_text())

    def path(self, name):
        return str(self.folder / self.names[name])

    def by_open(self):
        with open(self.path("open")) as stream:
            return len(stream.read())

    def by_text(self):
        with open(self.path("text")) as stream:
            return len(stream.read())

    def by_pathlib(self):
        return len(pathlib.Path(self.path("pathlib")).read_bytes())

    def by_numpy(self):
        import numpy
        return float(numpy.load(self.path("numpy")).sum())

    def by_pillow(self):
        from PIL import Image
        with Image.open(self.path("pillow")) as picture:
            return picture.convert("L").getpixel((0, 0))

    def by_torch(self):
        import torch
        return float(torch.load(self.path("torch"), weights_only=True)["w"].sum())

    def by_safetensors(self):
        from safetensors.torch import load_file
        return float(load_file(self.path("safetensors"))["w"].sum())
"""

FILES = {
    "declared": "declared.json",
    "by_open": "open.txt",
    "by_pathlib": "pathlib.bin",
    "by_numpy": "array.npy",
    "by_pillow": "photo.png",
    "by_torch": "weights.pt",
    "by_safetensors": "weights.safetensors",
}


def write_assets(folder: Path, value: int) -> None:
    """Write every asset, with content that follows from the value."""
    import numpy as np
    import torch
    from PIL import Image
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    (folder / "declared.json").write_text(json.dumps(value))
    (folder / "open.txt").write_text("x" * value)
    (folder / "text.txt").write_text("x" * value)
    (folder / "pathlib.bin").write_bytes(b"x" * value)
    np.save(folder / "array.npy", np.full(3, value))
    Image.new("L", (2, 2), value).save(folder / "photo.png")
    torch.save({"w": torch.full((2,), value)}, folder / "weights.pt")
    save_file({"w": torch.full((2,), value)}, folder / "weights.safetensors")
    (folder / "unrelated.txt").write_text(str(value))
    names = {"open": "open.txt", "pathlib": "pathlib.bin", "numpy": "array.npy", "pillow": "photo.png"}
    names |= {"torch": "weights.pt", "safetensors": "weights.safetensors", "text": "text.txt"}
    (folder / "config.json").write_text(json.dumps(names))


def accepted_project(folder: Path, entries: dict[str, str]) -> Project:
    """A project whose baseline was accepted over the assets of value 1."""
    for name in ("specs", "code"):
        (folder / name).mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    (folder / "code" / "reader.py").write_text(CODE)
    text = SPEC + "".join(ENTRY.format(name=name, value=value) for name, value in entries.items())
    (folder / "specs" / "spec.yaml").write_text(text)
    write_assets(folder / "assets", 1)
    project = Project(folder)
    project("run", "specs/spec.yaml", code=3)
    project("baseline", "accept", "--owner", "ada", "--reason", "the first", "--file", "specs/accepted.json", code=0)
    return project


def run(project: Project, *arguments: str, code: int = 0) -> dict[str, Any]:
    project("run", "specs/spec.yaml", *arguments, code=code)
    return project.record()


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return accepted_project(tmp_path_factory.mktemp("accepted") / "one", {name: name for name in FILES})


@pytest.fixture
def project(accepted: Project, tmp_path: Path) -> Project:
    """A copy of the project in another place, as a checkout on another machine is."""
    shutil.copytree(accepted.folder, tmp_path / "other" / "place", ignore=shutil.ignore_patterns(".speccheck"))
    return Project(tmp_path / "other" / "place")


def causes(record: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The cause of the verdict of each entry that is an error."""
    return {
        result["entry"]["id"]: constraint["cause"]
        for result in record["entries"]
        for verdict in result["judgement"]["verdicts"]
        for constraint in verdict["constraints"]
        if constraint["state"] == "unknown"
    }


def test_the_same_bytes_in_another_checkout_hold(project: Project) -> None:
    (project.folder / "assets" / "unrelated.txt").write_text("changed")
    for path in (project.folder / "assets").iterdir():
        os.utime(path, (1, 1))
    assert set(outcomes(run(project)).values()) == {"passed"}


def test_other_bytes_of_each_sort_are_unknown_and_the_file_is_named(project: Project) -> None:
    config = (project.folder / "assets" / "config.json").read_text()
    write_assets(project.folder / "assets", 2)
    (project.folder / "assets" / "config.json").write_text(config)
    shown = project("run", "specs/spec.yaml", code=3).stdout
    found = causes(project.record())
    assert {name: cause["kind"] for name, cause in found.items()} == dict.fromkeys(FILES, "baseline-other-files")
    assert {name: cause["fields"]["changed"] for name, cause in found.items()} == {
        name: [f"../assets/{file}"] for name, file in FILES.items()
    }
    assert "assets/photo.png changed" in " ".join(shown.split())
    project("baseline", "accept", "--owner", "b", "--reason", "new", "--file", "specs/accepted.json", code=0)
    assert set(outcomes(run(project)).values()) == {"passed"}


def test_a_configuration_that_leads_elsewhere_is_unknown(project: Project) -> None:
    config = project.folder / "assets" / "config.json"
    (project.folder / "assets" / "new.txt").write_text("new")
    config.write_text(config.read_text().replace("open.txt", "new.txt"))
    found = causes(run(project, code=3))
    assert found.keys() == FILES.keys() - {"declared"}
    fields = found["by_open"]["fields"]
    assert (fields["changed"], fields["missing"], fields["added"]) == (
        ["../assets/config.json"],
        ["../assets/open.txt"],
        ["../assets/new.txt"],
    )


def test_a_baseline_of_before_files_were_recorded_is_unknown(project: Project) -> None:
    path = project.folder / "specs" / "accepted.json"
    baseline = json.loads(path.read_text())
    for entry in baseline["entries"].values():
        del entry["files"], entry["digest"]
    path.write_text(json.dumps(baseline))
    found = causes(run(project, "--only", "by_open", code=3))
    assert found["by_open"]["kind"] == "baseline-without-files"
    assert found["by_open"]["fields"]["files"] == ["../assets/config.json", "../assets/open.txt"]


def test_judging_again_uses_the_files_that_the_run_recorded(project: Project) -> None:
    run(project)
    shutil.rmtree(project.folder / "assets")
    assert "PASS" in project("judge", "latest", "--spec", "specs/spec.yaml", code=0).stdout


def test_a_file_that_a_check_has_a_function_read_counts(tmp_path: Path) -> None:
    project = accepted_project(tmp_path / "lazy", {"one": "1"})
    spec = project.folder / "specs" / "spec.yaml"
    spec.write_text(
        SPEC
        + """\
  - id: lazily
    check: determinism.repeat
    with: {call: $lazily}
    expect: {identical: true, distinct_values: {min: baseline}}
"""
    )
    run(project, code=3)
    project("baseline", "accept", "--owner", "ada", "--reason", "lazy", "--file", "specs/accepted.json", code=0)
    run(project)
    (project.folder / "assets" / "text.txt").write_text("xx")
    assert causes(run(project, code=3))["lazily"]["fields"]["changed"] == ["../assets/text.txt"]


CACHED = """\
import functools


@functools.cache
def text(path):
    with open(path) as stream:
        return len(stream.read())


def first():
    return text("FOLDER/assets/open.txt")


def second():
    return text("FOLDER/assets/open.txt") + 1
"""


@pytest.mark.parametrize("accept_whole", [True, False])
def test_selection_does_not_matter_where_a_cache_opens_the_file_once(tmp_path: Path, accept_whole: bool) -> None:
    project = accepted_project(tmp_path / "cached", {"one": "1"})
    (project.folder / "code" / "cached.py").write_text(CACHED.replace("FOLDER", str(project.folder)))
    subjects = 'subjects:\n  a: {target: "cached:first"}\n  b: {target: "cached:second"}\n'
    text = SPEC.replace("subjects:\n", subjects) + ENTRY.format(name="a", value="a") + ENTRY.format(name="b", value="b")
    (project.folder / "specs" / "spec.yaml").write_text(text)
    for selection in [()] if accept_whole else [("--only", "b"), ("--only", "a")]:
        run(project, *selection, code=3)
        taking = ("--owner", "ada", "--reason", "r", "--file", "specs/accepted.json", "--partial")
        project("baseline", "accept", *taking, code=0)
    for selection in ((), ("--only", "a"), ("--only", "b")):
        run(project, *selection)
        project("judge", "latest", code=0)
    (project.folder / "assets" / "open.txt").write_text("other")
    assert outcomes(run(project, code=3))["a"] == "error"
    for name in "ab":
        assert outcomes(run(project, "--only", name, code=3)) == {name: "error"}


def test_the_digest_on_record_is_that_of_the_content(accepted: Project) -> None:
    (files,) = {
        json.dumps(entry["files"])
        for name, entry in json.loads((accepted.folder / "specs" / "accepted.json").read_text())["entries"].items()
        if name == "declared"
    }
    assert json.loads(files) == {"../assets/declared.json": hashlib.sha256(b"1").hexdigest()}
