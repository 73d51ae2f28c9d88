"""The keys of an entry that need no other: title, section, tags, needs, severity, timeout, requires, skip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from speccheck.loading.forms import Form
from speccheck.loading.paths import rebased
from speccheck.loading.settings import Defaults
from speccheck.model.spec import Requires


def read_others(form: Form, defaults: Defaults, root: Path) -> dict[str, Any]:
    """The fields of an entry for these keys, each read only where it stands; defaults for the rest."""
    has = form.values
    found: dict[str, Any] = {"tags": defaults.tags, "timeout": defaults.timeout, "severity": defaults.severity}
    if "severity" in has:
        found["severity"] = "warn" if form.choice("severity", ("fail", "warn")) == "warn" else "fail"
    if "title" in has:
        found["title"] = form.text("title")
    if "section" in has:
        found["section"] = form.text("section")
    if has.get("observe") is True:
        found["observe"] = True
    if "needs" in has:
        found["needs"] = form.texts("needs")
    if "tags" in has:
        found["tags"] = form.texts("tags")
    if "timeout" in has:
        found["timeout"] = form.seconds("timeout")
    if "requires" in has:
        found["requires"] = _requires(form.part("requires"), root)
    if "skip" in has:
        found["skip"] = _skip(form.part("skip"))
    return found


def _requires(form: Form | None, root: Path) -> Requires | None:
    if form is None:
        return None
    form.only(("packages", "files", "device"))
    files = rebased(list(form.texts("files")), form.fallback.file.folder, root)
    return Requires(packages=form.texts("packages"), files=tuple(files), device=form.text("device"))


def _skip(form: Form | None) -> str | None:
    if form is None:
        return None
    form.only(("reason",))
    return form.text("reason") if form.need("reason") else None
