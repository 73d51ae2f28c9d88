"""Large specs load in reasonable time, and small ones import little."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from speccheck.loading import load_spec
from support.fake_declarations import FakeDeclarations


def test_ten_thousand_entries_load_in_seconds(tmp_path: Path) -> None:
    entries = (
        f"  - id: e{at}\n    check: demo.number\n    with: {{value: {at}}}\n    expect: {{value: {{max: {at + 1}}}}}\n"
        for at in range(10_000)
    )
    path = tmp_path / "large.yaml"
    path.write_text("speccheck: 1\nchecks:\n" + "".join(entries))
    start = time.process_time()
    loaded = load_spec(str(path), FakeDeclarations(), environ={})
    # About 1 s on two cores; the bound leaves room for a slow machine and catches what grows faster than the spec.
    assert time.process_time() - start < 6
    assert loaded.spec is not None
    assert len(loaded.spec.entries) == 10_000


def test_many_subjects_and_variables_load_in_seconds(tmp_path: Path) -> None:
    text = "speccheck: 1\nvars:\n" + "".join(f"  v{at}: ${{vars.v{at + 1}}}\n" for at in range(500)) + "  v500: 1\n"
    text += "subjects:\n  s0: {audio: a.wav}\n"
    text += "".join(f"  s{at}: {{expr: s{at - 1} + 1}}\n" for at in range(1, 2000))
    path = tmp_path / "wide.yaml"
    path.write_text(text)
    start = time.process_time()
    loaded = load_spec(str(path), FakeDeclarations(), environ={})
    assert time.process_time() - start < 6
    assert loaded.spec is not None
    assert len(loaded.spec.subjects) == 2000


def test_reading_a_plain_spec_imports_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("speccheck: 1\nchecks: [{id: a, check: demo.number, with: {value: 1}, observe: true}]\n")
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); from speccheck.loading import load_spec\n"
        "from support.fake_declarations import FakeDeclarations\n"
        "assert load_spec(sys.argv[1], FakeDeclarations(), environ={}).spec is not None\n"
        "print(sorted({'numpy', 'torch', 'jsonschema', 'click'} & set(sys.modules)))"
    )
    tests = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", program, str(path), tests], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
