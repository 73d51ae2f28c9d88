"""The pool: what is changed in place leaves it with all that was built from it, and later scopes get new instances."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import PIL.Image
import pytest

from speccheck.sdk import BuildContext, Loader
from speccheck.subjects import Change
from unit.subjects.support import MakeFactory


class Box:
    """A thing with content, which may be built from others."""

    def __init__(self, content: Any) -> None:
        self.content = content
        self.seen = 0


def boxes(*, changing: str = "", kept: Box | None = None) -> Loader:
    def load(definition: Mapping[str, Any], context: BuildContext) -> Box:
        content = definition["box"]
        if context.seed and changing and isinstance(content, Box) and definition.get("touch"):
            content.seen += 1
        return kept or Box(content)

    return Loader(name="box", load=load, keys={"touch": {}}, schema={})


DEFINITIONS = {
    "a": {"box": [1]},
    "b": {"box": "$a"},
    "c": {"box": "$b"},
    "d": {"box": [4]},
}


def test_a_change_is_named_once_and_ends_in_new_instances(factory: MakeFactory) -> None:
    shop = factory(loaders=[boxes()])
    first = shop.scope(DEFINITIONS)
    a, b, c, d = (first.get(name) for name in "abcd")
    assert first.changed() == ()
    a.content.append(2)
    assert first.changed() == (Change("$a", ("content",)),)
    assert first.changed() == ()
    later = shop.scope(DEFINITIONS)
    assert later.get("a").content == [1]
    assert later.get("c").content.content is later.get("a")
    assert later.get("b") is not b
    assert later.get("c") is not c
    assert later.get("d") is d


def test_a_picture_is_watched_from_when_it_was_read(factory: MakeFactory) -> None:
    file = io.BytesIO()
    PIL.Image.new("L", (4, 3)).save(file, "PNG")
    shop = factory(loaders=[Loader(name="box", load=lambda *_: PIL.Image.open(file), keys={}, schema={})])
    scope = shop.scope({"a": {"box": 1}})
    scope.get("a").load()
    assert scope.changed() == ()
    scope.get("a").putpixel((0, 0), 1)
    assert scope.changed() == (Change("$a", ("",)),)


def test_parts_are_looked_at_and_what_was_not_reached_is_not(factory: MakeFactory) -> None:
    shop = factory(loaders=[boxes()])
    shop.scope(DEFINITIONS).get("d").content.append(5)
    first = shop.scope(DEFINITIONS)
    first.get("c").content.content.seen = 7
    assert first.changed() == (Change("$a", ("seen",)),)
    assert shop.scope(DEFINITIONS).get("a").seen == 0


def test_building_one_subject_may_change_another(factory: MakeFactory) -> None:
    shop = factory(loaders=[boxes(changing="a")])
    scope = shop.scope({"a": {"box": [1]}, "b": {"box": "$a", "touch": True}})
    assert scope.live("$b", "live").content.seen == 1
    assert scope.built
    assert scope.changed() == (Change("$a", ("seen",)),)
    assert shop.scope({"a": {"box": [1]}}).get("a").seen == 0


def test_one_object_that_audited_code_keeps_is_named_again(factory: MakeFactory) -> None:
    shop = factory(loaders=[boxes(kept=Box("one"))])
    first = shop.scope({"a": {"box": 1}})
    first.get("a").seen = 1
    assert first.changed() == (Change("$a", ("seen",)),)
    second = shop.scope({"a": {"box": 1}})
    assert second.get("a").seen == 1
    assert second.changed() == (Change("$a", again=True),)
    assert shop.scope({"a": {"box": 1}}).changed() == ()


def test_definitions_inside_parameters_are_named_by_their_parameter(factory: MakeFactory) -> None:
    scope = factory(loaders=[boxes()]).scope(DEFINITIONS)
    scope.live([{"box": [1]}], "live", "left")[0].seen = 2
    assert scope.changed() == (Change("parameter left[0]", ("seen",)),)


def test_fresh_instances_are_not_watched(factory: MakeFactory) -> None:
    scope = factory(loaders=[boxes()]).scope(DEFINITIONS)
    make = scope.live("$b", "fresh")
    assert scope.reached
    make().content.seen = 3
    assert scope.changed() == ()


@pytest.mark.parametrize(("value", "reached"), [(3, False), ("$a", True), ({"box": 1}, True)])
def test_a_scope_tells_whether_it_reached_anything(factory: MakeFactory, value: Any, reached: bool) -> None:
    shop = factory(loaders=[boxes()])
    shop.scope(DEFINITIONS).get("a")
    scope = shop.scope(DEFINITIONS)
    scope.live(value, "live", "left")
    assert scope.reached is reached
    assert scope.built is (reached and value != "$a")
