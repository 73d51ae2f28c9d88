"""The wiring of ``speccheck run``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from speccheck.cli.run import _run
from speccheck.engine.session import Request
from speccheck.executors.local import executor as inline
from speccheck.loading import load_spec
from speccheck.model.verdict import Decision
from speccheck.registry import discover
from speccheck.sdk.executing import Executor, Job, Measuring
from speccheck.store.baselines import NO_BASELINE

SPEC = """\
speccheck: 1
title: One number
checks:
  - {id: one, check: value.number, with: {value: 1}, expect: {value: 1}}
"""


@contextmanager
def _ends_badly(job: Job) -> Iterator[Measuring]:
    with inline.open(job) as measuring:
        yield measuring
    raise OSError(5, "Input/output error")


def test_an_executor_that_cannot_end_loses_no_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    registry = discover()
    spec = load_spec(str(tmp_path / "spec.yaml"), registry, environ={}).spec
    assert spec is not None
    request = Request(spec, spec.entries, NO_BASELINE)
    run, folder = _run(request, registry, Executor("bad", _ends_badly), tmp_path / "out", live=False)
    assert (run.decision, folder.lost) == (Decision.PASS, "")
    assert "the processes of the run could not be ended: Input/output error" in capfd.readouterr().err
