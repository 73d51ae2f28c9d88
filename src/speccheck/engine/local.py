"""Wiring of a run in this process: subjects, store and the inline executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from speccheck.executors import Inline
from speccheck.model.spec import Spec
from speccheck.model.values import Json
from speccheck.registry import Registry
from speccheck.store import RunFolder
from speccheck.subjects import Scope, SubjectFactory, audited_traceback, random_restored, seeded


class LocalSubjects:
    """Subjects built in this process, as the executor wants them."""

    def __init__(self, factory: SubjectFactory) -> None:
        self._factory = factory

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """The subjects of these definitions, built when first needed."""
        return self._factory.scope(definitions)

    def seeded(self, seed: int) -> AbstractContextManager[None]:
        """Random generators under this seed inside. The state of random is restored when the executor is released."""
        return seeded(seed, restore_random=False)

    def traceback(self, error: BaseException) -> str:
        """The audited code's own part of an error's traceback."""
        return audited_traceback(error)


def subject_factory(spec: Spec, registry: Registry, environ: Mapping[str, str]) -> SubjectFactory:
    """The factory in which a spec's subjects are built."""
    return SubjectFactory(
        code=spec.code,
        folder=Path(spec.folder),
        seed=spec.seed,
        environ=environ,
        loader=registry.load_loader,
        declarations=registry,
    )


@contextmanager
def local_executor(
    spec: Spec,
    registry: Registry,
    folder: RunFolder,
    environ: Mapping[str, str],
    clock: Callable[[], float],
    tell: Callable[[str], None],
    interrupted: Callable[[], bool] = lambda: False,
) -> Iterator[Inline]:
    """Give an executor for this spec in this process, and release what it holds afterwards.

    ``interrupted`` distinguishes the user's interrupt from a KeyboardInterrupt that audited code raises itself.
    """
    with random_restored(), subject_factory(spec, registry, environ) as factory:
        executor = Inline(registry, LocalSubjects(factory), folder, clock, tell, interrupted)
        try:
            yield executor
        finally:
            executor.close()
