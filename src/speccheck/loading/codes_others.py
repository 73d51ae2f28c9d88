"""Codes of references (SC3xx), includes (SC4xx), entries (SC5xx), warnings (SC6xx), plugins (SC7xx), runs (SC8xx)."""

from __future__ import annotations

from collections.abc import Mapping

from speccheck.loading.code import Code

REFERENCES: Mapping[str, Code] = {
    "SC301": Code(
        "a reference to nothing",
        "${...} reads vars, env, matrix and here; in a function's args also output, batch, input, seed, generator.",
        "Correct the name, or write $${ for a literal ${.",
    ),
    "SC302": Code("an unknown variable", "'vars' has no such member.", "Correct the name, or add it to 'vars'."),
    "SC303": Code("variables in a circle", "Each needs the value of the next.", "Give one of them a value."),
    "SC304": Code(
        "an environment variable is not set",
        "The spec reads it and gives no default.",
        "Set it, or write ${env.NAME:-default}.",
    ),
    "SC305": Code(
        "no scalar",
        "Inside text only a scalar may stand; a list, a mapping or null has no text of its own.",
        "Make the reference the whole value, or refer to a member.",
    ),
    "SC306": Code(
        "no axis of a matrix",
        "${matrix.a} is the value of the axis 'a' in the cell. It may stand in with, expect, seed, title, section and "
        "needs of an entry with that axis, and in subjects that only such entries use.",
        "Add the axis to the matrix of the entry, or write the value.",
    ),
    "SC307": Code("an unknown subject", "'subjects' has none of this name.", "Correct the name, or define it."),
    "SC308": Code(
        "not a reference to a subject",
        "In a live value, text that begins with $ is a subject: a name, then attributes and items.",
        "Write $name.attribute[0], or $$ for a literal $ at the beginning.",
    ),
    "SC309": Code("subjects in a circle", "Each is built from the next.", "Take one of them out of the circle."),
    "SC310": Code(
        "nothing fills this in",
        "${output}, ${batch}, ${input}, ${seed} and ${generator} are whole values in the args of a function, which the "
        "check that calls the function fills in.",
        "Move it into the args of a function.",
    ),
    "SC311": Code(
        "not an expression",
        "'expr' is one Python expression over subjects, torch, numpy and math; statements belong into code.",
        "Repair it, or write a function and use 'target'.",
    ),
    "SC312": Code(
        "not a reference",
        "${ begins a reference, which } ends: ${vars.NAME}, ${env.NAME:-default}, ${matrix.NAME} or ${here}.",
        "Repair it, or write $${ for a literal ${.",
    ),
    "SC313": Code("a reference in a key", "References stand in values.", "Write the key out."),
    "SC314": Code(
        "an unknown name in an expression",
        "An expression knows the subjects, torch, numpy (np), math and Python's own functions.",
        "Correct the name, or define the subject.",
    ),
}

INCLUDES: Mapping[str, Code] = {
    "SC401": Code(
        "an included file cannot be read",
        "There is no such file, or it may not be read.",
        "Check the path; it is relative to the file that includes.",
    ),
    "SC402": Code("files include each other", "Each includes the next.", "Take one of them out of the circle."),
    "SC403": Code(
        "a name stands in two files",
        "A subject or entry named twice is an error unless the later one says that it replaces the earlier.",
        "Rename one, or write 'override: true' on the later, which replaces the earlier whole.",
    ),
    "SC404": Code(
        "nothing to override",
        "'override: true' replaces a subject or entry of an earlier file, and there is none of this name.",
        "Correct the name, or remove 'override'.",
    ),
    "SC405": Code(
        "files include each other too deep",
        "A file includes a file that includes a file, and so on, beyond what anyone could follow.",
        "Include the files that are needed from one place.",
    ),
}

