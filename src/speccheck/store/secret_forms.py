"""The forms that a secret may take in text, and the search for them."""

from __future__ import annotations

import base64
import bisect
import itertools
import math
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

SHORTEST = 4
"""The shortest secret, form or part of one that is masked, in characters: a shorter one is part of too many words."""

_SHORTEST_LINE = 8

_SHORTEST_WRAPPED = 12
"""The shortest form that is looked for over the end of a line: the ends of two lines make many short words."""

_CUT = re.compile(r"…|\.\.\.")
"""Where a text was cut: a secret that lay across it has left its beginning before, or its end behind."""

_BREAK = re.compile(r"(?:\\[rn]|[\r\n])+[ \t]*")
_JSON_BREAK = re.compile(rb"(?:\\{1,2}[rn])+(?: |\\t)*")
"""The end of a line, also in a ``repr``, with the indentation of the next one; and the same in JSON."""

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")


class Secrets:
    """The forms of some secrets: those found in any case (lower), those found as they are, and their numbers."""

    def __init__(self, values: Iterable[str]) -> None:
        parts = {part for value in values for part in _parts(value)}
        self.numbers = frozenset(number for part in parts for number in _numbers(part))
        spelt = {form for part in parts for form in _spelt(part)} | set(map(str, self.numbers))
        any_case = {_lower(form) for form in spelt} | {_lower(form.upper()) for form in spelt}
        exact = {form for part in parts for form in _base64(part)}
        self.any_case = sorted(form for form in any_case if len(form.strip()) >= SHORTEST)
        self.exact = sorted(form for form in exact if len(form) >= SHORTEST)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the text holds a secret, or the part of one that a cut has left, in ascending order."""
        lowered = _lower(text)
        found = [span for form in self.any_case for span in _occurrences(form, lowered)]
        found += [span for form in self.exact for span in _occurrences(form, text)]
        found += self._wrapped(text)
        for cut in _CUT.finditer(text):
            found += self._cut_parts.around(lowered, *cut.span())
            found += self._cut_exact.around(text, *cut.span())
        merged: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if merged and start < merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _wrapped(self, text: str) -> list[tuple[int, int]]:
        """Return where a form is written over several lines, as base64 and what a console wraps are."""
        joined = _BREAK.sub("", text)
        if len(joined) == len(text):
            return []
        lowered = _lower(joined)
        found = [span for form in _long(self.any_case) for span in _occurrences(form, lowered)]
        found += [span for form in _long(self.exact) for span in _occurrences(form, joined)]
        breaks = [found.span() for found in _BREAK.finditer(text)]
        lengths = [0, *itertools.accumulate(end - start for start, end in breaks)]
        places = [start - left for (start, _), left in zip(breaks, lengths, strict=False)]

        def place(at: int) -> int:
            return at + lengths[bisect.bisect_right(places, at)]

        return [(place(start), place(end - 1) + 1) for start, end in found]

    def is_number(self, value: float) -> bool:
        """Return whether a number is a secret."""
        return abs(value) in self.numbers

    @cached_property
    def _cut_parts(self) -> _Parts:
        return _Parts(self.any_case)

    @cached_property
    def _cut_exact(self) -> _Parts:
        return _Parts(self.exact)


class Detector:
    """A quick search in JSON: it finds every record that may hold a secret, and a few that do not."""

    def __init__(self, secrets: Secrets) -> None:
        import json

        def written(form: str) -> str:
            return json.dumps(form, ensure_ascii=False)[1:-1]

        seeds = _least(map(written, secrets.any_case))
        exact = map(written, secrets.exact)
        numbers = {json.dumps(number) for number in secrets.numbers}
        self._text = None if all(map(str.isascii, seeds)) else seeds
        self._any_case = [seed.lower().encode("utf-8", "surrogatepass") for seed in {*seeds, *numbers}]
        self._exact = [form.encode() for form in exact]

    def is_clean(self, data: bytes) -> bool:
        """Return whether the JSON surely holds no secret, nor a part of one beside a cut."""
        for one in {data, _JSON_BREAK.sub(b"", data)}:
            lowered = one.lower()
            if any(form in lowered for form in self._any_case) or any(form in one for form in self._exact):
                return False
        if self._text is not None:
            text = _lower(data.decode())
            joined = _lower(_JSON_BREAK.sub(b"", data).decode())
            if any(form in text or form in joined for form in self._text):
                return False
        return "…".encode() not in data and b"..." not in data


class _Parts:
    """The beginnings and ends of forms, by the characters at the cut."""

    def __init__(self, forms: Iterable[str]) -> None:
        self.before: dict[str, list[str]] = {}
        self.behind: dict[str, list[str]] = {}
        for form in forms:
            for size in range(len(form) - 1, SHORTEST - 1, -1):
                self.before.setdefault(form[size - SHORTEST : size], []).append(form[:size])
                self.behind.setdefault(form[-size:][:SHORTEST], []).append(form[-size:])

    def around(self, text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the spans of the parts of secrets that end at ``start``, and that begin at ``end``."""
        for part in self.before.get(text[max(0, start - SHORTEST) : start], ()):
            if text.endswith(part, 0, start):
                yield start - len(part), start
        for part in self.behind.get(text[end : end + SHORTEST], ()):
            if text.startswith(part, end):
                yield end, end + len(part)


