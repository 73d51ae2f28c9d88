"""plugins/speccheck-template installed as a distribution of its own: its check, loader, reporter and facts work."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.distributions import speccheck

TEMPLATE = Path(__file__).parents[2] / "plugins" / "speccheck-template"

SPEC = """\
speccheck: 1
title: The corpus
subjects:
  corpus: {lines: corpus.txt}
checks:
  - id: corpus-lines
    check: text.lines
    with: {lines: $corpus}
    expect:
      lines: {min: 3}
      duplicates: {max: 1}
      trailing_whitespace: 0
"""


def _copy(folder: Path) -> Path:
    """The template's sources, copied: building leaves files beside them."""
    return shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))


def _pip_install(source: Path, site: Path) -> None:
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(site), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _pytest(tests: Path, site: Path) -> str:
    """The output of the tests in that folder, which must pass."""
    without = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "xdist", "pytest_cov")]
    command = [sys.executable, "-m", "pytest", "-q", *without, "--rootdir", str(tests.parent), "tests"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, cwd=tests.parent, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the template."""
    folder = tmp_path_factory.mktemp("template")
    _pip_install(_copy(folder / "source"), folder / "site")
    return folder / "site"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the spec and its corpus: four lines, one of them twice."""
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "corpus.txt").write_text("one\ntwo\none\nthree\n")
    return tmp_path


def test_it_is_listed(site: Path, folder: Path) -> None:
    shown = {what: speccheck("list", what, site=site, folder=folder) for what in ("plugins", "checks", "loaders")}
    assert {what: done.returncode for what, done in shown.items()} == dict.fromkeys(shown, 0)
    assert "speccheck-template" in shown["plugins"].stdout
    for what, name in (("checks", "text.lines"), ("loaders", "lines")):
        row = next(line for line in shown[what].stdout.splitlines() if line.startswith(f"{name} "))
        assert row.endswith("speccheck-template")
    explained = speccheck("explain", "text.lines", site=site, folder=folder)
    assert "trailing_whitespace" in explained.stdout


def test_it_is_not_there_where_it_is_not_installed(folder: Path) -> None:
    """Otherwise the tests beside this one would prove nothing about installing."""
    done = speccheck("validate", "spec.yaml", folder=folder)
    assert done.returncode == 2
    assert "text.lines" in done.stderr


def test_a_run_passes_and_an_edited_threshold_fails_it(site: Path, folder: Path) -> None:
    done = speccheck("run", "spec.yaml", "--format", "csv", site=site, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert {metric: (row["state"], row["observed"]) for metric, row in rows.items()} == {
        "lines": ("held", "4"),
        "duplicates": ("held", "1"),
        "trailing_whitespace": ("held", "0"),
    }

    (folder / "spec.yaml").write_text(SPEC.replace("duplicates: {max: 1}", "duplicates: {max: 0}"))
    done = speccheck("run", "spec.yaml", "--format", "csv", site=site, folder=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    rows = {row["metric"]: row for row in csv.DictReader(io.StringIO(done.stdout))}
    assert (rows["duplicates"]["outcome"], rows["duplicates"]["state"]) == ("failed", "violated")
    assert rows["lines"]["state"] == "held"


def test_an_empty_corpus_is_no_pass(site: Path, folder: Path) -> None:
    (folder / "spec.yaml").write_text(SPEC.replace("lines: {min: 3}", "lines: {min: 0}"))
    (folder / "corpus.txt").write_text("")
    done = speccheck("run", "spec.yaml", site=site, folder=folder)
    assert done.returncode == 3, done.stdout + done.stderr


def test_a_corpus_that_is_not_there_is_an_error_that_names_it(site: Path, folder: Path) -> None:
    (folder / "corpus.txt").unlink()
    done = speccheck("run", "spec.yaml", site=site, folder=folder)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "corpus.txt" in done.stdout


def test_its_facts_and_its_version_are_on_record(site: Path, folder: Path) -> None:
    done = speccheck("run", "spec.yaml", "--format", "json", site=site, folder=folder)
    environment = json.loads(done.stdout)["environment"]
    assert environment["template.text_encoding"]
    assert environment["packages"]["speccheck-template"] == "0.1.0"


def test_judging_again_needs_no_plugin(site: Path, folder: Path) -> None:
    """The record holds the declarations: with the plugin gone, an edited threshold is judged on the old evidence."""
    speccheck("run", "spec.yaml", "--out", "run", site=site, folder=folder)
    (folder / "spec.yaml").write_text(SPEC.replace("duplicates: {max: 1}", "duplicates: {max: 0}"))
    done = speccheck("judge", "run", "--spec", "spec.yaml", folder=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAIL (1 of 1 judged)" in done.stdout


def test_its_own_tests_pass(site: Path, tmp_path: Path) -> None:
    shown = _pytest(_copy(tmp_path / "source") / "tests", site)
    assert " passed" in shown
    assert "skipped" not in shown


def _rename(source: Path, path: str, *changes: tuple[str, str]) -> None:
    text = (source / path).read_text("utf-8")
    for old, new in changes:
        assert old in text, f"{path} does not contain {old}"
        text = text.replace(old, new)
    (source / path).write_text(text, "utf-8")


def test_a_copy_with_its_five_names_changed_works_beside_it(site: Path, folder: Path) -> None:
    """The README's five steps, as written there."""
    source = _copy(folder / "acme")
    _rename(source, "pyproject.toml", ("speccheck-template", "acme-audit"), ("speccheck_template", "acme_audit"))
    _rename(source, "tests/test_contract.py", ("speccheck-template", "acme-audit"), ("text.lines", "prose.rows"))
    _rename(source, "tests/test_lines.py", ("speccheck_template", "acme_audit"), ("text.lines", "prose.rows"))
    package = (source / "src/speccheck_template").rename(source / "src/acme_audit")
    (package / "checks/text").rename(package / "checks/prose")
    (package / "checks/prose/lines.py").rename(package / "checks/prose/rows.py")
    _rename(package, "plugin.py", ("speccheck_template", "acme_audit"), ('"lines"', '"rows"'), ('"csv"', '"sheet"'))
    _rename(package, "plugin.py", ("template.text_encoding", "acme.text_encoding"))
    _rename(package, "loaders.py", ('"lines"', '"rows"'))
    _rename(package, "reporter.py", ('"csv"', '"sheet"'))
    _rename(source, "tests/test_lines.py", ("lines=", "rows="), ('{"lines": "', '{"rows": "'))

    both = shutil.copytree(site, folder / "site")
    _pip_install(source, both)
    (folder / "spec.yaml").write_text(
        SPEC.replace("{lines: corpus", "{rows: corpus").replace("text.lines", "prose.rows")
    )
    done = speccheck("run", "spec.yaml", "--format", "sheet", site=both, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[1].startswith("corpus-lines,prose.rows,passed,lines,held,4,")
    plugins = speccheck("list", "plugins", site=both, folder=folder).stdout
    assert "acme-audit" in plugins
    assert "speccheck-template" in plugins
    assert " passed" in _pytest(source / "tests", both)
