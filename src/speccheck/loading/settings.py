"""Resolve the variables of a spec and its top-level settings."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from speccheck.loading.cycles import find_cycles
from speccheck.loading.diagnostics import Problems, did_you_mean
from speccheck.loading.files import Merged, Part
from speccheck.loading.forms import Form, shown
from speccheck.loading.interpolate import BrokenReferenceError, Locator, Resolver, mentioned_vars
from speccheck.loading.overrides import DEFAULT_KEYS
from speccheck.loading.paths import rebased
from speccheck.loading.references import expand, settled
from speccheck.loading.yaml.construct import MAX_EXPANDED
from speccheck.loading.yaml.events import MAX_DEPTH
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json


class Vars:
    """Values by name; a variable that cannot be resolved is reported once."""

    def __init__(self, parts: Mapping[str, Part], root: Path, environ: Mapping[str, str], problems: Problems) -> None:
        self.values: dict[str, Json] = {}
        self._parts = parts
        self._root = root
        self._environ = environ
        self._problems = problems
        self._broken: set[str] = set()
        self._extents: dict[int, tuple[Json, int, int]] = {}

    def names(self) -> Sequence[str]:
        """Every variable there is."""
        return list(self._parts)

    def get(self, name: str, locator: Locator) -> Json:
        """The value of a variable; BrokenReferenceError, with a diagnostic at its place, when it has none."""
        if name in self.values:
            return self.values[name]
        if name not in self._parts:
            self._problems.add("SC302", f"unknown variable '{name}'", locator(), did_you_mean(name, self._parts))
        raise BrokenReferenceError

    def resolve_all(self) -> None:
        """Resolve every variable, used or not, so that each error is reported; dependencies come first."""
        edges = {name: list(dict.fromkeys(mentioned_vars(part.value))) for name, part in self._parts.items()}
        for chain in find_cycles(edges):
            self._broken.update(chain)
            message = f"variables refer to each other in a cycle: {' -> '.join(chain)}"
            self._problems.add("SC303", message, self._parts[chain[0]].key_where())
        for start in self._parts:
            waiting = [start]
            while waiting:
                name = waiting[-1]
                if name in self.values or name in self._broken:
                    waiting.pop()
                    continue
                before = [other for other in edges[name] if self._is_open(other)]
                if before:
                    waiting += before
                else:
                    self._resolve(name, self._parts[waiting.pop()])

    def _is_open(self, name: str) -> bool:
        return name in self._parts and name not in self.values and name not in self._broken

    def _resolve(self, name: str, part: Part) -> None:
        resolver = Resolver(self._root, self._environ, self._problems, self)
        value = resolver.value(part.value, part.where, part.file)
        size, depth = self._extent(value)
        if size > MAX_EXPANDED or depth > MAX_DEPTH:
            what = f"more than {MAX_EXPANDED} values" if size > MAX_EXPANDED else f"more than {MAX_DEPTH} levels"
            self._problems.add("SC009", f"references expand the variable '{name}' to {what}", part.key_where())
            resolver.failed = True
        if resolver.failed:
            self._broken.add(name)
        else:
            self.values[name] = value

    def _extent(self, value: Json) -> tuple[int, int]:
        """Return how many values a value contains, shared ones counted each time, and how deep they nest."""
        if not isinstance(value, (dict, list)):
            return 1, 0
        if id(value) not in self._extents:
            inner = [self._extent(item) for item in (value.values() if isinstance(value, dict) else value)]
            size = 1 + sum(count for count, _ in inner)
            depth = 1 + max((depth for _, depth in inner), default=0)
            self._extents[id(value)] = value, size, depth  # the value is kept, or another object could get its id
        return self._extents[id(value)][1:]


MAX_SEED = 2**32 - 1
"""The largest seed: numpy takes 32 bits."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


class Defaults(msgspec.Struct, frozen=True):
    """The defaults of entries; ``timeout`` in seconds."""

    seed: int = 0
    timeout: float | None = None
    severity: EntrySeverity = "fail"
    tags: tuple[str, ...] = ()


class Settings(msgspec.Struct, frozen=True):
    """The top-level settings: absolute paths, beside the portable texts that they were made from."""

    title: str = ""
    code: dict[str, str] = {}
    portable_code: dict[str, str] = {}
    baseline: str | None = None
    portable_baseline: str | None = None
    redact: tuple[str, ...] = ()
    defaults: Defaults = Defaults()


