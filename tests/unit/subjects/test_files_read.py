"""The files that subjects are built from: all that were read, with the digests of their content, and nothing else."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from speccheck.subjects import SubjectFactory
from speccheck.subjects.file_watch import FileWatch, process_watch
from speccheck.subjects.input_files import PART, InputFiles, folded
from unit.subjects.support import MakeFactory

CODE = """
import functools, json, os, pathlib, tempfile

VOCABULARY = json.loads((pathlib.Path(__file__).parent / "vocabulary.json").read_text())


def by_open(path):
    with open(path) as stream:
        return stream.read()


def by_descriptor(path):
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.read(descriptor, 9)
    finally:
        os.close(descriptor)


def by_pathlib(folder):
    return (pathlib.Path(folder) / "photo.txt").read_bytes()


def by_configuration(path):
    return by_open(os.path.join(os.path.dirname(path), json.load(open(path))["photo"]))


@functools.lru_cache
def once(path):
    return by_open(path)


def copied(path, made):
    pathlib.Path(made).write_text(by_open(path))
    return by_open(made)


def renamed(path, made):
    pathlib.Path(made + ".part").write_text(by_open(path))
    os.rename(made + ".part", made)
    return by_open(made)


class Lazy:
    def __init__(self, path):
        self.path = path

    def __getitem__(self, at):
        return by_open(self.path)


def fails(path):
    by_open(path)
    raise ValueError("no")
"""

Write = Callable[[str, str], Path]


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture
def project(tmp_path: Path, factory: MakeFactory, write: Write) -> Path:
    """A spec's folder with code, a photo and a configuration, all older than the factory."""
    write("code/reader.py", CODE)
    write("code/vocabulary.json", "[]")
    write("assets/photo.txt", "a photo")
    write("assets/config.json", json.dumps({"photo": "photo.txt"}))
    write("assets/other.txt", "nothing reads this")
    return tmp_path


def files(factory: SubjectFactory, **definitions: Any) -> dict[str, str]:
    """The files behind the last subject, but for what importing the module reads."""
    scope = factory.scope(definitions)
    scope.get(list(definitions)[-1])
    return {name: found for name, found in scope.files().items() if name != "code/vocabulary.json"}


PHOTO = {"assets/photo.txt": digest("a photo")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "argument"),
    [
        ("by_open", "assets/photo.txt"),
        ("by_descriptor", "assets/photo.txt"),
        ("by_pathlib", "assets"),
    ],
)
def test_a_file_that_a_target_opens_counts(project: Path, factory: MakeFactory, target: str, argument: str) -> None:
    given = {"target": f"reader:{target}", "args": [str(project / argument)]}
    assert files(factory(), photo=given) == PHOTO


@pytest.mark.slow
def test_what_a_configuration_leads_to_counts_too(project: Path, factory: MakeFactory) -> None:
    read = files(factory(), one={"target": "reader:by_configuration", "args": ["${here}/assets/config.json"]})
    assert list(read) == ["assets/config.json", "assets/photo.txt"]


def test_a_file_that_a_definition_names_counts_though_nothing_opens_it(project: Path, factory: MakeFactory) -> None:
    assert files(factory(), one={"target": "builtins:str", "args": ["${here}/assets/photo.txt"]}) == PHOTO
    assert files(factory(), one={"function": "reader:by_open", "args": ["assets/photo.txt"]}) == PHOTO
    assert list(files(factory(), one={"files": "assets/*.txt"})) == ["assets/other.txt", "assets/photo.txt"]


def test_a_file_read_when_the_module_is_imported_counts(project: Path, factory: MakeFactory) -> None:
    scope = factory().scope({"one": {"function": "reader:by_open"}})
    scope.get("one")
    assert scope.files() == {"code/vocabulary.json": digest("[]")}


def test_a_file_that_an_installed_package_reads_when_it_is_imported_is_its_own(
    project: Path, factory: MakeFactory, write: Write
) -> None:
    write("cache/fonts.txt", "made by another version of the package")
    package = "open({!r}).close()\n\n\ndef fonts(path):\n    return open(path).read()\n"
    write("env/site-packages/fontpackage.py", package.format(str(project / "cache/fonts.txt")))
    write(
        "code/drawing.py", f"import sys\nsys.path.append({str(project / 'env/site-packages')!r})\nimport fontpackage\n"
    )
    drawn = {"target": "drawing:fontpackage.fonts", "args": ["${here}/assets/photo.txt"]}
    assert files(factory(), drawn=drawn) == PHOTO


