"""The JSON Schema of specs: takes what is right, refuses what is wrong in its structure, and knows every name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import yaml

from speccheck.judge import CONSTRAINTS
from speccheck.loading import spec_schema
from speccheck.loading.files import ENTRY_KEYS, TOP_KEYS
from speccheck.loading.schema import PARTS
from speccheck.model.values import Json
from support.fake_declarations import FakeDeclarations
from support.good_specs import WHOLE

SCHEMA: Any = spec_schema(FakeDeclarations())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def text_dates(text: str) -> Json:
    """The spec as YAML 1.2 reads it, where dates are text."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        key: [(tag, pattern) for tag, pattern in found if not tag.endswith("timestamp")]
        for key, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader)


GOOD = text_dates(WHOLE)


def test_it_is_a_schema_of_2020_12() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_good_spec_is_taken() -> None:
    assert [(error.json_path, error.message) for error in VALIDATOR.iter_errors(GOOD)] == []


def entry(spec: Any, name: str) -> Any:
    return next(item for item in spec["checks"] if item["id"] == name)


CHANGES: list[Callable[[Any], Any]] = [
    lambda spec: spec.pop("speccheck"),
    lambda spec: spec.update(speccheck=2),
    lambda spec: spec.update(titel="x"),
    lambda spec: spec.update(checks={}),
    lambda spec: spec.update(code=3),
    lambda spec: spec["defaults"].update(sed=1),
    lambda spec: spec["subjects"].update(x={"adio": "a.wav"}),
    lambda spec: spec["subjects"].update(x={"audio": 3}),
    lambda spec: spec["subjects"].update(x={"audio": "a", "json": "b"}),
    lambda spec: spec["subjects"].update({"a-b": {"audio": "a"}}),
    lambda spec: spec["subjects"]["clip"].update(normal=[0, 1]),
    lambda spec: entry(spec, "repeat").pop("id"),
    lambda spec: entry(spec, "repeat").update(id="a b"),
    lambda spec: entry(spec, "repeat").update(check="demo.repeet"),
    lambda spec: entry(spec, "repeat").pop("check"),
    lambda spec: entry(spec, "repeat").update(section=""),
    lambda spec: entry(spec, "repeat").update(section=3),
    lambda spec: entry(spec, "repeat").pop("expect"),
    lambda spec: entry(spec, "repeat").update(expect={}),
    lambda spec: entry(spec, "repeat").update(observe=True),
    lambda spec: entry(spec, "repeat").update(expct={}),
    lambda spec: entry(spec, "repeat").pop("with"),
    lambda spec: entry(spec, "repeat")["with"].pop("call"),
    lambda spec: entry(spec, "repeat")["with"].update(tims=2),
    lambda spec: entry(spec, "repeat")["with"].update(times=1),
    lambda spec: entry(spec, "repeat")["with"].update(times="many"),
    lambda spec: entry(spec, "repeat")["expect"].update(identcal=True),
    lambda spec: entry(spec, "repeat")["expect"].update(identical={"mn": 1}),
    lambda spec: entry(spec, "repeat")["expect"].update(identical={}),
    lambda spec: entry(spec, "repeat")["expect"].update({"identical.shape": [1]}),
    lambda spec: entry(spec, "shapes").update(matrix={"n": []}),
    lambda spec: entry(spec, "shapes").update(matrix={}),
    lambda spec: entry(spec, "files")["with"].update(mode="al"),
    lambda spec: entry(spec, "files").update(severity="error"),
    lambda spec: entry(spec, "files").update(skip={}),
    lambda spec: entry(spec, "files").update(requires={"package": "x"}),
    lambda spec: entry(spec, "sound")["waiver"].pop("owner"),
    lambda spec: entry(spec, "sound")["waiver"].update(until="soon"),
    lambda spec: entry(spec, "probe")["expected_failure"].pop("reason"),
]


@pytest.mark.parametrize("change", CHANGES, ids=[str(at) for at in range(len(CHANGES))])
def test_what_is_wrong_in_structure_is_refused(change: Callable[[Any], Any]) -> None:
    spec = copy.deepcopy(GOOD)
    change(spec)
    assert not VALIDATOR.is_valid(spec)


@pytest.mark.parametrize(
    "change",
    [
        lambda spec: entry(spec, "repeat")["with"].update(times="${vars.times}"),
        lambda spec: entry(spec, "repeat").update({"with": "${vars.all}"}),
        lambda spec: entry(spec, "files")["with"].update(limits=[1, "${matrix.n}"], mode="${env.MODE:-all}"),
        lambda spec: entry(spec, "shapes").update(matrix={"n": "${vars.sizes}"}),
        lambda spec: entry(spec, "repeat").update(seed="${matrix.n}"),
        lambda spec: spec["subjects"]["noise"].update(normal=["${vars.a}", "$clip"]),
        lambda spec: entry(spec, "repeat")["expect"].update({"*": True}),
        lambda spec: entry(spec, "shapes")["expect"].update({"tensors['out'].dtype": "float32"}),
        lambda spec: entry(spec, "probe")["expect"].update({"layers.*.norm": {"max": 3}}),
        lambda spec: spec.update(checks=[]),
    ],
)
def test_references_and_other_ways_to_write_a_path_are_taken(change: Callable[[Any], Any]) -> None:
    spec = copy.deepcopy(GOOD)
    change(spec)
    assert [(error.json_path, error.message) for error in VALIDATOR.iter_errors(spec)] == []


def test_every_key_and_constraint_is_there() -> None:
    assert set(SCHEMA["properties"]) == set(TOP_KEYS)
    assert set(SCHEMA["$defs"]["entry"]["properties"]) == set(ENTRY_KEYS)
    assert set(PARTS["constraints"]["properties"]) >= set(CONSTRAINTS)


def test_names_and_docs_are_there_to_complete() -> None:
    entries = SCHEMA["$defs"]["entry"]
    names = [option["const"] for option in entries["properties"]["check"]["anyOf"]]
    assert names == list(FakeDeclarations().check_names())
    assert entries["properties"]["check"]["anyOf"][1]["description"] == "One number."
    times = SCHEMA["$defs"]["with demo.repeat"]["properties"]["times"]
    assert (times["description"], times["default"]) == ("how often", 2)
    assert SCHEMA["$defs"]["expect demo.sound"]["properties"]["snr_db"]["description"] == "signal to noise ratio (dB)"
    loaders = [option["required"] for option in SCHEMA["$defs"]["definition"]["anyOf"]]
    assert loaders == [[name] for name in FakeDeclarations().loader_names()]
