"""Parameters of a check: their schema, kinds and conversion, all from the annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jsonschema
import pytest

from speccheck.model.declaration import FieldKind
from speccheck.sdk.live import Fresh, Live
from speccheck.sdk.params import bind, describe, param, params_schema
from speccheck.sdk.training import TrainingRecipe

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Step:
    """A nested parameter."""

    lr: float = param("learning rate", above=0)
    name: str = param("name", default="adam")


@dataclass(frozen=True)
class Params:
    """One field of each sort."""

    call: Live[Callable[..., Any]] = param("what is called")
    tensors: Mapping[str, Live[torch.Tensor]] = param("tensors by name")
    inputs: Sequence[Live[Any]] = param("inputs", min_length=1)
    make: Fresh[torch.nn.Module] = param("a factory")
    repeats: int = param("how often", default=2, min=2, max=10)
    rate: float | None = param("a rate", default=None)
    mode: Literal["eval", "train"] = param("mode of the model", default="eval")
    file: Path | None = param("a file", default=None)
    folders: tuple[Path, ...] = param("folders", default=())
    sizes: tuple[int, ...] = param("sizes", default=(1, 2))
    pair: tuple[int, str] = param("two of different kinds", default=(1, "a"))
    steps: tuple[Step, ...] = param("steps", default=())
    options: Mapping[str, float] = param("options", default={})
    anything: Any = param("anything", default=None)
    dtype: torch.dtype | None = param("of an unimported type", default=None)
    ranks: Mapping[str, torch.distributed.ProcessGroup] = param("and deep inside one", default={})
    either: int | str = param("one of two kinds", default=0)
    optional: Live[Any] | None = param("may be left out", default=None)


LIVE: dict[str, Any] = {"call": print, "tensors": {}, "inputs": [1], "make": None}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("call", "live"),
        ("tensors", "live_mapping"),
        ("inputs", "live_list"),
        ("make", "fresh"),
        ("repeats", "plain"),
        ("file", "path"),
        ("folders", "path"),
        ("optional", "live"),
    ],
)
def test_the_kind_of_a_field(name: str, kind: FieldKind) -> None:
    assert {field.name: field.kind for field in describe(Params)}[name] == kind


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("call", {"description": "what is called"}),
        (
            "dtype",
            {
                "anyOf": [{}, {"type": "null"}],
                "description": "of an unimported type",
                "default": None,
            },
        ),
        ("tensors", {"type": "object", "additionalProperties": {}, "description": "tensors by name"}),
        ("inputs", {"type": "array", "items": {}, "minItems": 1, "description": "inputs"}),
        ("make", {"description": "a factory"}),
        ("repeats", {"type": "integer", "minimum": 2, "maximum": 10, "description": "how often", "default": 2}),
        ("mode", {"enum": ["eval", "train"], "description": "mode of the model", "default": "eval"}),
        ("sizes", {"type": "array", "items": {"type": "integer"}, "description": "sizes", "default": [1, 2]}),
    ],
)
def test_the_schema_of_a_field(name: str, schema: dict[str, Any]) -> None:
    assert params_schema(Params)["properties"][name] == schema


def test_the_schema_is_a_schema_and_names_what_must_be_given() -> None:
    schema = params_schema(Params)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["required"] == ["call", "tensors", "inputs", "make"]
    assert schema["additionalProperties"] is False
    assert "required" not in params_schema(dataclass(frozen=True)(type("Empty", (), {})))


@pytest.mark.parametrize(
    ("given", "valid"),
    [
        ({}, True),
        ({"repeats": 1}, False),
        ({"repeats": 11}, False),
        ({"repeats": "3"}, False),
        ({"rate": None}, True),
        ({"rate": 0.5}, True),
        ({"rate": "fast"}, False),
        ({"mode": "test"}, False),
        ({"file": ""}, False),
        ({"pair": [1, "a"]}, True),
        ({"dtype": "float32"}, True),
        ({"ranks": {"a": 1}}, True),
        ({"ranks": [1]}, False),
        ({"pair": [1]}, False),
        ({"pair": ["a", 1]}, False),
        ({"steps": [{"lr": 0.1}]}, True),
        ({"steps": [{"lr": 0}]}, False),
        ({"steps": [{"name": "sgd"}]}, False),
        ({"steps": [{"lr": 0.1, "momentum": 1}]}, False),
        ({"inputs": []}, False),
        ({"either": "a"}, True),
        ({"either": 1.5}, False),
        ({"repeat": 2}, False),
    ],
)
def test_what_the_schema_accepts(given: dict[str, Any], valid: bool) -> None:
    base = dict.fromkeys(("call", "make"), 0) | {"tensors": {}, "inputs": [0]}
    assert jsonschema.Draft202012Validator(params_schema(Params)).is_valid({**base, **given}) is valid


def test_values_are_converted_to_what_the_annotations_say() -> None:
    given = {
        "file": "a/b.txt",
        "folders": ["x", "y"],
        "sizes": [3],
        "pair": [2, "b"],
        "steps": [{"lr": 1}],
        "options": {"a": 1},
        "rate": 2,
    }
    bound = bind(Params, {**LIVE, **given})
    assert bound.file == Path("a/b.txt")
    assert bound.folders == (Path("x"), Path("y"))
    assert (bound.sizes, bound.pair) == ((3,), (2, "b"))
    assert bound.steps == (Step(lr=1.0, name="adam"),)
    assert type(bound.steps[0].lr) is float
    assert type(bound.options["a"]) is float
    assert type(bound.rate) is float


def test_live_values_are_handed_on_as_they_are() -> None:
    tensors: dict[str, Any] = {"a": object()}
    factory: Fresh[Any] = Fresh(list)
    bound = bind(Params, {**LIVE, "call": print, "tensors": tensors, "make": factory})
    assert bound.call is print
    assert bound.tensors is tensors
    assert bound.make is factory


def test_defaults_of_lists_and_mappings_are_never_shared() -> None:
    first, second = bind(Params, LIVE), bind(Params, LIVE)
    assert first.options == {}
    assert first.options is not second.options
    assert first.rate is None


@dataclass(frozen=True)
class Longer(Step):
    """Inherited parameters, one of them with another default."""

    name: str = param("another name", default="sgd")
    kind: Literal["a", "b"] = param("kind", default="a")


@dataclass(frozen=True)
class FromAnotherModule(TrainingRecipe):
    """Parameters whose annotations use names that this module lacks."""

    frozen: tuple[str, ...] = param("names", default=())


def test_parameters_are_inherited_in_their_place() -> None:
    assert [(field.name, field.schema["description"]) for field in describe(Longer)] == [
        ("lr", "learning rate"),
        ("name", "another name"),
        ("kind", "kind"),
    ]
    assert [field.required for field in describe(Longer)] == [True, False, False]
    assert bind(Longer, {"lr": 1}) == Longer(lr=1.0, name="sgd", kind="a")


def test_inherited_annotations_are_read_where_they_are_written() -> None:
    fields = {field.name: field for field in describe(FromAnotherModule)}
    kinds = [fields[name].kind for name in ("steps", "model", "loss", "inputs", "batch", "trainer")]
    assert kinds == ["plain", "fresh", "live", "live_list", "live", "fresh"]
    assert "OptimizerName" not in globals()
    assert fields["optimizer"].schema["enum"] == ["adam", "adamw", "sgd"]


def test_what_is_not_given_and_has_no_default_is_an_error() -> None:
    with pytest.raises(TypeError, match="lr"):
        bind(Step, {})


def test_an_annotation_that_yaml_cannot_give_is_an_error() -> None:
    @dataclass(frozen=True)
    class Wrong:
        value: complex = param("a complex number")

    with pytest.raises(TypeError, match=r"Wrong\.value: YAML cannot give .*declare it Live"):
        describe(Wrong)


@pytest.mark.parametrize("given", [int, 3, Step(lr=1.0)])
def test_what_is_no_dataclass_is_an_error(given: Any) -> None:
    with pytest.raises(TypeError, match="is not a dataclass"):
        describe(given)
