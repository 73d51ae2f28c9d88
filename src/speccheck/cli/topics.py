"""The kinds of things that a spec or a command names: ``list`` shows a line of each thing, ``explain`` a page."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from speccheck.cli.pages import check_page, constraint_page, executor_page, loader_page, option_page, reporter_page
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration

if TYPE_CHECKING:
    from speccheck.registry import Registry

T = TypeVar("T")


class Topic(NamedTuple):
    """One kind: the names in it, the columns of its list with the row of each name, and the page of each name."""

    names: Sequence[str]
    columns: tuple[str, str, str]
    row: Callable[[str], tuple[str, str, str]]
    page: Callable[[str], str]


def _registered(declaration: T | None) -> T:
    assert declaration is not None
    return declaration


def _checks(registry: Registry) -> Topic:
    def declared(name: str) -> CheckDeclaration:
        return _registered(registry.check(name))

    return Topic(
        registry.check_names(),
        ("check", "measures", "distribution"),
        lambda name: (name, declared(name).summary, declared(name).distribution),
        lambda name: check_page(name, declared(name), inspect.cleandoc(registry.documentation(name))),
    )


def _constraints(registry: Registry) -> Topic:
    from speccheck.judge.constraints import CONSTRAINTS, PARTNERS, constraint_docs

    docs = constraint_docs()

    def page(name: str) -> str:
        if name not in CONSTRAINTS:
            return option_page(name, docs[name], PARTNERS[name])
        options = [docs[option] for option, constraints in PARTNERS.items() if name in constraints]
        return constraint_page(name, docs[name], options)

    def row(name: str) -> tuple[str, str, str]:
        beside = "" if name in CONSTRAINTS else f"(option of {', '.join(PARTNERS[name])}) "
        return name, f"{beside}{docs[name].doc}", ", ".join(docs[name].kinds) or "all"

    return Topic(tuple(docs), ("constraint", "holds when", "kinds of metrics"), row, page)


def _loaders(registry: Registry) -> Topic:
    def declared(name: str) -> LoaderDeclaration:
        return _registered(registry.loader(name))

    return Topic(
        registry.loader_names(),
        ("loader", "builds", "distribution"),
        lambda name: (name, declared(name).doc, declared(name).distribution),
        lambda name: loader_page(name, declared(name)),
    )


def _reporters(registry: Registry) -> Topic:
    def distribution(name: str) -> str:
        return registry.reporters[name].distribution

    return Topic(
        registry.reporter_names(),
        ("reporter", "writes", "distribution"),
        lambda name: (name, registry.load_reporter(name).doc, distribution(name)),
        lambda name: reporter_page(name, registry.load_reporter(name), distribution(name)),
    )


def _executors(registry: Registry) -> Topic:
    def distribution(name: str) -> str:
        return registry.executors[name].distribution

    return Topic(
        registry.executor_names(),
        ("executor", "measures", "distribution"),
        lambda name: (name, registry.load_executor(name).doc, distribution(name)),
        lambda name: executor_page(name, registry.load_executor(name), distribution(name)),
    )


TOPICS: Mapping[str, Callable[[Registry], Topic]] = {
    "checks": _checks,
    "constraints": _constraints,
    "executors": _executors,
    "loaders": _loaders,
    "reporters": _reporters,
}
"""The kinds by name, in the plural."""
