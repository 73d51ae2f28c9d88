"""Codes of names (SC1xx) and expectations (SC2xx)."""

from __future__ import annotations

from collections.abc import Mapping

from speccheck.loading.code import Code

NAMES: Mapping[str, Code] = {
    "SC101": Code(
        "an unknown check",
        "No installed distribution registers a check of this name.",
        "Correct the name (speccheck list), or install the plugin that brings it.",
    ),
    "SC102": Code(
        "an unknown metric",
        "A check declares its metrics before it runs, and declares none of this name. An expectation of it could never "
        "be judged.",
        "Correct the name; speccheck explain CHECK lists its metrics.",
    ),
    "SC103": Code(
        "an unknown parameter",
        "The check has no parameter of this name.",
        "Correct the name; speccheck explain CHECK lists its parameters.",
    ),
    "SC104": Code("a parameter is missing", "The check cannot measure without this parameter.", "Give it in 'with'."),
    "SC105": Code(
        "a parameter of the wrong form",
        "The value does not fit the type or bounds that the check declares for the parameter.",
        "Write a value that fits; speccheck explain CHECK shows what does.",
    ),
    "SC106": Code(
        "not an id",
        "An id is written on command lines and in references, so it has letters, digits, '-', '_' and '.' only.",
        "Rename the entry; its title may be any text.",
    ),
    "SC107": Code(
        "two entries of one id",
        "Selection, needs, baselines and runs know an entry by its id.",
        "Give each entry its own.",
    ),
    "SC108": Code(
        "no loader is named",
        "A definition of a subject has exactly one key that is the name of a loader: target, function, expr, tensor, "
        "json, yaml, csv, audio, image, files, module, or one that a plugin adds.",
        "Write the loader as key, as in clip: {audio: clip.wav}.",
    ),
    "SC109": Code(
        "several loaders are named",
        "A definition of a subject has exactly one key that is the name of a loader.",
        "Keep one, and make a subject of its own of the other.",
    ),
    "SC110": Code(
        "a key that the loader does not take",
        "Beside the loader's own key there may stand those that it declares, and args, kwargs, weights, device, dtype, "
        "seed and code; kwargs beside a list of args only.",
        "Correct or remove the key.",
    ),
    "SC111": Code(
        "a definition of the wrong form",
        "The value does not fit what the loader declares for the key.",
        "Write a value that fits; the message says what would.",
    ),
    "SC112": Code(
        "not a name of a subject",
        "Expressions name subjects, so a name is one of Python: letters, digits and _, not a keyword.",
        "Rename the subject.",
    ),
    "SC113": Code(
        "an unknown code folder",
        "'code: NAME' on a subject chooses one of the folders under the spec's own 'code', which names none like this.",
        "Write code: {NAME: FOLDER} at the top of the spec.",
    ),
}

EXPECTATIONS: Mapping[str, Code] = {
    "SC201": Code(
        "an unknown constraint",
        "An expectation is a mapping of constraints, and there is none of this name.",
        "Correct the name: min, max, above, below, equals, same_as, one_of, matches, length, contains, subset_of, "
        "shape, tensor, each, mean, std, median, first, last.",
    ),
    "SC202": Code(
        "a constraint that does not fit",
        "The constraint is for metrics of another kind, or stands beside others than it needs.",
        "Choose one that fits the kind of the metric; speccheck explain CHECK shows it.",
    ),
    "SC203": Code(
        "not a limit",
        "A limit is NUMBER, REFERENCE or REFERENCE op NUMBER, the operator (+ - * /) set off by spaces. References are "
        "baseline, another metric of the entry, and checks.ID.METRIC.",
        "Write max: baseline * 1.05, for instance.",
    ),
    "SC204": Code(
        "not a shape",
        "A shape is a list of sizes, symbols, NAME=SIZE, products and at most one '...'; a tensor has its dtype first.",
        'Write shape: "[T=8, 3, H, W]" or tensor: "float32[B, N*2]".',
    ),
    "SC205": Code(
        "a value that the constraint does not take",
        "The value of the constraint is not of the form that it compares with.",
        "Write the form that the message names.",
    ),
    "SC206": Code(
        "not a metric path",
        "A metric path is dotted; a part with dots or other signs is quoted in brackets; * is any one part.",
        'Write grad["encoder.layers.0.weight"].norm, for instance.',
    ),
    "SC207": Code(
        "an expectation without a constraint",
        "Nothing could violate it, so it would always look held.",
        "Add a constraint, such as max.",
    ),
    "SC210": Code(
        "an entry expects nothing",
        "An entry that nothing could fail is never a pass.",
        "Write 'expect', or 'observe: true' to measure without judging.",
    ),
    "SC211": Code(
        "expected and only observed",
        "'observe: true' says that an entry is not judged, 'expect' says how it is.",
        "Keep one of them.",
    ),
    "SC212": Code(
        "a failure is expected of a metric without expectation",
        "A metric can only fail an expectation, and 'expect' has none of this path.",
        "Write the path as it stands in 'expect', or add the expectation there.",
    ),
    "SC213": Code(
        "a reference to no other entry",
        "checks.ID.METRIC is a metric of another entry, or of one cell of it.",
        'Correct the id; write checks["id[a=1]"].metric for a cell.',
    ),
    "SC214": Code(
        "an unknown metric of another entry",
        "The check of that entry declares no metric of this name.",
        "Correct the name; speccheck explain CHECK lists its metrics.",
    ),
}
