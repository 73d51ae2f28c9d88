"""Entries: their keys, their parameters, their expectations."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from speccheck.loading import Loaded, load_spec
from speccheck.model.diagnostic import Position
from speccheck.model.spec import Entry, ExpectedFailure, Requires, Waiver
from support.diagnosed import codes, places
from support.fake_declarations import FakeDeclarations

Load = Callable[..., Loaded]
One = Callable[..., Loaded]


def only(loaded: Loaded) -> Entry:
    assert loaded.spec is not None, loaded.diagnostics
    (found,) = loaded.spec.entries
    return found


def test_an_entry_has_everything_that_is_written(entry: One) -> None:
    found = only(
        entry(
            "title: A number",
            "section: B. Numbers",
            "tags: [x, y]",
            "severity: warn",
            "seed: 4",
            "timeout: 500ms",
            "requires: {packages: [torch], files: a.bin, device: cuda}",
            "skip: {reason: not today}",
            "expected_failure: {metrics: [value], reason: broken, until: 2027-06-30}",
            "waiver: {owner: me, reason: soon, until: 2027-01-31, worst: {value: {max: 9}}}",
            expect="{value: {max: 2}}",
        )
    )
    assert (found.id, found.base, found.check, found.title) == ("a", "a", "demo.number", "A number")
    assert found.section == "B. Numbers"
    assert (found.tags, found.severity, found.timeout, found.skip) == (("x", "y"), "warn", 0.5, "not today")
    assert found.measurement.seed == 4
    assert found.requires == Requires(packages=("torch",), files=("a.bin",), device="cuda")
    assert found.expected_failure == ExpectedFailure("broken", ("value",), "2027-06-30")
    assert found.waiver == Waiver("me", "soon", "2027-01-31", {"value": {"max": 9}})
    assert found.expect == {"value": {"max": 2}}
    assert found.position == Position("spec.yaml", 3, 7)
    assert found.positions == {"value": Position("spec.yaml", 6, 12)}


def test_an_entry_has_the_defaults(entry: One) -> None:
    found = only(entry(top="defaults: {seed: 3, timeout: 2m, severity: warn, tags: slow}\n"))
    assert (found.measurement.seed, found.timeout, found.severity, found.tags) == (3, 120.0, "warn", ("slow",))
    own = only(entry("seed: 1", "timeout: 1", "severity: fail", "tags: []", top="defaults: {seed: 3, timeout: 2m}\n"))
    assert (own.measurement.seed, own.timeout, own.severity, own.tags) == (1, 1.0, "fail", ())


def test_the_version_of_the_check_is_measured_too(load: Load) -> None:
    text = "speccheck: 1\nchecks: [{id: a, check: demo.repeat, with: {call: x}, observe: true}]\n"
    found = only(load(text))
    assert (found.measurement.version, found.observe, found.expect) == (3, True, {})


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("expct: {}", ["SC015 7:3"]),
        ("title: 3", ["SC017 7:10"]),
        ("section: 3", ["SC017 7:12"]),
        ("section: [A]", ["SC017 7:12"]),
        ("section: ''", ["SC017 7:12"]),
        ("section: ' '", ["SC017 7:12"]),
        ("section: 'A ${vars.none}'", ["SC302 7:15"]),
        ("section: 'A ${matrix.a}'", ["SC306 7:15"]),
        ("tags: [1]", ["SC017 7:10"]),
        ("severity: error", ["SC017 7:13"]),
        ("seed: -1", ["SC017 7:9"]),
        ("seed: true", ["SC017 7:9"]),
        ("seed: 4294967296", ["SC017 7:9"]),
        ("timeout: 0", ["SC019 7:12"]),
        ("timeout: 2 minutes", ["SC019 7:12"]),
        ("timeout: .nan", ["SC019 7:12"]),
        ("requires: {package: [x]}", ["SC015 7:14"]),
        ("requires: [x]", ["SC017 7:13"]),
        ("skip: true", ["SC017 7:9"]),
        ("skip: {}", ["SC016 7:9"]),
        ("expected_failure: {reason: x, until: 2027-6-30}", ["SC020 7:40"]),
        ("expected_failure: {reason: x, until: 2027-02-30}", ["SC020 7:40"]),
        ("expected_failure: {metrics: [valeu], reason: x}", ["SC212 7:32"]),
        ("expected_failure: {metrics: [], reason: x}", ["SC017 7:31"]),
        ("expected_failure: {metrics: [value]}", ["SC016 7:21"]),
        ("waiver: {owner: me, reason: x}", ["SC016 7:11"]),
        ("waiver: {owner: me, reason: x, until: 2027-01-01, worst: {valeu: 1}}", ["SC102 7:61"]),
        ("observe: true", ["SC211 7:3"]),
        ("observe: 1", ["SC017 7:12"]),
        ("override: true", ["SC404 3:7"]),
        ("matrix: 3", ["SC017 7:11"]),
        ("skip: {reason: '${matrix.a}'}", ["SC306 7:19"]),
    ],
)
def test_a_wrong_key_or_value_is_shown_where_it_stands(entry: One, line: str, found: list[str]) -> None:
    assert places(entry(line).diagnostics) == found


@pytest.mark.parametrize(
    ("with_", "found"),
    [
        ("{}", ["SC104 5:9"]),
        ("{value: x}", ["SC105 5:17"]),
        ("{value: true}", ["SC105 5:17"]),
        ("{value: 1, scale: 0}", ["SC105 5:27"]),
        ("{value: 1, scale: .nan}", []),
        ("{value: 1, valeu: 2}", ["SC103 5:20"]),
        ("{valeu: 2}", ["SC103 5:10", "SC104 5:9"]),
        ("3", ["SC017 5:9"]),
        ("[1]", ["SC017 5:9"]),
        ("", ["SC104 4:10"]),
    ],
)
def test_parameters_are_checked_against_the_one_check(entry: One, with_: str, found: list[str]) -> None:
    assert sorted(places(entry(with_=with_).diagnostics)) == sorted(found)


@pytest.mark.parametrize(
    ("check", "with_", "found"),
    [
        ("demo.files", "{mode: al}", "SC105: parameter 'mode' of demo.files must be one of 'all', 'any', not 'al'"),
        ("demo.files", "{limits: [1, x]}", "SC105: parameter 'limits.1' of demo.files must be an integer, not 'x'"),
        ("demo.files", "{limits: 3}", "SC105: parameter 'limits' of demo.files must be a list or null, not 3"),
        ("demo.files", "{paths: [3]}", "SC105: parameter 'paths.0' of demo.files must be text, not 3"),
        ("demo.probe", "{grid: {}, seeds: [1, 2]}", "SC105: parameter 'grid' of demo.probe must be more than empty"),
        ("demo.probe", "{grid: {a: [x]}, seeds: [1]}", "of a length of at least 2, not a list"),
        ("demo.repeat", "{call: x, times: 1}", "SC105: parameter 'times' of demo.repeat must be at least 2, not 1"),
        ("demo.repeat", "{call: x, times: 2.5}", "must be an integer, not 2.5"),
        ("demo.tensors", "{tensors: $x}", "must be a mapping, not '$x'"),
    ],
)
def test_what_is_wrong_is_said_in_words_of_a_spec(load: Load, check: str, with_: str, found: str) -> None:
    text = f"speccheck: 1\nchecks:\n- {{id: a, check: {check}, with: {with_}, observe: true}}\n"
    (diagnostic, *_) = load(text).diagnostics
    assert found in f"{diagnostic.code}: {diagnostic.message}"


@pytest.mark.parametrize("value", ["1", "1.0", "-3", ".5", "0x10"])
def test_what_the_schema_takes_is_taken(entry: One, value: str) -> None:
    assert entry(with_=f"{{value: {value}}}").spec is not None


def test_an_integer_may_be_written_as_a_float_of_no_fraction(load: Load) -> None:
    text = "speccheck: 1\nchecks: [{id: a, check: demo.repeat, with: {call: x, times: 3.0}, observe: true}]\n"
    assert load(text).spec is not None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- {check: demo.number, with: {value: 1}, observe: true}", ["SC016 3:3"]),
        ("- {id: a, with: {value: 1}, observe: true}", ["SC016 3:3"]),
        ("- {id: a, check: demo.numbr, observe: true}", ["SC101 3:18"]),
        ("- {id: a, check: 3, observe: true}", ["SC017 3:18"]),
        ("- {id: 'a b', check: demo.number, with: {value: 1}, observe: true}", ["SC106 3:8"]),
        ("- {id: 3, check: demo.number, with: {value: 1}, observe: true}", ["SC106 3:8"]),
        ("- {id: a, check: demo.number, with: {value: 1}}", ["SC210 3:8"]),
        ("- {id: a, check: demo.number, with: {value: 1}, observe: false}", ["SC210 3:8"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: {}}", ["SC210 3:49"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: [value]}", ["SC017 3:57"]),
        ("- x", ["SC017 3:3"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: {valeu: 1}}", ["SC102 3:58"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: {value: {mx: 1}}}", ["SC201 3:66"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: {double: {min: -1}}}", ["SC601 3:72"]),
        ("- {id: a, check: demo.number, with: {value: 1}, expect: {value: {min: baseline}}}", ["SC606 3:57"]),
    ],
)
def test_an_entry_that_could_not_be_judged_is_refused(load: Load, text: str, found: list[str]) -> None:
    assert places(load(f"speccheck: 1\nchecks:\n{text}\n").diagnostics) == found


def test_the_message_of_an_unknown_metric_names_the_check(entry: One) -> None:
    (found,) = entry(expect="{valeu: 1}").diagnostics
    assert found.message == "unknown metric 'valeu' of check demo.number"
    assert found.hint == "did you mean 'value'?"
    assert found.length == 5
    assert found.entry == "a"


@pytest.mark.parametrize(
    ("with_", "expect", "found"),
    [
        ("{tensors: {output: 1, a.b: 2}}", "{tensors.output: {shape: '[B]'}, 'finite[\"a.b\"]': true}", []),
        ("{tensors: {output: 1}}", "{tensors.outptu: {shape: '[B]'}}", ["SC102"]),
        ("{tensors: {output: 1}}", "{finite.*: true, tensors.output.dtype: float32}", []),
        ("{tensors: {output: 1}}", "{tensors.output.shpe: [1]}", ["SC102"]),
    ],
)
def test_metrics_are_narrowed_to_the_keys_of_a_parameter(load: Load, with_: str, expect: str, found: list[str]) -> None:
    text = f"speccheck: 1\nchecks:\n- {{id: a, check: demo.tensors, with: {with_}, expect: {expect}}}\n"
    assert codes(load(text).diagnostics) == found


@pytest.mark.parametrize(
    ("with_", "metric", "found"),
    [
        ("{patterns: {one: x}}", "matches.one", []),
        ("{patterns: {one: x}}", "matches.two", ["SC102"]),
        ("{}", "matches.two", ["SC102"]),
    ],
)
def test_metrics_are_narrowed_by_the_default_too(load: Load, with_: str, metric: str, found: list[str]) -> None:
    text = f"speccheck: 1\nchecks:\n- {{id: a, check: demo.files, with: {with_}, expect: {{{metric}: true}}}}\n"
    assert codes(load(text).diagnostics) == found


def test_what_is_only_read_is_settled_at_once(entry: One) -> None:
    lines = ["tags: ['$${x}']", "skip: {reason: '${env.X:-why}'}"]
    found = only(entry("title: cost $${vars.x}", *lines, expect="{value: {max: '${env.LIMIT:-3}', why: '$${y}'}}"))
    assert (found.title, found.tags, found.skip) == ("cost ${vars.x}", ("${x}",), "why")
    assert found.expect == {"value": {"max": "3", "why": "${y}"}}
    assert {type(text) for text in (found.title, *found.tags, found.skip, found.expect["value"]["max"])} == {str}


def test_a_section_is_text_with_references(load: Load) -> None:
    text = "speccheck: 1\nvars: {x: Gate}\nchecks:\n"
    for name, section in (("a", "'${vars.x}'"), ("b", "'$${x} ${env.Y:-1}'"), ("c", "")):
        line = f"section: {section}, " if section else ""
        text += f"- {{id: {name}, {line}check: demo.number, with: {{value: 1}}, observe: true}}\n"
    spec = load(text).spec
    assert spec is not None
    assert [found.section for found in spec.entries] == ["Gate", "${x} 1", ""]
    assert {type(found.section) for found in spec.entries} == {str}
    changed = load(text, overrides=["checks.a.section=Z"]).spec
    assert changed is not None
    assert changed.entries[0].section == "Z"


def test_a_section_says_nothing_of_what_is_measured(entry: One) -> None:
    plain, sectioned, other = (entry(*lines) for lines in ([], ["section: A"], ["section: B"]))
    found = [only(loaded) for loaded in (plain, sectioned, other)]
    assert len({one.measurement.digest() for one in found}) == 1
    assert len({loaded.spec.digest for loaded in (plain, sectioned, other) if loaded.spec}) == 3
    # The digest of this spec from before there were sections.
    before = "21fc27a6a57c428c2c060bd4f0e810f85bac815ec7b3836cf57de707aa77e18d"
    assert plain.spec is not None
    assert plain.spec.digest == before


def test_the_defaults_give_no_section(entry: One) -> None:
    assert codes(entry(top="defaults: {section: A}\n").diagnostics) == ["SC015"]


def test_all_errors_come_at_once_and_in_order(load: Load) -> None:
    text = "speccheck: 1\ntitel: x\nvars: {a: '${vars.b}'}\nsubjects: {s: {adio: x}}\nchecks:\n"
    text += "- {id: a, check: demo.numbr}\n- {id: b, check: demo.number, with: {valeu: 1}, expect: {valeu: 1}, x: 1}\n"
    found = places(load(text).diagnostics)
    assert found == sorted(found, key=lambda item: [int(part) for part in item.split()[1].split(":")])
    expected = ["SC015", "SC302", "SC108", "SC210", "SC101", "SC104", "SC103", "SC102", "SC015"]
    assert [item.split()[0] for item in found] == expected


def test_only_the_checks_that_are_named_are_asked_for(load: Load) -> None:
    load("speccheck: 1\nchecks:\n- {id: a, check: demo.number, with: {value: 1}, observe: true}\n")
    declarations = FakeDeclarations()
    assert load_spec("spec.yaml", declarations, environ={}).spec is not None
    assert declarations.asked == ["demo.number"]


def test_a_spec_is_plain_data(load: Load) -> None:
    text = "speccheck: 1\nvars: {x: &x {a: [1]}, y: *x}\nsubjects: {c: {audio: a.wav}}\nchecks:\n"
    text += "- {id: a, check: demo.repeat, with: {call: {p: [$c]}}, expect: {distinct_values: {min: 1}}}\n"
    spec = load(text).spec
    assert spec is not None
    msgspec.json.encode(spec)

    def plain(value: object) -> bool:
        if isinstance(value, (dict, list)):
            items = value.values() if isinstance(value, dict) else value
            return type(value) in (dict, list) and all(map(plain, items))
        return type(value) in (str, int, float, bool, type(None))

    entry = spec.entries[0]
    assert all(map(plain, (spec.vars, spec.subjects, entry.expect, entry.measurement.params)))
    assert plain(entry.measurement.subjects)
