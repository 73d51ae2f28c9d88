"""Run whole audits in one process, for tests of many variants of one subject.

A measurement's digest is the key by which evidence is shared, so a measurement that variants have in common is made
once. That is the product's own rule, applied across runs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from speccheck.engine.plan import select
from speccheck.engine.session import Request, Services, run_spec
from speccheck.executors.inline import Inline
from speccheck.executors.local import local_executor
from speccheck.loading import load_spec
from speccheck.model.run import Failure, Measured, Options, Run
from speccheck.model.spec import Measurement, Spec
from speccheck.model.values import Json
from speccheck.registry import Registry, discover
from speccheck.sdk.executing import Description, Job
from speccheck.store import BaselineFile, Redactor, RunFolder, load_baseline
from support.memo import Memo


class Shared:
    """An executor that makes each measurement once for all its runs.

    The key is the digest and the code folder; a measurement without subjects does not depend on that folder.
    """

    def __init__(self, inline: Inline, code: str, known: dict[tuple[str, str], Measured]) -> None:
        self._inline = inline
        self._code = code
        self._known = known

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """The measurement's record, from an earlier run if possible."""
        key = (self._code if measurement.subjects else "", digest)
        if key not in self._known:
            self._known[key] = self._inline.measure(measurement, digest, folder, timeout)
        return self._known[key]

    def describe(self, definitions: Mapping[str, Json], name: str) -> Description | Failure:
        """The description of a subject."""
        return self._inline.describe(definitions, name)

    def imported(self) -> frozenset[str]:
        """What this process has imported."""
        return self._inline.imported()


class Auditor:
    """Runs variants of one spec and gives their records; ``always`` are overrides of every run.

    ``memo`` holds the functions of the audited code whose answers the runs share.
    """

    def __init__(self, path: Path, tmp_path: Path, always: Sequence[str] = (), memo: Memo | None = None) -> None:
        self.path = path
        self.tmp_path = tmp_path
        self.always = tuple(always)
        self.memo = memo
        self.registry: Registry = discover()
        self.known: dict[tuple[str, str], Measured] = {}
        self.count = 0

    def load(self, overrides: Sequence[str] = ()) -> Spec:
        """The spec under these overrides; AssertionError shows the diagnostics of one that is invalid."""
        given = (*self.always, *overrides)
        loaded = load_spec(str(self.path), self.registry, environ=dict(os.environ), overrides=given)
        assert loaded.spec is not None, loaded.diagnostics
        return loaded.spec

    def run(self, overrides: Sequence[str] = (), only: Sequence[str] = (), baseline: BaselineFile | None = None) -> Run:
        """One run of the spec under these overrides, against its own baseline or the one given."""
        spec = self.load(overrides)
        self.count += 1
        folder = self.tmp_path / f"run{self.count}"
        folder.mkdir()
        run_folder = RunFolder(folder, f"run{self.count}", Redactor((), {}))
        request = Request(
            spec=spec,
            entries=select(spec, only),
            baseline=baseline or load_baseline(spec.baseline, Path(spec.folder)),
            options=Options(selection=tuple(only), overrides=tuple(overrides)),
        )
        executor = local_executor(Job(spec, self.registry, dict(os.environ), run_folder, time.perf_counter))
        with self.memo.run() if self.memo else nullcontext(), executor as inline:
            services = Services(
                executor=Shared(inline, str(spec.code), self.known),
                registry=self.registry,
                folder=run_folder,
                now=lambda: datetime.now(UTC),
                environ=dict(os.environ),
                on_result=lambda result, measured: None,
            )
            return run_spec(request, services)
