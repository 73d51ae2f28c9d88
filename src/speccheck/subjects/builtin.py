"""The loaders that speccheck itself registers, by name; each is a module of :mod:`speccheck.subjects.loaders`."""

from __future__ import annotations

from speccheck.sdk.hooks import LoaderRef

LOADERS: tuple[LoaderRef, ...] = tuple(
    LoaderRef(name, f"speccheck.subjects.loaders.{name}:loader")
    for name in (
        "audio",
        "checkpoint",
        "csv",
        "expr",
        "files",
        "function",
        "image",
        "json",
        "module",
        "target",
        "tensor",
        "yaml",
    )
)