def test_every_subject_of_a_module_has_what_its_import_read(project: Path, factory: MakeFactory, write: Write) -> None:
    write("code/user.py", "from reader import by_open\n\n\ndef mine():\n    return 1\n")
    write("code/apart.py", "def mine():\n    return 1\n")
    shop = factory()
    read = {"code/vocabulary.json": digest("[]")}
    for target, files_of_it in [
        ("reader:by_open", read),
        ("reader:once", read),
        ("user:mine", read),
        ("apart:mine", {}),
    ]:
        scope = shop.scope({"one": {"function": target}})
        scope.get("one")
        assert scope.files() == files_of_it, target


def test_a_subject_has_the_files_of_all_that_it_is_built_from(project: Path, factory: MakeFactory) -> None:
    shop = factory()
    photo = {"target": "reader:by_open", "args": ["${here}/assets/photo.txt"]}
    built = {"photo": photo, "size": {"expr": "len(photo)"}}
    assert files(shop, **built) == PHOTO
    assert files(shop, **built) == PHOTO, "what is in the pool brings its files along"
    assert files(shop, other={"json": "assets/config.json"}).keys() == {"assets/config.json"}


def test_a_fresh_instance_brings_its_files(project: Path, factory: MakeFactory) -> None:
    definition = {"target": "reader:by_open", "args": ["${here}/assets/photo.txt"]}
    scope = factory().scope({"photo": definition})
    fresh = scope.live("$photo", "fresh", "model")
    assert scope.files() == {}
    fresh()
    assert scope.files().items() >= PHOTO.items()


def test_products_are_no_inputs(project: Path, factory: MakeFactory) -> None:
    for target in ("copied", "renamed"):
        made = str(project / "made" / f"{target}.txt")
        (project / "made").mkdir(exist_ok=True)
        given = {"target": f"reader:{target}", "args": [str(project / "assets" / "photo.txt"), made]}
        assert files(factory(), one=given) == PHOTO
    shop = factory()
    later = time.time() + 5
    os.utime(project / "assets" / "config.json", (later, later))
    assert files(shop, one={"json": "assets/config.json"}) == {}, "another process wrote it while the run went on"
    assert files(factory(), one={"yaml": "assets/other.txt", "product": True}) == {}


def test_what_a_product_is_built_from_counts(project: Path, factory: MakeFactory) -> None:
    photo = {"target": "reader:by_open", "args": ["${here}/assets/photo.txt"]}
    scores = {"target": "reader:copied", "args": ["${here}/assets/config.json", "/dev/null"], "product": True}
    both = {"target": "builtins:list", "args": [["$photo", "$scores"]]}
    assert files(factory(), photo=photo, scores=scores, both=both) == PHOTO


def test_code_system_and_packages_are_no_inputs(project: Path, factory: MakeFactory, write: Write) -> None:
    write(".git/HEAD", "ref")
    write(".speccheck/work/x.txt", "x")
    import msgspec

    package = str(Path(msgspec.__file__).parent / "py.typed")
    for path in ("/etc/hostname", str(project / "code" / "reader.py"), package, ".git/HEAD", ".speccheck/work/x.txt"):
        expression = {"expr": f"by_open({str(project / path)!r})"}
        assert files(factory(), by_open={"function": "reader:by_open"}, one=expression) == {}, path


@pytest.mark.slow
def test_what_audited_code_reads_while_a_check_measures_counts(project: Path, factory: MakeFactory) -> None:
    path = project / "assets" / "photo.txt"
    scope = factory().scope({"lazy": {"target": "reader:Lazy", "args": [{"expr": f"str('{path}')"}]}})
    lazy = scope.get("lazy")
    with scope.reading():
        (project / "assets" / "other.txt").read_text()  # as a check does
        assert scope.files().keys() == {"code/vocabulary.json"}
        lazy[0]
    assert scope.files().keys() == {"assets/photo.txt", "code/vocabulary.json"}


def test_a_build_that_fails_leaves_the_watch_as_it_was(project: Path, factory: MakeFactory) -> None:
    shop = factory()
    with pytest.raises(Exception, match="ValueError: no"):
        files(shop, one={"target": "reader:fails", "args": ["${here}/assets/photo.txt"]})
    scope = shop.scope({})
    (project / "assets" / "photo.txt").read_text()
    assert scope.files() == {}
    assert process_watch() is process_watch()


def test_paths_lead_from_the_folder_of_the_spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project" / "specs").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").write_text("")
    (tmp_path / "linked").symlink_to(tmp_path / "project")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    named = InputFiles(tmp_path / "linked" / "specs").portable
    inside = {str(tmp_path / "linked" / "assets" / "a"): "1", str(tmp_path / "project" / "specs" / "b"): "2"}
    assert named(inside) == {"../assets/a": "1", "b": "2"}
    outside = {str(tmp_path / "home" / "c"): "3", str(tmp_path / "projects" / "d"): "4"}
    assert named(outside) == {"~/c": "3", str(tmp_path / "projects" / "d"): "4"}


