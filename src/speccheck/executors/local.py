"""The executor ``inline``: it builds and measures in this process, and so does every worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from speccheck.executors.capture import Capture
from speccheck.executors.deadline import deadline
from speccheck.executors.inline import Inline
from speccheck.model.values import Json
from speccheck.sdk.executing import Executor, Job
from speccheck.subjects import Scope, SubjectFactory, audited_traceback, random_restored, seeded


class LocalSubjects:
    """Subjects built in this process, as the executor wants them."""

    def __init__(self, factory: SubjectFactory, folder: Path) -> None:
        self._factory = factory
        self.folder = folder

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """The subjects of these definitions, built when first needed."""
        return self._factory.scope(definitions)

    def seeded(self, seed: int) -> AbstractContextManager[None]:
        """Random generators under this seed inside. The state of random is restored when the executor is released."""
        return seeded(seed, restore_random=False)

    def traceback(self, error: BaseException) -> str:
        """The audited code's own part of an error's traceback."""
        return audited_traceback(error)


@contextmanager
def local_executor(
    job: Job, output: IO[bytes] | None = None, limit: Callable[[float | None], AbstractContextManager[None]] = deadline
) -> Iterator[Inline]:
    """Give an executor for this job in this process, and release what it holds afterwards.

    Output of audited code goes through the file ``output``, or a temporary one, whose last lines are shown as progress.
    ``limit`` interrupts what takes too long.
    """
    factory = SubjectFactory(
        code=job.spec.code,
        folder=Path(job.spec.folder),
        seed=job.spec.seed,
        environ=job.environ,
        loader=job.registry.load_loader,
        declarations=job.registry,
        since=job.since,
    )
    capture = Capture(job.tell) if output is None else Capture(file=output)
    with random_restored(), factory:
        executor = Inline(
            job.registry,
            LocalSubjects(factory, Path(job.spec.folder)),
            job.run,
            job.clock,
            job.tell,
            job.interrupted,
            capture,
            limit,
        )
        try:
            yield executor
        finally:
            executor.close()


executor = Executor(
    "inline",
    local_executor,
    doc="Measures in the process that judges: for debuggers. Audited code that ends or damages it ends the run.",
)