ENTRIES: Mapping[str, Code] = {
    "SC501": Code(
        "an empty axis",
        "It would make no cell: the entry would never be measured, and nobody would see.",
        "Give it a value, or remove the entry.",
    ),
    "SC502": Code(
        "not an axis",
        "An axis is a list of different scalars, or a mapping that gives each value a name.",
        "Write AXIS: {NAME: VALUE} for values that are lists or mappings.",
    ),
    "SC503": Code("an unknown need", "No entry or cell has this id.", "Correct it."),
    "SC504": Code(
        "entries wait in a circle",
        "Each needs the next, or refers to a metric of it, so none could be first.",
        "Remove one of the needs or references.",
    ),
    "SC505": Code(
        "nothing to override there",
        "--set replaces what is there: a variable, a key of a subject or entry, a constraint of an expectation.",
        'Correct the path; quote parts with other signs: checks["a[b=1]"].expect.loss.max=2.',
    ),
    "SC506": Code(
        "not an override", "--set takes path=value, the value in YAML.", "Write --set vars.mode=fast, for instance."
    ),
    "SC507": Code(
        "the selection matches nothing",
        "Nothing would be measured, and that is never a pass.",
        "Correct the id, pattern or tag; speccheck list SPEC shows them.",
    ),
}

WARNINGS: Mapping[str, Code] = {
    "SC601": Code(
        "a vacuous limit",
        "No value within the bounds of the metric could violate the limit, so it says nothing.",
        "Tighten it, or remove it.",
    ),
    "SC602": Code(
        "an unused axis",
        "All its cells measure the same.",
        "Write ${matrix.AXIS} where it belongs, or remove the axis.",
    ),
    "SC603": Code(
        "text that looks like a subject",
        "The parameter is not live, so $name is text to the check.",
        "Remove the $, or write $$ to say that it is meant.",
    ),
    "SC604": Code("no code folder", "Targets cannot be loaded from a folder that is not there.", "Correct the path."),
    "SC605": Code(
        "a definition taken as plain data",
        "The mapping has the key of a loader and another that the loader does not take, so nothing is built of it.",
        "Remove the other key, or rename the first if it is data.",
    ),
    "SC606": Code(
        "no baseline is named",
        "A limit refers to the baseline. Without one it is unknown, and the entry an error.",
        "Write baseline: FILE at the top of the spec; baseline accept makes the file.",
    ),
    "SC607": Code("no entries", "A spec without entries judges nothing.", "Write checks: [...]."),
    "SC608": Code(
        "perhaps a forgotten sign",
        "A live parameter is given a plain text that is also the name of a subject. The check gets the text.",
        "Write $name for the subject, or rename the subject if the text is meant.",
    ),
}

PLUGINS: Mapping[str, Code] = {
    "SC701": Code(
        "a plugin cannot be imported",
        "Importing the module of its entry point, or calling one of its hooks, raised an error.",
        "Repair or uninstall the distribution that the message names.",
    ),
    "SC702": Code(
        "a name is registered twice",
        "Two distributions offer a check, loader or reporter of one name, so the name would mean either.",
        "Uninstall one of the two, or rename it there.",
    ),
    "SC703": Code(
        "an unknown hook",
        "A plugin has a function whose name begins with speccheck_ and is no hook: it would never be called.",
        "Correct its name.",
    ),
    "SC704": Code(
        "a check or loader cannot be used",
        "Its module cannot be imported, or does not hold what its registration says.",
        "Repair the distribution that the message names.",
    ),
}

STORE: Mapping[str, Code] = {
    "SC801": Code("not a run", "There is no run there, or the file is no run.", "Name a run's id, folder or file."),
    "SC802": Code(
        "not a baseline",
        "The file is no baseline, or cannot be read.",
        "Make one with speccheck baseline accept RUN.",
    ),
    "SC803": Code(
        "the folder cannot be used",
        "A run is written into a new or empty folder, so that no other is overwritten, and it must be one that can be "
        "written to.",
        "Name another folder, empty it, or see to its permissions.",
    ),
    "SC804": Code(
        "the run cannot be accepted",
        "A baseline takes entries that passed or lack only a baseline, from a whole run of a tree without uncommitted "
        "changes, unless told otherwise.",
        "Run again, or say what the message names.",
    ),
    "SC805": Code(
        "a secret is too short",
        "A value that 'redact' names is masked wherever it stands in text. One of fewer than 4 characters stands in "
        "half of all words, so masking it would destroy the record, and not masking it would tell it.",
        "Give the variable a longer value, unset it, or take it out of 'redact'.",
    ),
    "SC806": Code(
        "a file cannot be used",
        "The operating system refused to read or write it.",
        "See to its permissions, its folder, and the space that is left.",
    ),
}
