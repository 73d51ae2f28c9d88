"""Broken plugins: each is an error that names its distribution, in the registry and in the command."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from speccheck.registry import GROUP, Registry, RegistryError, discover
from support.distributions import install, speccheck, write

CHECK = '''"""Counts nothing."""
from dataclasses import dataclass

from speccheck.sdk import Check, Evidence, Metric


@dataclass(frozen=True)
class Params:
    """None."""


check = Check(params=Params, metrics={"n": Metric(kind="number", doc="n")}, measure=lambda p, c: Evidence({"n": 1}))
'''

HOOKS = "from speccheck.sdk import CheckPackage, LoaderRef, ReporterRef, hookimpl\n\n\n"
CHECKS = HOOKS + '@hookimpl\ndef speccheck_checks():\n    return [CheckPackage("acme.checks")]\n'

PACKAGE = {"acme/__init__.py": "", "acme/plugin.py": CHECKS, "acme/checks/__init__.py": ""}

BROKEN: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "raises on import": (
        "SC701",
        ("cannot be imported", "RuntimeError: no licence"),
        {"acme/__init__.py": "", "acme/plugin.py": "raise RuntimeError('no licence')\n"},
    ),
    "exits on import": (
        "SC701",
        ("cannot be imported", "SystemExit: 0"),
        {"acme/__init__.py": "", "acme/plugin.py": "raise SystemExit(0)\n"},
    ),
    "ends the process on import": (
        "SC701",
        ("importing plugin acme.plugin", "ends the process, with exit code 0"),
        {"acme/__init__.py": "", "acme/plugin.py": "import posix\n\nposix._exit(0)\n"},
    ),
    "has a hook that ends the process": (
        "SC701",
        ("importing plugin acme.plugin", "ends the process, with exit code 0"),
        {
            "acme/__init__.py": "",
            "acme/plugin.py": "import os\n" + HOOKS + "@hookimpl\ndef speccheck_checks():\n    os._exit(0)\n",
        },
    ),
    "has a check whose module ends the process": (
        "SC704",
        ("count.nothing", "its import ends the process, with exit code 0"),
        {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": "import os\n\nos._exit(0)\n"},
    ),
    "is not there": ("SC701", ("cannot be imported", "ModuleNotFoundError"), {"acme/__init__.py": ""}),
    "has a hook that raises": (
        "SC701",
        ("speccheck_checks of distribution acme-audit raised ZeroDivisionError",),
        {"acme/__init__.py": "", "acme/plugin.py": HOOKS + "@hookimpl\ndef speccheck_checks():\n    return [1 / 0]\n"},
    ),
    "has environment facts that raise": (
        "SC701",
        ("speccheck_environment of distribution acme-audit raised ZeroDivisionError",),
        {
            "acme/__init__.py": "",
            "acme/plugin.py": HOOKS + "@hookimpl\ndef speccheck_environment():\n    return {'a': 1 / 0}\n",
        },
    ),
    "names no package": (
        "SC701",
        ("raised ModuleNotFoundError", "acme.checks"),
        {"acme/__init__.py": "", "acme/plugin.py": CHECKS},
    ),
    "offers a name twice": (
        "SC702",
        ("check 'value.number' is offered twice", "by distribution speccheck (", "by distribution acme-audit ("),
        {**PACKAGE, "acme/checks/value/__init__.py": "", "acme/checks/value/number.py": CHECK},
    ),
    "offers a reporter of ours": (
        "SC702",
        ("reporter 'json' is offered twice", "by distribution acme-audit (acme.report:json)"),
        {
            "acme/__init__.py": "",
            "acme/plugin.py": HOOKS
            + '@hookimpl\ndef speccheck_reporters():\n    return [ReporterRef("json", "acme.report:json")]\n',
        },
    ),
    "misspells a hook": (
        "SC703",
        ("implements speccheck_cheks, which is not a hook of speccheck", "did you mean 'speccheck_checks'?"),
        {**PACKAGE, "acme/plugin.py": CHECKS.replace("speccheck_checks", "speccheck_cheks")},
    ),
    "forgets the mark of a hook": (
        "SC703",
        ("defines speccheck_checks without @hookimpl",),
        {**PACKAGE, "acme/plugin.py": CHECKS.replace("@hookimpl\n", "")},
    ),
    "has environment facts that are not plain data": (
        "SC701",
        ("speccheck_environment of distribution acme-audit raised TypeError",),
        {
            "acme/__init__.py": "",
            "acme/plugin.py": HOOKS + "@hookimpl\ndef speccheck_environment():\n    return {'a': object()}\n",
        },
    ),
    "has a module without a check": (
        "SC704",
        ("count.nothing", "AttributeError", "'check'"),
        {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": '"""No check here."""\n'},
    ),
    "has a check of another type": (
        "SC704",
        ("count.nothing", "it is a dict, not a speccheck.sdk.Check"),
        {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": "check = {}\n"},
    ),
    "has a check whose module raises": (
        "SC704",
        ("count.nothing", "ModuleNotFoundError", "no_such_library"),
        {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": "import no_such_library\n"},
    ),
    "has a parameter that YAML cannot give": (
        "SC704",
        ("count.nothing", "YAML cannot give"),
        {
            **PACKAGE,
            "acme/checks/count/__init__.py": "",
            "acme/checks/count/nothing.py": CHECK.replace('"""None."""', '"""One."""\n\n    at: complex'),
        },
    ),
}
"""For each fault: the diagnostic's code, parts of its text, and the files of the distribution."""

