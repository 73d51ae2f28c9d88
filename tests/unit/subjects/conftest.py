"""A factory over a temporary folder, with the built-in loaders and whatever a test adds."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from speccheck.sdk import Loader
from speccheck.subjects import SubjectFactory
from unit.subjects.support import Loaders, MakeFactory


@pytest.fixture
def factory(tmp_path: Path) -> Iterator[MakeFactory]:
    opened: list[SubjectFactory] = []

    def make(
        *,
        code: Mapping[str, str] | None = None,
        seed: int = 0,
        environ: Mapping[str, str] | None = None,
        loaders: Sequence[Loader] = (),
    ) -> SubjectFactory:
        known = Loaders(loaders)
        opened.append(
            SubjectFactory(
                code={"": str(tmp_path / "code")} if code is None else code,
                folder=tmp_path,
                seed=seed,
                environ=environ or {},
                loader=known.load,
                declarations=known,
            )
        )
        return opened[-1]

    (tmp_path / "code").mkdir()
    yield make
    for one in opened:
        one.close()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    """Writes a text file, its indentation taken off, below the temporary folder."""

    def writer(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), "utf-8")
        return path

    return writer


@pytest.fixture
def build(factory: MakeFactory) -> Callable[..., Any]:
    """Builds the subject ``x`` of that definition, beside others."""

    def builder(definition: Any, **others: Any) -> Any:
        return factory().scope({"x": definition, **others}).get("x")

    return builder
