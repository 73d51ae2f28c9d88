"""A spec written into a folder of its own, and read from there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from speccheck.loading import Loaded, load_spec
from support.fake_declarations import FakeDeclarations

Load = Callable[..., Loaded]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Reads ``text`` as ``spec.yaml`` beside the other ``files``, the working folder being theirs."""
    monkeypatch.chdir(tmp_path)

    def read(
        text: str | bytes,
        *,
        files: Mapping[str, str] | None = None,
        environ: Mapping[str, str] | None = None,
        overrides: Sequence[str] = (),
        path: str = "spec.yaml",
    ) -> Loaded:
        for name, content in {path: text, **(files or {})}.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_spec(path, FakeDeclarations(), environ=environ or {}, overrides=overrides)

    return read


@pytest.fixture
def entry(load: Load) -> Callable[..., Loaded]:
    """Reads a spec of one entry ``a`` of check demo.number, with more lines of that entry and of the spec."""

    def read(*lines: str, top: str = "", with_: str = "{value: 1}", expect: str = "{value: 1}") -> Loaded:
        text = f"speccheck: 1\n{top}checks:\n- id: a\n  check: demo.number\n  with: {with_}\n"
        text += f"  expect: {expect}\n" if expect else ""
        return load(text + "".join(f"  {line}\n" for line in lines))

    return read