SPEC = """
speccheck: 1
title: of a broken plugin
checks:
  - {id: a, check: count.nothing, expect: {n: 1}}
"""


@pytest.fixture
def discovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], Registry]]:
    """Makes the registry of the built-ins and a plugin of these files, by entry points without a distribution."""

    def discover_with(files: dict[str, str]) -> Registry:
        write(tmp_path, files)
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return discover([*entry_points(group=GROUP), EntryPoint("plugin", "acme.plugin", GROUP)])

    yield discover_with
    for name in [name for name in sys.modules if name.partition(".")[0] == "acme"]:
        del sys.modules[name]


@pytest.mark.parametrize("how", BROKEN)
def test_the_registry_reports_the_fault(how: str, discovered: Callable[[dict[str, str]], Registry]) -> None:
    code, _, files = BROKEN[how]
    with pytest.raises(RegistryError) as caught:
        discovered(files).check("count.nothing")
    assert [item.code for item in caught.value.diagnostics] == [code]
    assert "acme.plugin" in str(caught.value)
    assert caught.value.diagnostics[0].hint


@pytest.mark.parametrize("how", BROKEN)
def test_the_command_ends_in_2_and_names_the_distribution(how: str, tmp_path: Path) -> None:
    code, texts, files = BROKEN[how]
    site = install(tmp_path / "site", "acme-audit", "acme.plugin", files)
    (tmp_path / "spec.yaml").write_text(SPEC)
    command = ("validate", "spec.yaml") if code == "SC704" else ("list", "plugins")
    done = speccheck(*command, site=site, folder=tmp_path)
    assert done.returncode == 2, done.stderr
    for text in (code, "acme-audit", *texts):
        assert text in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_broken_check_does_not_keep_others_from_running(tmp_path: Path) -> None:
    """Check modules are imported when first used: a spec that does not use the broken one runs."""
    files = {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": "import no_such_library\n"}
    site = install(tmp_path / "site", "acme-audit", "acme.plugin", files)
    (tmp_path / "spec.yaml").write_text(
        "speccheck: 1\ntitle: t\nchecks:\n  - {id: a, check: value.number, with: {value: 3}, expect: {value: 3}}\n"
    )
    done = speccheck("validate", "spec.yaml", site=site, folder=tmp_path)
    assert done.returncode == 0, done.stderr


def test_a_distribution_that_names_two_plugins_is_an_error(tmp_path: Path) -> None:
    """Otherwise the second would be ignored silently."""
    files = {**PACKAGE, "acme/second.py": ""}
    site = install(tmp_path / "site", "acme-audit", "acme.plugin\nsecond = acme.second", files)
    done = speccheck("list", "plugins", site=site, folder=tmp_path)
    assert done.returncode == 2
    assert "SC702" in done.stderr
    assert "acme-audit names a second plugin, acme.second" in done.stderr


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    files = {**PACKAGE, "acme/plugin.py": CHECKS.replace("speccheck_checks", "speccheck_cheks")}
    site = install(tmp_path / "site", "acme-audit", "acme.plugin", files)
    install(site, "beta-audit", "beta", {"beta.py": "raise RuntimeError('broken')\n"})
    done = speccheck("list", "plugins", site=site, folder=tmp_path)
    assert done.returncode == 2
    assert "SC703" in done.stderr
    assert "SC701" in done.stderr
    assert "beta-audit" in done.stderr


def test_a_plugin_that_is_whole_is_listed(tmp_path: Path) -> None:
    files = {**PACKAGE, "acme/checks/count/__init__.py": "", "acme/checks/count/nothing.py": CHECK}
    site = install(tmp_path / "site", "acme-audit", "acme.plugin", files)
    done = speccheck("list", "checks", site=site, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "count.nothing" in done.stdout
    assert "acme-audit" in speccheck("list", "plugins", site=site, folder=tmp_path).stdout


LEAVING = {
    "acme/__init__.py": "",
    "acme/plugin.py": HOOKS
    + '@hookimpl\ndef speccheck_reporters():\n    return [ReporterRef("leaving", "acme.leaving:reporter")]\n',
    "acme/leaving.py": "from speccheck.sdk import Reporter\n\n\ndef render(run, stream):\n    raise SystemExit(0)\n\n\n"
    "reporter = Reporter('leaving', render)\n",
}


def test_a_reporter_does_not_choose_the_exit_code(tmp_path: Path) -> None:
    site = install(tmp_path / "site", "acme-audit", "acme.plugin", LEAVING)
    (tmp_path / "spec.yaml").write_text(
        "speccheck: 1\ntitle: t\nchecks:\n  - {id: a, check: value.number, with: {value: 3}, expect: {value: 4}}\n"
    )
    for command in (("run", "spec.yaml"), ("judge", "latest"), ("report", "latest")):
        done = speccheck(*command, "--format", "leaving", site=site, folder=tmp_path)
        assert done.returncode == 3, command
        assert "a plugin tried to end the command with exit code 0" in done.stderr