def _long(forms: Iterable[str]) -> list[str]:
    return [form for form in forms if len(form) >= _SHORTEST_WRAPPED]


def _occurrences(form: str, text: str) -> Iterator[tuple[int, int]]:
    at = text.find(form)
    while at >= 0:
        yield at, at + len(form)
        at = text.find(form, at + 1)


def _lower(text: str) -> str:
    """Return the text in lower case, character by character, so that places in it stay."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(one if len(one) == 1 else char for char in text for one in (char.lower(),))


def _least(forms: Iterable[str]) -> list[str]:
    """Return the forms of which no other is a part, among the shortest: they find all others."""
    kept: list[str] = []
    for form in sorted(set(forms), key=lambda form: (len(form), form)):
        if not any(seed in form for seed in kept[:64]):
            kept.append(form)
    return kept


def _parts(secret: str) -> set[str]:
    """Return the secret, its lines if long, and both as output that was decoded or put on a line has them."""
    lines = [line.strip() for line in secret.splitlines()]
    found = {secret, secret.strip(), *(line for line in lines if len(line) >= _SHORTEST_LINE)}
    found |= {_decoded(part) for part in found}
    return found | {" ".join(part.split()) for part in found} | {re.sub(r"[\r\n]", " ", part) for part in found}


def _spelt(part: str) -> set[str]:
    found = {part}
    for _ in range(2):  # the repr of a message that has the repr of a value
        found |= {form for one in found for form in _escaped(one)}
    data = part.encode("utf-8", "surrogateescape") if is_carried(part) else b""
    return found | {data.hex(), data.hex(":"), repr(data)[2:-1]}


def _escaped(text: str) -> Iterator[str]:
    import json
    from html import escape
    from urllib.parse import quote, quote_plus

    yield repr(text)[1:-1]
    yield repr(text + "'\"")[1:-4]  # in the repr of a longer text with quotes of both kinds
    yield ascii(text)[1:-1]
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield text.encode("utf-8", "backslashreplace").decode()
    yield quote(text, safe="", errors="surrogatepass")
    yield quote(text, errors="surrogatepass")
    yield quote_plus(text, errors="surrogatepass")
    yield escape(text)


def _base64(part: str) -> Iterator[str]:
    """Yield the part in base64: at each place in a longer text, without what its neighbours decide."""
    data = part.encode("utf-8", "surrogateescape") if is_carried(part) else b""
    for before in range(3):
        start, end = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(bytes(before) + data).decode()[start:end]


def _numbers(part: str) -> Iterator[float]:
    """Yield the number that the part is, unless so many values have it that nothing would be hidden."""
    text = part.strip()
    if not _NUMBER.fullmatch(text):
        return
    numbers = {abs(float(text))} | ({abs(int(text))} if text.lstrip("+-").isdigit() and len(text) < 300 else set())
    yield from (one for one in numbers if len(str(one).removesuffix(".0")) >= SHORTEST and math.isfinite(one))


def _decoded(text: str) -> str:
    """Return the text as output that was decoded has it: bytes that are not UTF-8 are replaced there."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if is_carried(text) else text


def is_carried(form: str) -> bool:
    """Return whether a file can hold the form: surrogates of undecodable bytes it can, others it cannot."""
    try:
        form.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True
