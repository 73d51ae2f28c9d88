"""Check the ``with`` of an entry against the check that it names: schema, live values, and the metrics it narrows."""

from __future__ import annotations

from collections.abc import Mapping

from speccheck.loading.definitions import LiveReader, with_seed
from speccheck.loading.forms import Form, shown
from speccheck.loading.paths import dig, rebased
from speccheck.loading.references import LIVE_KINDS, expand, parse_reference, wanted_placeholders
from speccheck.loading.settings import Surroundings
from speccheck.loading.subjects import Subjects, rebased_live
from speccheck.loading.validation import Misfit, SchemaCheck
from speccheck.loading.yaml.source import SourceFile, Where
from speccheck.model.declaration import PLACEHOLDERS, CheckDeclaration, Declarations
from speccheck.model.metrics import Metric, Metrics, pattern_parts
from speccheck.model.paths import MetricPath, format_path
from speccheck.model.values import Json

_MANY_KINDS = ("live_mapping", "live_list")


class KnownCheck:
    """A declared check with values derived from it once: its compiled schema, its parsed patterns."""

    def __init__(self, name: str, declaration: CheckDeclaration) -> None:
        self.name = name
        self.declaration = declaration
        self.schema = SchemaCheck(declaration.params)
        self.live = {field: kind for field, kind in declaration.fields.items() if kind in LIVE_KINDS}
        self.paths = [field for field, kind in declaration.fields.items() if kind == "path"]
        self.plain = not self.live and not self.paths
        self._dynamic = {pattern: parameters for pattern in declaration.metrics if (parameters := _parameters(pattern))}
        self._defaults = {
            name: schema["default"]
            for name, schema in (declaration.params or {}).get("properties", {}).items()
            if isinstance(schema, Mapping) and "default" in schema
        }

    def metrics(self, params: Mapping[str, Json] | None) -> Metrics:
        """Return the declared metrics, ``{parameter}`` narrowed to the keys or items that the parameter has."""
        if not self._dynamic or params is None:
            return self.declaration.metrics
        found: dict[str, Metric] = {}
        for pattern, metric in self.declaration.metrics.items():
            if pattern not in self._dynamic:
                found[pattern] = metric
                continue
            paths = [pattern_parts(pattern)]
            for parameter in self._dynamic[pattern]:
                keys = _keys(params.get(parameter, self._defaults.get(parameter)))
                if keys is not None:
                    paths = [_filled(path, parameter, key) for path in paths for key in keys]
            found.update({_pattern(path): metric for path in paths})
        return found


