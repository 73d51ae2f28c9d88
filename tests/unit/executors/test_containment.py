"""The ground of an entry: what is lost is named, what a library needs stays, and replaced names come back."""

from __future__ import annotations

import builtins
import faulthandler
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from speccheck.executors.containment import Ground
from speccheck.executors.patched import PatchedInterpreter
from speccheck.executors.state import Arrivals
from speccheck.executors.state.item import Item
from speccheck.executors.state.libraries import LIBRARIES
from speccheck.sdk import tail
from speccheck.sdk.errors import MeasurementError


def run(ground: Ground, change: Callable[[], object], folder: Path | None = None) -> tuple[str, ...]:
    with ground.contained(folder):
        change()
    return ground.lost


@pytest.fixture
def ground() -> Iterator[Ground]:
    yield Ground()


def test_what_was_changed_for_good_is_named_once(
    ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gone").mkdir()
    os.chdir("gone")
    inside = Ground()
    assert run(inside, (tmp_path / "gone").rmdir, tmp_path) == ("working folder",)
    assert run(ground, lambda: None) == ()


def test_the_folder_is_entered_and_left(ground: Ground, tmp_path: Path) -> None:
    before, seen = Path.cwd(), []
    run(ground, lambda: seen.append(Path.cwd()), tmp_path)
    assert seen == [tmp_path.resolve()]
    assert Path.cwd() == before
    with pytest.raises(MeasurementError, match=r"cannot work in the folder of the spec: .*No such file"):
        run(ground, lambda: None, tmp_path / "none")
    assert Path.cwd() == before


def test_descriptors_that_are_left_open_are_named_when_few_remain(ground: Ground) -> None:
    import resource

    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft > 100_000:
        pytest.skip("there are too many to use up")
    left: list[int] = []
    try:
        assert run(ground, lambda: left.append(os.dup(1))) == ()
        found = run(ground, lambda: left.extend(os.dup(1) for _ in range(soft // 2)))
        assert found == ("open files: more than half of those that a process may have",)
    finally:
        for descriptor in left:
            os.close(descriptor)


def test_a_closed_standard_input_is_opened_again(ground: Ground) -> None:
    kept = os.dup(0)
    try:
        assert run(ground, lambda: os.close(0)) == ()
        os.fstat(0)
    finally:
        os.dup2(kept, 0)
        os.close(kept)


def test_a_handler_that_takes_the_place_of_faulthandler_is_named(ground: Ground) -> None:
    assert faulthandler.is_enabled()  # pytest enables it
    try:
        lost = run(ground, lambda: signal.signal(signal.SIGSEGV, lambda number, frame: None))
        assert lost == ("faulthandler",)
        assert signal.getsignal(signal.SIGSEGV) is signal.SIG_DFL
    finally:
        faulthandler.enable(sys.__stderr__ or sys.stderr)


def finder(name: str, file: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A finder whose class a module of that name defines, which was imported from that file."""
    module = types.ModuleType(name)
    module.__file__ = file
    monkeypatch.setitem(sys.modules, name, module)
    return type("Finder", (), {"__module__": name, "find_spec": lambda *arguments: None})()


def test_the_finder_of_an_installed_library_stays(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "meta_path", list(sys.meta_path))
    installed = f"{sysconfig.get_path('purelib')}/six.py"
    kept = finder("vendored", installed, monkeypatch)
    assert run(ground, lambda: sys.meta_path.append(kept)) == ()
    assert sys.meta_path[-1] is kept
    passing = finder("hooks", "/project/hooks.py", monkeypatch)
    assert run(ground, lambda: sys.meta_path.insert(0, passing)) == ()
    assert passing not in sys.meta_path
    assert sys.meta_path[-1] is kept


def test_a_folder_that_an_installed_library_adds_to_the_path_stays(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    vendor = f"{sysconfig.get_path('purelib')}/setuptools/_vendor"
    before = list(sys.path)
    assert run(ground, lambda: sys.path.extend([vendor, "/other"])) == ()
    assert sys.path == [*before, vendor]


def test_a_library_whose_state_cannot_be_read_is_named(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version may keep it elsewhere; it is not passed over."""
    monkeypatch.setitem(LIBRARIES, "acme", lambda: (Item("acme mode", lambda: sys.modules["acme"].mode, print),))
    monkeypatch.setitem(sys.modules, "acme", types.ModuleType("acme"))
    for _ in range(2):
        assert "state of acme, which cannot be read in this version of it" in run(ground, lambda: None)


def test_a_module_is_told_when_it_is_complete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "arriving.py").write_text("import other\nvalue = 3\n")
    (tmp_path / "other.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path))
    seen: list[int] = []
    arrivals = Arrivals(lambda name: name == "arriving", lambda name: seen.append(sys.modules[name].value))
    arrivals.begin()
    try:
        __import__("arriving")
    finally:
        arrivals.end()
        sys.modules.pop("arriving", None)
        sys.modules.pop("other", None)
    assert seen == [3]
    assert arrivals not in sys.meta_path


def test_replaced_names_are_an_error_and_come_back(ground: Ground) -> None:
    length = builtins.len

    def replace() -> None:
        builtins.len = lambda thing: 0
        builtins.print = length  # type: ignore[assignment]
        raise ValueError("by the way")

    with (
        pytest.raises(PatchedInterpreter, match=r"^audited code replaced builtins\.len, on which") as caught,
        ground.contained(),
        ground.unpatched(lambda: True),
    ):
        replace()
    assert isinstance(caught.value.__cause__, ValueError)
    assert (vars(builtins)["len"], ground.replaced) == (length, ("builtins.len",))
    assert vars(builtins)["print"] is not length
    assert run(ground, lambda: None) == ()
    assert not ground.replaced


def test_names_are_looked_at_where_audited_code_was_reached(ground: Ground) -> None:
    with ground.contained(), ground.unpatched(lambda: False):
        pass
    with ground.contained(), ground.unpatched(lambda: True):
        import speccheck.checks.values.differ  # new modules and names are no patches
    assert ground.replaced == ()
    assert speccheck.checks.values.differ.check


def test_an_interrupt_stays_one_and_names_come_back_all_the_same(ground: Ground) -> None:
    total = builtins.sum
    with pytest.raises(KeyboardInterrupt), ground.contained(), ground.unpatched(lambda: True):
        builtins.sum = len  # type: ignore[assignment]
        raise KeyboardInterrupt
    assert builtins.sum is total


def test_another_thread_does_not_disturb_the_comparison(ground: Ground) -> None:
    stop = threading.Event()
    space = vars(tail)

    def work() -> None:
        while not stop.is_set():
            space["added"] = 1
            space.pop("added")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(200):
            with ground.contained(), ground.unpatched(lambda: True):
                pass
    finally:
        stop.set()
        thread.join()
    assert ground.replaced == ()


def test_audited_code_finds_no_options_of_speccheck(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["speccheck", "run", "spec.yaml", "--out", "there"])
    inside = Ground()
    found: list[list[str]] = []
    assert run(inside, lambda: found.append(list(sys.argv))) == ()
    assert found == [["speccheck"]]
    assert sys.argv == ["speccheck", "run", "spec.yaml", "--out", "there"]


def test_threads_that_an_entry_leaves_running_are_named(ground: Ground) -> None:
    stop = threading.Event()
    short = threading.Thread(target=lambda: stop.wait(0.01))
    assert run(ground, short.start) == ()
    endless = threading.Thread(target=stop.wait, daemon=True)
    assert run(ground, endless.start) == ("threads that still run",)
    assert run(ground, lambda: None) == ()  # it is named by the entry that started it
    stop.set()
    endless.join()
    watching = threading.Thread(target=lambda: stop.wait(5), name="speccheck-watch", daemon=True)
    assert run(ground, watching.start) == ()


TORCH = """
import sys
from speccheck.executors.containment import Ground

ground = Ground()
assert "torch" not in sys.modules
with ground.contained():
    import torch
    torch.set_num_threads(7)
    torch.set_default_dtype(torch.float64)
assert ground.lost == (), ground.lost
assert torch.get_num_threads() != 7 and torch.get_default_dtype() is torch.float32
with ground.contained():
    block = torch.inference_mode()
    block.__enter__()
    torch.set_num_interop_threads(3)
assert ground.lost == ("torch interop threads", "torch inference mode"), ground.lost
"""


@pytest.mark.slow
def test_torch_imported_inside_is_as_a_fresh_import_has_it_and_what_it_does_not_give_back_is_named() -> None:
    done = subprocess.run([sys.executable, "-c", TORCH], capture_output=True, text=True, check=False)
    assert done.stderr == ""
