"""Values of variables named in ``redact:`` never reach a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

MASK = "***"


class Redactor:
    """Replaces the values of secret variables in text and in JSON bytes."""

    def __init__(self, names: Sequence[str], environ: Mapping[str, str]) -> None:
        # The longest first: one secret may be part of another.
        values = sorted({environ[name] for name in names if environ.get(name)}, key=lambda v: (-len(v), v))
        self._plain = [value.encode("utf-8", "surrogateescape") for value in values]
        escaped = [json.dumps(value)[1:-1] for value in values] + [
            json.dumps(value, ensure_ascii=False)[1:-1] for value in values
        ]
        self._escaped = [value.encode("utf-8", "surrogatepass") for value in dict.fromkeys(escaped)]

    def __bool__(self) -> bool:
        return bool(self._plain)

    def text(self, text: str) -> str:
        """The text with every secret value masked."""
        if not self._plain:
            return text
        return self.data(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def data(self, data: bytes) -> bytes:
        """The bytes with every secret value masked, as it is and as JSON escapes it."""
        for value in [*self._plain, *self._escaped]:
            data = data.replace(value, MASK.encode())
        return data
