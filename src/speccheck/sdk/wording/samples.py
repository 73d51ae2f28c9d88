"""The sentences about shapes that differ and about means tested with a confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from speccheck.model.formatting import counted
from speccheck.sdk.wording.fields import Fields, Known, field_text, limit_source, number_field


def shape_differs(fields: Fields, because: str) -> str:
    """Return the sentence for a tensor whose dtype, number of axes or sizes differ."""
    return f"observed {field_text(fields, 'observed')}: {_differences(fields)}"


def _differences(fields: Fields) -> str:
    return "; ".join(map(_difference, _mappings(fields.get("differences"))))


def _difference(one: Fields) -> str:
    if one["what"] == "dtype":
        return f"dtype {one['observed']}, expected {one['expected']}"
    if one["what"] == "axes":
        least = "at least " if one.get("at_least") else ""
        return f"{counted(one['observed'], 'axis', 'axes')}, expected {least}{one['expected']}"
    bound = [f"{known['symbol']} is {known['size']} by {_bound_by(known)}" for known in _mappings(one.get("bound"))]
    if one["what"] == "rebound":
        return f"axis {one['axis']} is {one['written']}, but {', '.join(bound)}"
    if one["what"] == "empty":
        return f"axis {one['axis']} is 0, but {one['written']} is at least 1"
    expected = f" = {one['expected']} ({', '.join(bound)})" if bound else ""
    return f"axis {one['axis']} is {one['observed']}, expected {one['written']}{expected}"


def _mappings(found: object) -> Sequence[Fields]:
    return [Known(one) for one in found if isinstance(one, Mapping)] if isinstance(found, (list, tuple)) else []


def _bound_by(known: Fields) -> str:
    where = known["written"] if known.get("written") else f"axis {known['axis']}"
    return f"{where} of {known['place']}"


def symbol_unbound(fields: Fields, because: str) -> str:
    """Return the sentence for a shape with a symbol whose size is unknown."""
    axes = [
        f"axis {one['axis']} is {one['written']}, but nothing binds {' or '.join(map(str, one['symbols']))}"
        for one in _mappings(fields.get("axes"))
    ]
    rest = _differences(fields)
    return "; ".join([*axes, rest] if rest else axes) or "nothing binds a symbol of the shape"


def confidence_test(fields: Fields, because: str) -> str:
    """Return the sentence for a mean that was tested against a limit with a confidence."""
    against = f"{fields['name']} {number_field(fields, 'limit')}{limit_source(fields)}"
    sample = (
        f"mean {number_field(fields, 'mean')} of n = {fields['n']} (standard deviation {number_field(fields, 'std')}) "
        f"against {against}: one-sided p = {_digits(fields, 'p', '.3g')}"
    )
    corrected = fields.get("corrected")
    if isinstance(corrected, (list, tuple)) and len(corrected) == 2:
        p, opposite = (_digits({"p": one}, "p", ".3g") for one in corrected)
        ps = f"p = {p} and 1 - p = {opposite}"
        sample += f", {ps} after Holm's correction for {counted(fields['keys'], 'key', 'keys')}"
    confidence = fields.get("confidence")
    if isinstance(confidence, float):
        sample += f" (held needs p <= {1 - confidence:.3g}, violated p >= {confidence:.6g})"
    if "effect" not in fields:
        return sample
    return f"{sample}; {_enough(fields)}; {_detectable(fields)}"


def _digits(fields: Fields, name: str, digits: str) -> str:
    value = fields.get(name)
    return format(value, digits) if isinstance(value, (int, float)) else "?"


def _enough(fields: Fields) -> str:
    if fields.get("least") is None:
        return f"at this mean and spread not even n = {_digits(fields, 'most', ',')} would tell"
    keys = fields.get("keys", 1)
    corrected = f", corrected for {keys} keys" if keys != 1 else ""
    return f"at this mean and spread n = {fields['least']} would tell{corrected}"


def _detectable(fields: Fields) -> str:
    return (
        f"at n = {fields['n']} a true mean is found inside the limit with {_digits(fields, 'power', '.0%')} power only "
        f"from {number_field(fields, 'effect')} beyond it (minimum detectable effect)"
    )
