"""Scopes: building once, sharing, fresh copies, references, placeholders, errors that stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from speccheck.sdk import BuildContext, Fresh, Loader, PartialCall, SubjectError
from speccheck.sdk.live import Placeholder
from unit.subjects.support import MakeFactory


class Thing:
    """A built thing: what it was built from, and the seed."""

    def __init__(self, value: Any, seed: int, parts: Any = None) -> None:
        self.value = value
        self.seed = seed
        self.parts = parts
        self.items = [10, 20]


def thing_loader(built: list[str], failing: str = "") -> Loader:
    def load(definition: Mapping[str, Any], context: BuildContext) -> Thing:
        built.append(str(definition["thing"]))
        if definition["thing"] == failing:
            raise ValueError("no such thing")
        return Thing(definition["thing"], context.seed, definition.get("of"))

    return Loader(name="thing", load=load, keys={"of": {}}, schema={})


@pytest.fixture
def built() -> list[str]:
    return []


def test_a_subject_is_built_once_and_only_when_needed(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope({"a": {"thing": "a"}, "b": {"thing": "b", "of": "$a"}})
    assert built == []
    assert scope.get("b").parts is scope.get("a")
    assert scope.get("b") is scope.get("b")
    assert built == ["a", "b"]
    assert scope.names() == ("a", "b")


def test_scopes_share_what_is_built_from_equal_definitions_and_nothing_else(
    factory: MakeFactory, built: list[str]
) -> None:
    shop = factory(loaders=[thing_loader(built)])
    first = shop.scope({"a": {"thing": 1}, "b": {"thing": "b", "of": "$a"}, "c": {"thing": "c"}})
    same = shop.scope({"b": {"of": "$a", "thing": "b"}, "a": {"thing": 1}})
    other = shop.scope({"a": {"thing": 2}, "b": {"thing": "b", "of": "$a"}, "c": {"thing": "c"}})
    assert first.get("b") is same.get("b")
    assert first.get("b") is not other.get("b")  # its own definition is equal, what it is built from is not
    assert other.get("b").parts.value == 2
    assert first.get("c") is other.get("c")


def test_seeds_come_from_name_and_seed_alone(factory: MakeFactory, built: list[str]) -> None:
    definitions = {
        "a": {"thing": 1},
        "b": {"thing": 1},
        "own": {"thing": 1, "seed": 7},
        "in": {"thing": 1, "of": [{"thing": 2}]},
    }
    seeds = []
    for order in (("a", "b", "own", "in"), ("in", "own", "b", "a")):
        scope = factory(seed=3, loaders=[thing_loader(built)]).scope(definitions)
        values = {name: scope.get(name) for name in order}
        found = {name: value.seed for name, value in sorted(values.items())}
        seeds.append({**found, "of": values["in"].parts[0].seed})
    assert seeds[0] == seeds[1]
    assert len(set(seeds[0].values())) == 5
    elsewhere = factory(seed=4, loaders=[thing_loader(built)]).scope(definitions)
    assert elsewhere.get("a").seed != seeds[0]["a"]
    assert elsewhere.get("own").seed == seeds[0]["own"]


def test_fresh_gives_new_instances_of_everything(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope(
        {"a": {"thing": "a"}, "b": {"thing": "b", "of": ["$a", "$a.items"]}}
    )
    shared = scope.get("b")
    fresh = scope.live("$b", "fresh")
    assert isinstance(fresh, Fresh)
    one, two = fresh(), fresh()
    assert len({id(item) for item in (shared, one, two)}) == 3
    assert len({id(item.parts[0]) for item in (shared, one, two)}) == 3
    assert one.parts[1] is one.parts[0].items  # within one copy, one instance of each
    assert one.seed == two.seed == shared.seed
    items = scope.live("$a.items", "fresh")
    assert items() == [10, 20]
    assert items() is not items()
    assert scope.live(None, "fresh") is None
    inline = scope.live({"thing": "i", "of": "$a"}, "fresh", "model")
    assert inline().parts is not inline().parts


def test_live_values_nest_and_literals_stay(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)], environ={"N": "$a"}).scope({"a": {"thing": "a"}})
    a = scope.get("a")
    value = scope.live(["$a.items[1]", {"deep": "$a"}, 3, None, "text", "$$a", "${env.N}", "$${here}"], "live")
    assert value == [20, {"deep": a}, 3, None, "text", "$a", "$a", "${here}"]
    assert all(type(item) is str for item in value[4:])
    assert scope.live({"thing": "inline"}, "live").value == "inline"


def test_live_mapping_and_list_are_never_definitions(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope({"a": {"thing": "a"}})
    assert scope.live({"thing": "$a"}, "live_mapping") == {"thing": scope.get("a")}
    assert [item.value for item in scope.live(["$a", {"thing": "b"}], "live_list")] == ["a", "b"]
    assert scope.live("$a.items", "live_list") == [10, 20]


def test_arguments_named_like_a_loader_are_arguments(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope(
        {"a": {"thing": "a"}, "f": {"function": "builtins:dict", "args": {"thing": "$a"}}}
    )
    assert scope.get("f")() == {"thing": scope.get("a")}


def test_inline_definitions_draw_under_the_name_of_their_parameter(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope({})
    first, second = (scope.live({"thing": 1}, "live", name) for name in ("reference", "estimate"))
    assert first.seed != second.seed
    assert scope.live({"thing": 1}, "live", "reference") is first


def test_plain_and_path_values_are_only_expanded(factory: MakeFactory, tmp_path: Path) -> None:
    scope = factory(environ={"DATA": "/data"}).scope({})
    assert scope.live({"json": "${here}/x", "n": 1, "t": "$a"}, "plain") == {"json": f"{tmp_path}/x", "n": 1, "t": "$a"}
    assert scope.live("sub/../x.json", "path") == str(tmp_path.resolve() / "x.json")
    assert scope.live(["${env.DATA}/a", "b"], "path") == ["/data/a", str(tmp_path.resolve() / "b")]
    assert scope.live({"k": "."}, "path") == {"k": str(tmp_path.resolve())}
    assert scope.live(None, "path") is None
    with pytest.raises(SubjectError, match=r"parameter 'p\[0\]': a path must be text, not int"):
        scope.live([3], "path", "p")
    with pytest.raises(SubjectError, match="environment variable NONE is not set"):
        scope.live("${env.NONE}", "plain", "p")


def test_a_failed_subject_gives_the_same_error_and_is_not_built_again(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built, failing="a")]).scope(
        {"a": {"thing": "a"}, "b": {"thing": "b", "of": "$a"}}
    )
    errors = []
    for name in ("b", "a", "b"):
        with pytest.raises(SubjectError) as caught:
            scope.get(name)
        errors.append(caught.value)
    assert built == ["a"]
    assert errors[0] is errors[1] is errors[2]
    assert errors[0].name == "a"
    assert isinstance(errors[0].cause, ValueError)
    assert str(errors[0]) == "the loader thing raised ValueError: no such thing"


def test_wrong_names_are_errors_with_a_suggestion(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope({"clip": {"thing": "a"}, "odd": {"thin": 1}})
    with pytest.raises(SubjectError, match=r"^not defined; did you mean 'clip'\?"):
        scope.live("$clp", "live")
    with pytest.raises(SubjectError, match=r"\$clip \(Thing\) has no attribute 'item'; did you mean 'items'?"):
        scope.live("$clip.item", "live")
    with pytest.raises(SubjectError, match=r"\$clip.items\[5\] \(list\) raised IndexError"):
        scope.live("$clip.items[5]", "live")
    with pytest.raises(SubjectError, match="'thin' names no loader; the loaders are audio, "):
        scope.get("odd")


def test_an_attribute_of_a_mapping_says_how_to_write_its_key(
    factory: MakeFactory, write: Callable[[str, str], Path]
) -> None:
    write("c.json", '{"dim": {"model": 3}}')
    scope = factory().scope({"c": {"json": "c.json"}})
    assert scope.live('$c["dim"]["model"]', "live") == 3
    with pytest.raises(SubjectError, match=r'has no attribute \'dim\'; for its key write \$c\["dim"\]'):
        scope.live("$c.dim", "live")


def test_subjects_built_from_themselves_are_an_error(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope(
        {
            "a": {"thing": "a", "of": ["$b"]},
            "b": {"expr": "c"},
            "c": {"thing": "c", "of": {"thing": "in", "of": "$a"}},
            "self": {"thing": "s", "of": "$self"},
        }
    )
    with pytest.raises(SubjectError, match="built from itself: a -> b -> c -> a"):
        scope.get("a")
    with pytest.raises(SubjectError, match="self -> self"):
        scope.get("self")
    assert built == []


@pytest.mark.slow
def test_keys_that_a_loader_does_not_take_are_errors(factory: MakeFactory, built: list[str]) -> None:
    shop = factory(loaders=[thing_loader(built)])
    for definition, message in (
        ({"thing": 1, "args": []}, "the loader thing does not accept the key 'args'"),
        ({"thing": 1, "seed": "one"}, "seed must be a whole number, not 'one'"),
        ({"thing": 1, "code": 3}, "code must be the name of a code folder, not 3"),
        ({"thing": 1, "device": "cpu"}, "device can be set on a torch module or tensor, not on Thing"),
    ):
        with pytest.raises(SubjectError, match=message):
            shop.scope({"x": definition}).get("x")


def test_placeholders_stand_in_a_functions_arguments_only(factory: MakeFactory, built: list[str]) -> None:
    shop = factory(loaders=[thing_loader(built)])
    loss = {
        "function": "builtins:max",
        "args": ["${output.logits[0]}", ["${batch}"], "$t.items"],
        "kwargs": {"key": "${seed}"},
    }
    bound = shop.scope({"x": loss, "t": {"thing": 1}}).get("x")
    assert isinstance(bound, PartialCall)
    assert bound.placeholders == {"output", "batch", "seed"}
    output = bound.args[0]
    assert isinstance(output, Placeholder)
    assert output.path == (("attr", "logits"), ("item", 0))
    for definition in ({"target": "builtins:max", "args": ["${output}"]}, {"thing": "${output}"}):
        with pytest.raises(SubjectError, match=r"\$\{output\} belongs in the args of a function"):
            shop.scope({"x": definition}).get("x")
    with pytest.raises(SubjectError, match="parameter 'p': "):
        shop.scope({}).live("${batch}", "live", "p")


def test_subjects_may_be_lists_and_aliases(factory: MakeFactory, built: list[str]) -> None:
    scope = factory(loaders=[thing_loader(built)]).scope({"a": {"thing": 1}, "b": "$a", "all": ["$a", {"thing": 2}]})
    assert scope.get("b") is scope.get("a")
    assert [item.value for item in scope.get("all")] == [1, 2]