class Surroundings(msgspec.Struct, frozen=True):
    """The context of every reader of a part of a spec: root folder, environment, variables, diagnostics."""

    root: Path
    environ: Mapping[str, str]
    problems: Problems
    variables: Vars

    def resolver(self) -> Resolver:
        """Return a resolver of variables only."""
        return Resolver(self.root, self.environ, self.problems, self.variables)

    def part(self, part: Part) -> tuple[Json, bool]:
        """Return the value of a part with its references resolved, and whether all were resolved."""
        resolver = self.resolver()
        value = resolver.value(part.value, part.where, part.file)
        return value, not resolver.failed


def read_settings(merged: Merged, around: Surroundings) -> Settings:
    """Read everything but subjects and entries."""
    code = _code(merged, around)
    baseline = _baseline(merged, around)
    return Settings(
        title=_title(merged, around),
        code={name: _absolute(text, around) for name, text in code.items()},
        portable_code=code,
        baseline=None if baseline is None else _absolute(baseline, around),
        portable_baseline=baseline,
        redact=_redact(merged, around),
        defaults=_defaults(merged, around),
    )


def _title(merged: Merged, around: Surroundings) -> str:
    part = merged.top.get("title")
    if part is None:
        return ""
    value, known = around.part(part)
    if not known:
        return ""
    title = settled(value, around.root, around.environ)
    return Form({"title": title}, part.parent, part.where(), "the spec", around.problems).text("title")


def _code(merged: Merged, around: Surroundings) -> dict[str, str]:
    part = merged.top.get("code")
    if part is None:
        return {}
    value, known = around.part(part)
    named = value if isinstance(value, dict) else {"": value}
    found: dict[str, str] = {}
    for name, text in named.items() if known else ():
        where = part.parent.value_where("code") if not name else Form({}, part.value, part.where(), "", around.problems)
        place = where.where(name) if isinstance(where, Form) else where
        if not isinstance(text, str) or not text or (name and not _NAME.fullmatch(name)):
            hint = "write code: FOLDER, or code: {NAME: FOLDER}"
            around.problems.add("SC017", f"'code' must be a folder, not {shown(text)}", place, hint)
            continue
        found[name] = rebased(text, place.file.folder, around.root)
        if not Path(_absolute(found[name], around)).is_dir():
            around.problems.add("SC604", f"the folder {text} does not exist", place)
    return found


def _baseline(merged: Merged, around: Surroundings) -> str | None:
    part = merged.top.get("baseline")
    if part is None:
        return None
    value, known = around.part(part)
    if not known or value is None:
        return None
    if not isinstance(value, str) or not value:
        around.problems.add("SC017", f"'baseline' must be a file, not {shown(value)}", part.where())
        return None
    return str(rebased(value, part.file.folder, around.root))


def _absolute(text: str, around: Surroundings) -> str:
    path = str(expand(text, around.root, around.environ))
    return os.path.normpath(around.root / path)


def _redact(merged: Merged, around: Surroundings) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for part in merged.redact:
        value, known = around.part(part)
        form = Form({"redact": value}, part.parent, part.where(), "the spec", around.problems)
        for at, name in enumerate(form.texts("redact") if known else ()):
            if _VARIABLE.fullmatch(name):
                found[name] = None
            else:
                form.wrong_item("redact", at, "the name of an environment variable")
    return tuple(found)


def _defaults(merged: Merged, around: Surroundings) -> Defaults:
    found = Defaults()
    for name, part in merged.defaults.items():
        value, known = around.part(part)
        form = Form({name: value}, part.parent, part.where(), "'defaults'", around.problems)
        form.only(DEFAULT_KEYS)
        if known:
            found = _default(found, name, form)
    return found


def _default(found: Defaults, name: str, form: Form) -> Defaults:
    seed, timeout, severity, tags = found.seed, found.timeout, found.severity, found.tags
    if name == "seed":
        seed = form.integer(name, 0, MAX_SEED) or 0
    elif name == "timeout":
        timeout = form.seconds(name)
    elif name == "severity":
        severity = "warn" if form.choice(name, ("fail", "warn")) == "warn" else "fail"
    elif name == "tags":
        tags = form.texts(name)
    return Defaults(seed, timeout, severity, tags)