def test_the_digest_follows_the_bytes_alone(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    path.write_bytes(b"one")

    def found() -> str:
        return InputFiles(tmp_path).digests([str(path)], [])[str(path)]

    first = found()
    os.utime(path, (1, 1))
    assert found() == first == hashlib.sha256(b"one").hexdigest()
    reader = InputFiles(tmp_path)
    assert reader.digests([str(path)], []) == reader.digests([], [str(path)]) == {str(path): first}
    changed = f"import os; open({str(path)!r}, 'w').write('two'); os.utime({str(path)!r}, (1, 1))"
    subprocess.run([sys.executable, "-c", changed], check=True)
    assert reader.digests([str(path)], [])[str(path)] != first, "the size and the time are those of the file before"


def test_of_more_than_a_gigabyte_parts_are_read(tmp_path: Path) -> None:
    large, small = tmp_path / "large", tmp_path / "small"
    with large.open("wb") as stream:
        stream.truncate(2**30 + PART)
    small.write_bytes(b"one")
    paths = [str(large), str(small)]

    def found() -> dict[str, str]:
        return InputFiles(tmp_path).digests(paths, [])

    before = found()
    assert before[str(large)].startswith("sampled:")
    assert before[str(small)] == hashlib.sha256(b"one").hexdigest()
    with large.open("r+b") as changed:
        changed.seek(-1, os.SEEK_END)
        changed.write(b"x")
    os.utime(large, (1, 1))
    assert found()[str(large)] != before[str(large)]


def test_of_very_many_files_folders_stand_for_theirs() -> None:
    many = {f"data/{part}/{number}.png": f"{number}" for part in "ab" for number in range(150)}
    found = folded(many | {"config.json": "c"})
    assert list(found) == ["config.json", "data/a/*", "data/b/*"]
    assert found["data/a/*"].endswith(" of 150 files")
    other = folded(many | {"config.json": "c", "data/b/7.png": "x"})
    assert {name for name in found if found[name] != other[name]} == {"data/b/*"}
    assert folded({"a/b": "1", "a/c": "2", "d/e": "3"}, 2) == {**folded({"a/b": "1", "a/c": "2"}, 1), "d/e": "3"}
    assert list(folded({"a": "1", "b": "2"}, 1)) == ["*"]


def test_an_idle_watch_costs_next_to_nothing() -> None:
    hook = FileWatch().hook()
    started = time.perf_counter()
    for _ in range(100_000):
        hook("builtins.id", (1,))
    assert time.perf_counter() - started < 1, "10 us an event"


def test_the_hook_never_raises() -> None:
    watch = FileWatch()
    hook = watch.hook()
    with watch.reading() as opened:
        for odd in (3, b"\xff/\x00", "a\0b", None, object(), "\udcff"):
            hook("open", (odd, "r", os.O_RDONLY))
            hook("os.rename", (odd, odd, -1, -1))
    assert all("\udcff" in path for path in opened)


@pytest.mark.slow
def test_libraries_in_c_tell_what_they_open(project: Path, factory: MakeFactory) -> None:
    np = pytest.importorskip("numpy")
    soundfile, safetensors = pytest.importorskip("soundfile"), pytest.importorskip("safetensors.numpy")
    tokenizers = pytest.importorskip("tokenizers")
    assets = project / "assets"
    soundfile.write(assets / "clip.wav", np.zeros(8), 8000)
    safetensors.save_file({"w": np.zeros(3)}, assets / "w.safetensors")
    tokenizers.Tokenizer(tokenizers.models.BPE()).save(str(assets / "bpe.json"))
    targets = {
        "clip.wav": "soundfile:read",
        "w.safetensors": "safetensors.numpy:load_file",
        "bpe.json": "tokenizers:Tokenizer.from_file",
    }
    for name, target in targets.items():
        # The path is put together in an expression, so no definition names the file.
        path = {"expr": f"{str(assets)!r} + '/{name}'"}
        assert files(factory(), path=path, one={"target": target, "args": ["$path"]}).keys() == {f"assets/{name}"}


def test_a_library_that_was_imported_before_tells_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import ModuleType

    from speccheck.subjects.native_readers import _READERS, NativeReaders

    def safe_open(path: str, framework: str = "") -> str:
        return f"{path} {framework}"

    for name in _READERS:  # those that this process has imported keep their own readers
        monkeypatch.delitem(sys.modules, name, raising=False)
    library, user = ModuleType("safetensors"), ModuleType("a_user_of_it")
    for module in (library, user):
        module.safe_open = safe_open  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    told: list[Any] = []
    NativeReaders(told.append)
    assert user.safe_open("w", framework="pt") == "w pt"
    assert told == ["w", "pt"]
