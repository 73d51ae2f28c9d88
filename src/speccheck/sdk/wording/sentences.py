"""The sentences of single causes: a template, or a function for those that need more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from speccheck.model.cause import CauseKind
from speccheck.model.formatting import counted, pair_text, value_text
from speccheck.sdk.wording.fields import (
    Fields,
    at_text,
    field_text,
    kinds_text,
    limit_source,
    more,
    number_field,
    of_text,
    reference_text,
    role_text,
)
from speccheck.sdk.wording.samples import confidence_test, shape_differs, symbol_unbound

Writer: TypeAlias = Callable[[Fields, str], str]
"""A function that makes a sentence of the fields of a cause."""

_RANGES = {"reference": "an integer is", "limit": "the limit is", "expected": "the expected number is"}


def _constraints(fields: Fields, because: str) -> str:
    return f"{fields['metric']} does not hold{more(fields)}"


def _failed(fields: Fields, because: str) -> str:
    kind, message, subject = str(fields["kind"]), str(fields["message"]), str(fields.get("subject", ""))
    if message.startswith(f"subject {subject!r}"):  # runs of format 1 name the subject in the message too
        subject = ""
    if not kind[:1].isupper():  # the kinds of speccheck's own failures, whose messages are complete
        return f"cannot build subject {subject}: {message}" if subject else message
    return f"{kind} in subject {subject}: {message}" if subject else f"{kind}: {message}"


def _did_not_measure(fields: Fields, because: str) -> str:
    why = f": {because}" if because else ""
    return f"run {fields['run']} did not measure it{why}; run the spec to measure it"


def _holds_unexpectedly(fields: Fields, because: str) -> str:
    metrics = fields["metrics"]
    names = [str(name) for name in metrics] if isinstance(metrics, (list, tuple)) else [str(metrics)]
    return f"expected to fail, but {', '.join(names)} {'holds' if len(names) == 1 else 'hold'}"


def _outside_limit(fields: Fields, because: str) -> str:
    one, two = pair_text(fields.get("observed"), fields.get("limit"))
    name = f"{fields['limit_name']} " if fields.get("limit_name") else ""
    return f"{of_text(fields)} {one} is {fields['relation']} {name}{two}{limit_source(fields)}"


def _infinite(fields: Fields, because: str) -> str:
    return f"{of_text(fields)} {field_text(fields, 'observed')}, but the metric does not declare infinity as possible"


def _not_equal(fields: Fields, because: str) -> str:
    texts = field_text(fields, "observed"), field_text(fields, "expected")
    if "observed_text" not in fields and "expected_text" not in fields:
        texts = pair_text(fields.get("observed"), fields.get("expected"))
    within = f" within {value_text(fields['within'])}" if "within" in fields else ""
    return f"{of_text(fields)} {texts[0]}, expected {texts[1]}{within}"


def _lengths_differ(fields: Fields, because: str) -> str:
    return f"{of_text(fields)} {counted(fields['observed'], 'item', 'items')}, expected {fields['expected']}"


def _keys_differ(fields: Fields, because: str) -> str:
    parts = (("missing", "missing"), ("unexpected", "unexpected"))
    found = []
    for name, word in parts:
        keys = fields.get(name)
        if keys and isinstance(keys, (list, tuple)):
            found.append(f"{'key' if len(keys) == 1 else 'keys'} {', '.join(map(value_text, keys))} {word}")
    return f"{of_text(fields)} {'; '.join(found)}"


def _not_one_of(fields: Fields, because: str) -> str:
    return f"{of_text(fields)} {field_text(fields, 'observed')}, expected one of {field_text(fields, 'options')}"


def _not_matched(fields: Fields, because: str) -> str:
    observed = f"{of_text(fields)} {field_text(fields, 'observed')}"
    return f"{observed}, which {fields['pattern']!r} does not match from end to end"


def _not_contained(fields: Fields, because: str) -> str:
    count, item = fields["count"], field_text(fields, "item")
    if count == 0:
        return f"an empty list, without {item}"
    return f"{counted(count, 'item', 'items')}, none of them {item}" if count != 1 else f"1 item, which is not {item}"


def _metric_absent(fields: Fields, because: str) -> str:
    optional = f" (absent when: {fields['optional']})" if fields.get("optional") else ""
    if fields.get("wild"):
        return f"nothing in the evidence matches it{optional}"
    return f"missing from the evidence{optional}"


def _wrong_kind(fields: Fields, because: str) -> str:
    return f"wrong kind: observed a {fields['observed']}{at_text(fields)}, expected {kinds_text(fields['wanted'])}"


def _value_none(fields: Fields, because: str) -> str:
    return f"{role_text(fields)} is none"


def _value_nan(fields: Fields, because: str) -> str:
    return f"{role_text(fields)} is NaN"


def _masked(fields: Fields, because: str) -> str:
    return f"{role_text(fields)} is masked in the record, by 'redact'; run the spec to judge it"


def _out_of_range(fields: Fields, because: str) -> str:
    return f"{_RANGES.get(str(fields['role']), 'the numbers are')} beyond the range of a 64-bit float"


def _item_not_number(fields: Fields, because: str) -> str:
    observed = fields["observed"]
    what = observed if observed in ("none", "NaN") else f"a {observed}, not a number"
    return f"item {fields['item']!r} is {what}"


def _item_unknown(fields: Fields, because: str) -> str:
    return f"item [{fields['item']}]: {because or '?'}"


def _reference_wrong_kind(fields: Fields, because: str) -> str:
    return f"wrong kind: {reference_text(fields['reference'])} is a {fields['observed']}, and a limit is a number"


def _reference_not_finite(fields: Fields, because: str) -> str:
    return f"{reference_text(fields['reference'])} is {number_field(fields, 'value')}"


def _factor_not_positive(fields: Fields, because: str) -> str:
    return f"a factor on a reference <= 0: {_reference_not_finite(fields, because)}"


def _limit_nan(fields: Fields, because: str) -> str:
    reference = f"{reference_text(fields['reference'])} {number_field(fields, 'value')}"
    return f"{reference} {fields['op']} {number_field(fields, 'number')} is NaN"


def _reference_absent(fields: Fields, because: str) -> str:
    return f"{reference_text(fields['reference'])} is not in the evidence"


def _family_unusable(fields: Fields, because: str) -> str:
    return f"cannot correct for all keys of '{fields['family']}': {fields['key']}: {because or '?'}"


def _baseline_lacks_item(fields: Fields, because: str) -> str:
    return f"the baseline of '{fields['metric']}' lacks item {fields['item']!r}"


def _files_text(fields: Fields, sort: str) -> str:
    found = fields.get(sort)
    return ", ".join(map(str, found)) if isinstance(found, (list, tuple)) else ""


def _other_files(fields: Fields, because: str) -> str:
    words = (("changed", "{} changed"), ("missing", "{} was not read"), ("added", "{} was read too"))
    said = [form.format(found) for sort, form in words if (found := _files_text(fields, sort))]
    what = "; ".join(said) or "the files differ"
    return (
        f"baseline {fields['path']} was accepted for {fields['entry']} over other bytes: {what}{more(fields)}; "
        "restore the files, or accept it anew"
    )


def _without_files(fields: Fields, because: str) -> str:
    return (
        f"baseline {fields['path']} does not record which files {fields['entry']} was built from, such as "
        f"{_files_text(fields, 'files')}{more(fields)}; accept it anew"
    )


def _baseline_unusable(fields: Fields, because: str) -> str:
    return f"in the baseline: {because or '?'}"


WRITERS: Mapping[CauseKind, Writer] = {
    CauseKind.MEASUREMENT_FAILED: _failed,
    CauseKind.RUN_DID_NOT_MEASURE: _did_not_measure,
    CauseKind.CONSTRAINTS: _constraints,
    CauseKind.WAIVER_WORST: _constraints,
    CauseKind.HOLDS_UNEXPECTEDLY: _holds_unexpectedly,
    CauseKind.OUTSIDE_LIMIT: _outside_limit,
    CauseKind.INFINITE: _infinite,
    CauseKind.NOT_EQUAL: _not_equal,
    CauseKind.LENGTHS_DIFFER: _lengths_differ,
    CauseKind.KEYS_DIFFER: _keys_differ,
    CauseKind.NOT_ONE_OF: _not_one_of,
    CauseKind.NOT_MATCHED: _not_matched,
    CauseKind.NOT_CONTAINED: _not_contained,
    CauseKind.SHAPE_DIFFERS: shape_differs,
    CauseKind.CONFIDENCE_TEST: confidence_test,
    CauseKind.CONFIDENCE_INCONCLUSIVE: confidence_test,
    CauseKind.METRIC_ABSENT: _metric_absent,
    CauseKind.WRONG_KIND: _wrong_kind,
    CauseKind.VALUE_NONE: _value_none,
    CauseKind.VALUE_NAN: _value_nan,
    CauseKind.MASKED: _masked,
    CauseKind.OUT_OF_RANGE: _out_of_range,
    CauseKind.ITEM_NOT_NUMBER: _item_not_number,
    CauseKind.ITEM_UNKNOWN: _item_unknown,
    CauseKind.SYMBOL_UNBOUND: symbol_unbound,
    CauseKind.REFERENCE_WRONG_KIND: _reference_wrong_kind,
    CauseKind.REFERENCE_NOT_FINITE: _reference_not_finite,
    CauseKind.REFERENCE_ABSENT: _reference_absent,
    CauseKind.FACTOR_NOT_POSITIVE: _factor_not_positive,
    CauseKind.LIMIT_NAN: _limit_nan,
    CauseKind.FAMILY_UNUSABLE: _family_unusable,
    CauseKind.BASELINE_OTHER_FILES: _other_files,
    CauseKind.BASELINE_WITHOUT_FILES: _without_files,
    CauseKind.BASELINE_LACKS_ITEM: _baseline_lacks_item,
    CauseKind.BASELINE_UNUSABLE: _baseline_unusable,
}
"""The causes whose sentences need more than a template: a function of the fields and of the text of what is behind."""