class ParamsReader:
    """Reads the ``with`` of entries."""

    def __init__(self, subjects: Subjects, declarations: Declarations, around: Surroundings, seed: int) -> None:
        self._subjects = subjects
        self._declarations = declarations
        self._around = around
        self._seed = seed

    def read(self, check: KnownCheck, params: dict[str, Json], form: Form, *, touched: bool) -> dict[str, Json]:
        """Return the portable parameters, and report every error in them.

        ``touched``: references were resolved in them, so some may be left for later.
        """
        expanded = expand(params, self._around.root, self._around.environ) if touched else params
        for misfit in check.schema.misfits(expanded):
            self._misfit(check, misfit, params, form)
        if check.plain:
            self._warn_plain(check, params, form)
            return params
        for name, kind in check.live.items():
            if name in params:
                self._live(name, kind in _MANY_KINDS, params[name], form)
                self._placeholders(check, name, params[name], form)
        self._warn_plain(check, params, form)
        self._warn_unmarked(check, params, form)
        return self._portable(check, params, form)

    def subjects(self, check: KnownCheck, params: Mapping[str, Json]) -> frozenset[str]:
        """Return the subjects that the parameters reach."""
        found: frozenset[str] = frozenset()
        for name, kind in check.live.items():
            if name in params:
                found |= self._subjects.reached(params[name], definable=kind not in _MANY_KINDS)
        return found

    def _live(self, name: str, many: bool, value: Json, form: Form) -> None:
        reader = LiveReader(self._subjects.names, form)
        if many and isinstance(value, dict):
            for key, item in value.items():
                reader.check(item, (name, key), top=True)
        elif many and isinstance(value, list):
            for at, item in enumerate(value):
                reader.check(item, (name, at), top=True)
        else:
            reader.check(value, (name,), definable=not many, top=True)

    def _placeholders(self, check: KnownCheck, name: str, value: Json, form: Form) -> None:
        """Report the placeholders of a function that the check does not fill in."""
        filled = dig(check.declaration.params, ("properties", name, PLACEHOLDERS))
        if filled is None:
            return
        offered = " and ".join(f"${{{item}}}" for item in filled) or "no placeholder"
        for wanted in sorted(wanted_placeholders(value, self._subjects.definitions, self._declarations) - set(filled)):
            message = f"nothing fills in ${{{wanted}}} here: '{name}' of {check.name} fills in {offered}"
            hint = "leave it out: the check passes what it has as the next arguments" if not filled else ""
            self._around.problems.add("SC310", message, form.where(name), hint)

    def _portable(self, check: KnownCheck, params: dict[str, Json], form: Form) -> dict[str, Json]:
        found = dict(params)
        root = self._around.root
        for name in check.paths:
            if name in found:
                found[name] = rebased(found[name], form.where(name).file.folder, root)
        for name, kind in check.live.items():
            if name in found and isinstance(found[name], (dict, list)):
                definable = kind not in _MANY_KINDS
                file: SourceFile = form.where(name).file
                moved = rebased_live(found[name], file, root, self._declarations, definable=definable)
                if self._seed:
                    moved = with_seed(moved, self._seed, self._declarations, definable=definable)
                found[name] = moved
        return found

    def _misfit(self, check: KnownCheck, misfit: Misfit, params: Mapping[str, Json], form: Form) -> None:
        problems, path = self._around.problems, misfit.path
        name = ".".join(map(str, path))
        if misfit.kind == "unknown":
            message = f"unknown parameter '{name}' of check {check.name}"
            problems.add("SC103", message, form.key_where(*path), misfit.hint)
        elif misfit.kind == "missing":
            doc = dig(check.declaration.params, ("properties", str(path[0]), "description"))
            message = f"check {check.name} needs the parameter '{name}'"
            hint = f"{path[-1]}: {doc}" if doc and len(path) == 1 else ""
            problems.add("SC104", message, form.where(*path), hint)
        else:
            value = dig(params, path)
            message = f"parameter '{name}' of {check.name} must be {misfit.expected}, not {shown(value)}"
            problems.add("SC105", message, form.where(*path), misfit.hint)

    def _warn_plain(self, check: KnownCheck, params: Mapping[str, Json], form: Form) -> None:
        for name, value in params.items():
            if value.__class__ is not str or value[:1] != "$" or check.declaration.fields.get(name) != "plain":
                continue
            reference = parse_reference(value)
            if reference is not None and reference.name in self._subjects.names.subjects:
                message = f"parameter '{name}' of {check.name} is not live: '{value}' is text here, no subject"
                self._around.problems.add("SC603", message, form.where(name))

    def _warn_unmarked(self, check: KnownCheck, params: Mapping[str, Json], form: Form) -> None:
        """Text in a live parameter that is the name of a subject: the sign before it was probably forgotten."""
        for name, value in params.items():
            kind = check.declaration.fields.get(name, "plain")
            texts: dict[tuple[str | int, ...], Json] = {(): value} if kind in ("live", "fresh") else {}
            if kind == "live_list" and isinstance(value, list):
                texts = {(index,): item for index, item in enumerate(value)}
            if kind == "live_mapping" and isinstance(value, dict):
                texts = {(key,): item for key, item in value.items()}
            for path, text in texts.items():
                if text.__class__ is str and text in self._subjects.names.subjects:
                    message = f"'{text}' is text here, though a subject has this name"
                    self._around.problems.add(
                        "SC608", message, form.where(name, *path), f"write ${text} for the subject"
                    )


def with_form(value: Json, raw: Json, where: Where, what: str, around: Surroundings) -> Form | None:
    """Return the form of a ``with``; report a value that is not a mapping."""
    if isinstance(value, dict):
        return Form(value, raw, where, what, around.problems)
    around.problems.add("SC017", f"{what} must be a mapping, not {shown(value)}", where)
    return None


def _parameters(pattern: str) -> list[str]:
    return [part[1:-1] for part in pattern_parts(pattern) if part.startswith("{") and part[1:-1].isidentifier()]


def _keys(value: Json) -> list[str] | None:
    """The keys or items that the value has as written; None when only building it would tell."""
    if isinstance(value, dict):
        return list(value)
    if not isinstance(value, list):
        return None
    known = all(isinstance(item, (str, int)) and not str(item).startswith("$") for item in value)
    return [str(item) for item in value] if known else None


def _filled(path: MetricPath, parameter: str, key: str) -> MetricPath:
    return tuple(key if part == f"{{{parameter}}}" else part for part in path)


def _pattern(path: MetricPath) -> str:
    """The text of a pattern some of whose parts may still be ``{parameter}``."""
    # An empty first part makes format_path write the second as it does after another part.
    parts = [f".{part}" if part.startswith("{") else format_path(("", part))[4:] for part in path]
    return "".join(parts).removeprefix(".")
