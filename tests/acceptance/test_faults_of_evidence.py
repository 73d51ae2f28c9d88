"""Faults of evidence: what is no plain data, is not declared, is too long or is no number never passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from support.faults import Fault, Faulty, audited, check_run

EVIDENCE = {
    "nan": Fault("return {'value': float('nan')}", "", ""),
    "infinity": Fault("return {'value': float('inf')}", "", "", outcome="failed"),
    "nan-everywhere": Fault(
        "n = float('nan'); return {'value': 1, 'values': [n, n], 'named': {'a': n}}",
        "",
        "",
        expect="{'values': {each: 1}, 'named.a': {max: 1}}",
    ),
    "undeclared": Fault(
        "return {'value': 1, 'other': 2}", "raised", "TypeError: .* returned metric 'other', which it does not declare"
    ),
    "nothing": Fault("return None", "raised", "TypeError: "),
    "empty": Fault("return {}", "", ""),
    "object": Fault("return {'value': object()}", "raised", "TypeError: "),
    "lambda": Fault("return {'value': lambda: 1}", "raised", "TypeError: "),
    "generator": Fault("return {'values': (n for n in range(3))}", "raised", "TypeError: "),
    "lock": Fault("return {'value': threading.Lock()}", "raised", "TypeError: "),
    "itself": Fault(
        "values = []; values.append(values); return {'values': values}",
        "raised",
        "(TypeError|ValueError|RecursionError): ",
    ),
    "deep": Fault(
        "values = 1\nfor _ in range(900): values = [values]\nreturn {'values': values}",
        "raised",
        "ValueError: a value is nested deeper",
    ),
    "deeper": Fault(
        """
        sys.setrecursionlimit(1 << 20)
        values = 1
        for _ in range(5000): values = [values]
        return {'values': values}
        """,
        "raised",
        "ValueError: a value is nested deeper",
    ),
    "surrogate": Fault("return {'text': '\\ud800', 'value': 1}", "", "", outcome="passed"),
    "long-integer": Fault("return {'value': 1, 'values': [1 << 2000]}", "", "", expect="{values: {each: 1}}"),
    "wrong-kind": Fault("return {'value': 'one'}", "", ""),
    "bool": Fault("return {'value': True}", "raised", "TypeError: .* a bool"),
    "large": Fault(
        "return {'value': 1, 'text': 'x' * (200 << 20)}",
        "too large",
        "the metric 'text' has 2.* bytes; the limit of each is 16777216 bytes",
    ),
    "large-in-all": Fault(
        """
        from speccheck.sdk import Evidence, Table
        tables = {str(n): Table(('a',), (('x' * (13 << 20),),)) for n in range(6)}
        return Evidence({'value': 1}, tables)
        """,
        "too large",
        "the evidence has .* the limit is 67108864 bytes",
    ),
    "no-table": Fault(
        "from speccheck.sdk import Evidence\nreturn Evidence({'value': 1}, {'t': [1]})",
        "not recordable",
        "the evidence cannot be written: AttributeError",
    ),
    "not-evidence": Fault("return 3", "raised", "TypeError: "),
    "strange-dict": Fault(
        "class Odd(dict):\n    def items(self): raise ZeroDivisionError\nreturn Odd(value=1)",
        "raised",
        "ZeroDivisionError",
    ),
    "strange-number": Fault(
        """
        class Odd(float):
            def __float__(self): raise ZeroDivisionError
            __repr__ = __str__ = __eq__ = __float__
        return {'value': Odd(1)}
        """,
        "raised",
        "ZeroDivisionError",
    ),
    "raises-unprintable": Fault(
        "class Odd(Exception):\n    def __str__(self): raise ZeroDivisionError\nraise Odd", "raised", "Odd: "
    ),
}

PLACE = "place = context().artifact('file')\n"

NO_FILE = "its process sent evidence that does not hold: the artifact 'file' is no file in the folder"

ARTIFACTS = {
    "file": Fault(PLACE + "place.write_text('text'); return artifact('file')", "", "", outcome="passed"),
    "absent": Fault("return artifact('file')", "not recordable", NO_FILE),
    "outside": Fault("return artifact('file', '../../../spec.yaml')", "not recordable", NO_FILE),
    "absolute": Fault("return artifact('file', '/etc/passwd')", "not recordable", NO_FILE),
    "of-another": Fault("return artifact('file', 'artifacts/0123456789ab/file')", "not recordable", NO_FILE),
    "record": Fault("return artifact('file', 'evidence.jsonl')", "not recordable", NO_FILE),
    "folder": Fault(PLACE + "place.mkdir(); return artifact('file')", "not recordable", NO_FILE),
    "pipe": Fault(PLACE + "os.mkfifo(place); return artifact('file')", "not recordable", NO_FILE),
    "link": Fault(PLACE + "place.symlink_to('/etc/passwd'); return artifact('file')", "not recordable", NO_FILE),
    "link-kept": Fault(
        PLACE + "place.symlink_to('/etc/passwd'); context().keep('file', place); return {'value': 1}",
        "not recordable",
        NO_FILE,
    ),
    "link-above": Fault(
        PLACE + "place.parent.rmdir(); place.parent.symlink_to('/etc'); return artifact('passwd')",
        "not recordable",
        "its process sent evidence that does not hold: the artifact 'passwd' is no file in the folder",
    ),
    "name": Fault("return artifact('file\\0')", "not recordable", "its process sent evidence that does not hold"),
    "huge": Fault(
        PLACE + "open(place, 'w').close(); os.truncate(place, 2 << 30); return artifact('file')",
        "not recordable",
        "its process sent evidence that does not hold: the artifact 'file' has 2147483648 bytes; the limit is",
    ),
}

TABLES = {"evidence": EVIDENCE, "artifacts": ARTIFACTS}


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Faulty]:
    """The run of a table, made once."""
    return cache(lambda table: audited(tmp_path_factory.mktemp(table), TABLES[table]))


@pytest.mark.parametrize(("table", "name"), [(table, name) for table, faults in TABLES.items() for name in faults])
def test_each_is_the_outcome_of_its_entry(audits: Callable[[str], Faulty], table: str, name: str) -> None:
    audits(table).check(name)


@pytest.mark.parametrize("table", TABLES)
def test_the_run_is_whole_and_nothing_is_left(audits: Callable[[str], Faulty], table: str) -> None:
    check_run(audits(table))
