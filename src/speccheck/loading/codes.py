"""Every diagnostic code, what it means and what to do: the text of ``speccheck explain SC102``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from speccheck.loading.code import Code
from speccheck.loading.codes_names import EXPECTATIONS, NAMES
from speccheck.loading.codes_others import ENTRIES, INCLUDES, PLUGINS, REFERENCES, STORE, WARNINGS

FILES: Mapping[str, Code] = {
    "SC001": Code(
        "the spec cannot be read",
        "There is no file of that name, or it may not be read.",
        "Check the path; relative paths start from the working folder.",
    ),
    "SC002": Code(
        "the file is too large",
        "A spec file may have 10 MB. A larger one is data rather than a spec.",
        "Move the data into a file of its own, which a loader reads (json, yaml, csv).",
    ),
    "SC003": Code(
        "the file is not UTF-8",
        "YAML is read as UTF-8, with or without a byte order mark.",
        "Save the file as UTF-8.",
    ),
    "SC004": Code(
        "a character may not stand in YAML",
        "Control characters, the line ends U+0085, U+2028 and U+2029, and halves of surrogate pairs may not stand in a "
        "file as they are: editors and parsers disagree about them.",
        'Write it as an escape in double quotes, such as "\\x07".',
    ),
    "SC005": Code(
        "the file is not YAML",
        "The YAML parser stops at this place. What is wrong may begin before it: a bracket that is not closed, a quote "
        "that does not end, a line that is indented otherwise than its neighbours.",
        "Repair the place shown; indent with spaces; quote text that begins with @, ` or %.",
    ),
    "SC006": Code(
        "nested too deeply",
        "Mappings and lists nest up to 64 levels.",
        "Move what lies so deep into a variable or a file.",
    ),
    "SC007": Code(
        "a reference must be quoted here",
        "Inside {} and [] YAML takes braces and brackets for its own, so ${vars.x} and $clip[0] would be cut in two.",
        'Put the reference in double quotes: {a: "${vars.x}"}.',
    ),
    "SC008": Code(
        "more than one document",
        "A spec is one YAML document; '---' begins another.",
        "Put the second into its own file, and include it if it belongs to the first.",
    ),
    "SC009": Code(
        "aliases make too much",
        "An alias (*name) stands for a copy of what its anchor (&name) marks. Aliases of aliases can make a few lines "
        "into billions of values, and an anchor that contains its own alias would never end.",
        "Use fewer aliases, or variables.",
    ),
    "SC010": Code(
        "not a key",
        "Keys are texts. A list, a mapping or nothing cannot be one, and << merges mappings only.",
        "Write the key as text, in quotes if it has signs that YAML takes for its own.",
    ),
    "SC011": Code(
        "a key stands twice",
        "Of two values under one key in the same mapping YAML parsers keep one and drop the other without a word.",
        "Remove one of them, or rename it.",
    ),
    "SC012": Code(
        "not a number that can be held",
        "Integers have 64 bits, other numbers are 64-bit floats; a tag such as !!int wants a scalar of its type.",
        "Put it in quotes if it is text, such as an identifier or a digest.",
    ),
    "SC013": Code(
        "a tag is not read",
        "A tag (!name) asks a parser for an object of some type. A spec is plain data, and loading makes no objects.",
        "Remove the tag; live values are built by loaders.",
    ),
    "SC014": Code(
        "not a spec",
        "A spec is a mapping with the keys speccheck, title, include, code, vars, subjects, baseline, defaults, redact "
        "and checks.",
        "Begin the file with 'speccheck: 1'.",
    ),
    "SC015": Code(
        "an unknown key",
        "Nothing reads this key. Most often it is misspelled, or stands one level too high or too low.",
        "Correct or remove it.",
    ),
    "SC016": Code("a key is missing", "This key must be there.", "Write it."),
    "SC017": Code(
        "a value of the wrong form",
        "The key takes a value of another type or form.",
        "Write the form that the message names; put text that looks like a number in quotes.",
    ),
    "SC018": Code(
        "another format of specs",
        "The spec says that it is written for another version of the format than this program reads.",
        "Write 'speccheck: 1', or install the version of speccheck that reads it.",
    ),
    "SC019": Code(
        "not a duration",
        "A duration is a number of seconds above zero, or a number with ms, s, m or h.",
        "Write 120s, 2m, 500ms or 120.",
    ),
    "SC020": Code(
        "not a date",
        "A date is a day of the calendar, YYYY-MM-DD. It counts in UTC and includes its day.",
        "Write it as 2027-06-30.",
    ),
}

CODES: Mapping[str, Code] = MappingProxyType(
    {**FILES, **NAMES, **EXPECTATIONS, **REFERENCES, **INCLUDES, **ENTRIES, **WARNINGS, **PLUGINS, **STORE}
)
"""All codes: SC0xx files and YAML, SC1xx names, SC2xx expectations, SC3xx references, SC4xx includes, SC5xx matrix,
needs, overrides and selection, SC6xx warnings, SC7xx plugins, SC8xx runs and baselines.
"""
