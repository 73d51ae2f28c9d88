"""What a spec says beside subjects and entries: title, code folders, baseline, defaults, redacted variables."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from speccheck.loading.files import Part
from speccheck.loading.forms import Form, shown
from speccheck.loading.interpolate import Resolver
from speccheck.loading.merge import Merged
from speccheck.loading.overrides import DEFAULT_KEYS
from speccheck.loading.paths import rebased
from speccheck.loading.problems import Problems
from speccheck.loading.references import expand, settled
from speccheck.loading.variables import Vars
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json

MAX_SEED = 2**32 - 1
"""The largest seed: numpy takes 32 bits."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


@dataclass(frozen=True)
class Defaults:
    """What an entry has that does not say otherwise; ``timeout`` in seconds."""

    seed: int = 0
    timeout: float | None = None
    severity: EntrySeverity = "fail"
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """Absolute paths beside the portable texts that they came from."""

    title: str = ""
    code: dict[str, str] = field(default_factory=dict)
    portable_code: dict[str, str] = field(default_factory=dict)
    baseline: str | None = None
    portable_baseline: str | None = None
    redact: tuple[str, ...] = ()
    defaults: Defaults = Defaults()


@dataclass(frozen=True)
class Surroundings:
    """What every reader of a part of a spec needs: where the root is, the environment, variables, diagnostics."""

    root: Path
    environ: Mapping[str, str]
    problems: Problems
    variables: Vars

    def resolver(self) -> Resolver:
        """A resolver of variables only."""
        return Resolver(self.root, self.environ, self.problems, self.variables)

    def part(self, part: Part) -> tuple[Json, bool]:
        """The value of a part with its references resolved, and whether all of them had a value."""
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
            around.problems.add("SC604", f"there is no folder {text}", place)
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
