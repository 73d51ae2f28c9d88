"""``speccheck build`` names the subject at fault once, with the traceback of the audited code alone."""

from __future__ import annotations

from pathlib import Path

from support.distributions import speccheck

SPEC = """
speccheck: 1
title: t
code: code
subjects:
  model: {target: "net:Model"}
  other: {expr: "len(model)"}
  data: {json: none.json}
checks:
  - {id: a, check: value.number, with: {value: 1}, expect: {value: 1}}
"""

CODE = """
class Model:
    def __init__(self):
        raise ValueError("cannot go on")
"""


def test_a_failed_subject_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "net.py").write_text(CODE)
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = speccheck("build", "spec.yaml", site=tmp_path, folder=tmp_path)
    assert done.returncode == 3, done.stderr
    trace = (
        "Traceback (most recent call last):\n"
        f'  File "{tmp_path}/code/net.py", line 4, in __init__\n'
        '    raise ValueError("cannot go on")\n'
        "ValueError: cannot go on\n"
    )
    assert done.stderr == (
        f"data: no such file: {tmp_path}/none.json\n"
        f"model: target net:Model raised ValueError: cannot go on\n{trace}"
        f"other: subject model: target net:Model raised ValueError: cannot go on\n{trace}"
    )
