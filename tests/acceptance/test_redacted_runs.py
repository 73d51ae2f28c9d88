"""A run with secrets: no file of it holds one in any form, and judging it again turns no failure into a pass."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from support.commands import ENVIRON, Project, outcomes

SECRETS = {"TOKEN": "Hunter2/Gath+er er", "PIN": "7300415", "OTHER": "Rosebud9-sled"}

PRINT = """\
import base64, html, json, os, sys
from urllib.parse import quote_plus
token, pin = os.environ["TOKEN"], os.environ["PIN"]
print(token, token.upper(), token.lower(), quote_plus(token), token.encode().hex(), html.escape(token), repr(token))
for before in ("", "u", "us"):
    print(base64.b64encode((before + token + "@h").encode()).decode())
    print(base64.urlsafe_b64encode((before + token + "@h").encode()).decode())
print("x" * 390 + token, file=sys.stderr)
json.dump({"pin": int(pin), "half": int(pin) / 2, "token": token, token: 1}, open("report.json", "w"))
print(pin, float(pin))
"""

SPEC = """\
speccheck: 1
title: Secrets
redact: [TOKEN, PIN, OTHER]
code: .
subjects:
  said: {target: "said:values"}
checks:
  - id: printed
    check: command.run
    with: {command: [python, print.py], leaves: [report.json]}
    expect: {exit_code: 0, stderr: {matches: "[a-z]+"}}
  - id: equal
    check: config.values
    with: {source: $said, keys: {token: token, pin: pin, plain: plain}}
    expect: {values.token: "Rosebud9-sled", values.pin: {max: 10}, values.plain: "a *** b"}
  - id: same
    check: config.values
    with: {source: $said, keys: {token: token, other: other}}
    expect: {values.token: {same_as: values.other}}
  - id: plain
    check: config.values
    with: {source: $said, keys: {plain: plain}}
    expect: {values.plain: "a *** b"}
"""

SAID = """\
import os
class Said:
    token, other, pin, plain = os.environ["TOKEN"], os.environ["OTHER"], int(os.environ["PIN"]), "a *** b"
def values():
    return Said()
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("secrets")
    for name, text in {"pyproject.toml": "", "spec.yaml": SPEC, "print.py": PRINT, "said.py": SAID}.items():
        (folder / name).write_text(text)
    made = Project(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setitem(ENVIRON, name, value)
        done = made("run", "spec.yaml", code=1)
    assert "Hunter2" not in done.stdout + done.stderr
    return made


def test_no_file_holds_a_secret_in_any_form(project: Project) -> None:
    token = SECRETS["TOKEN"]
    forms = [token, quote_plus(token), token.encode().hex(), SECRETS["PIN"], SECRETS["OTHER"], token[:6], "gath+er"]
    forms += [base64.b64encode(token[1:16].encode()).decode(), base64.b64encode(token.encode()).decode()[:20]]
    files = [path for path in (project.folder / ".speccheck").rglob("*") if path.is_file()]
    assert len(files) >= 4
    for path in files:
        data = path.read_bytes().lower()
        for form in forms:
            assert form.lower().encode() not in data, (path.name, form)


def test_the_run_is_judged_by_the_true_values_and_again_by_none(project: Project) -> None:
    assert outcomes(project.record()) == {"printed": "failed", "equal": "failed", "same": "failed", "plain": "passed"}
    for command in (("judge",), ("judge", "latest", "--spec", "spec.yaml")):
        done = project(*command, code=3)
        assert "masked in the record" in done.stdout
        lines = [line.split() for line in done.stdout.splitlines()]
        assert not [line for line in lines if line[:1] == ["passed"] and line[1] != "plain"]


def test_the_command_shows_what_was_masked(project: Project, tmp_path: Path) -> None:
    assert "***" in project("report", code=0).stdout
    assert "***" in project("report", "--format", "markdown", code=0).stdout
