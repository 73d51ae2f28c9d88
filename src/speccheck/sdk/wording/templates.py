"""The sentences of causes that a template makes of the fields."""

from __future__ import annotations

from collections.abc import Mapping

from speccheck.model.cause import CauseKind

_REMEDY = "run the spec to measure it"

TEMPLATES: Mapping[CauseKind, str] = {
    CauseKind.SKIPPED_BY_SPEC: "{reason}",
    CauseKind.PACKAGE_ABSENT: "requires package {package}, which is not installed",
    CauseKind.FILE_ABSENT: "requires file {file}, which does not exist",
    CauseKind.DEVICE_ABSENT: "requires device {device}, which is not available",
    CauseKind.NEED_SKIPPED: "needs {entry} (skipped)",
    CauseKind.NEED_NOT_MET: "needs {entry} ({outcome})",
    CauseKind.NEED_NOT_IN_RUN: "needs {entry}, which is not part of this run",
    CauseKind.STOPPED_EARLY: "an earlier entry did not pass, and the run stopped there (-x)",
    CauseKind.INTERRUPTED: "the run was interrupted before this entry was measured",
    CauseKind.RUN_ENDED_BEFORE: "the run ended before this entry was measured",
    CauseKind.NOT_YET_MEASURED: "not measured yet: the run is still running",
    CauseKind.NOT_MEASURED: "not measured",
    CauseKind.RUN_LACKS_ENTRY: f"run {{run}} does not contain this entry; {_REMEDY}",
    CauseKind.CODE_MOVED: f"run {{run}} loaded its code from another folder; {_REMEDY}",
    CauseKind.MEASURED_OTHERWISE: f"run {{run}} measured it otherwise: parameters, seed or subjects differ; {_REMEDY}",
    CauseKind.RECORDED: "{text}",
    CauseKind.OBSERVED_WITH_EXPECTATIONS: "the entry has both 'observe' and 'expect'; keep one of them",
    CauseKind.NO_EXPECTATION: "no expectation: nothing can be judged",
    CauseKind.JUDGING_FAILED: "the judge failed on this entry, a defect of speccheck: {kind}: {message}",
    CauseKind.EXPECTED_FAILURE: "{reason}",
    CauseKind.WAIVED: "waived by {owner} until {until}: {reason}",
    CauseKind.EXPECTED_FAILURE_EXPIRED: "the expected failure ended on {until} and counts as absent: {reason}",
    CauseKind.EXPECTED_FAILURE_UNDATED: (
        "the last day of the expected failure, {until!r}, is not a date, so it counts as absent: {reason}"
    ),
    CauseKind.WAIVER_EXPIRED: "the waiver of {owner} ended on {until} and counts as absent: {reason}",
    CauseKind.WAIVER_UNDATED: (
        "the last day of the waiver of {owner}, {until!r}, is not a date, so it counts as absent: {reason}"
    ),
    CauseKind.WAIVER_UNUSED: "the waiver of {owner} until {until} is unused: nothing it covers fails",
    CauseKind.MEMBER_ABSENT: "'{path}' is missing here",
    CauseKind.KIND_NOT_DECLARED: "wrong kind: observed a {observed}, but the metric is declared as a {declared}",
    CauseKind.EMPTY: "an empty {observed}: nothing to look at",
    CauseKind.BOTH_EMPTY: "nothing to look at: both are empty",
    CauseKind.ITEM_ABSENT: "item {item!r} is missing",
    CauseKind.ITEM_OUT_OF_RANGE: "item {item!r} is beyond the range of a 64-bit float",
    CauseKind.TOO_DEEP: "values nested too deeply to compare",
    CauseKind.MEAN_UNDEFINED: "the mean is not a number: infinities of both signs, or a sum beyond range",
    CauseKind.STD_TOO_FEW: "the sample standard deviation (n-1) needs at least 2 values; there is 1",
    CauseKind.STD_UNDEFINED: "the sample standard deviation of values that are not finite, or too large to square",
    CauseKind.REFERENCE_ENTRY_ABSENT: "entry '{entry}' did not leave evidence to refer to",
    CauseKind.REFERENCE_SAME_MEASUREMENT: (
        "entry '{entry}' shares this measurement, so the value would be compared with itself; give one of the two "
        "another seed"
    ),
    CauseKind.CONFIDENCE_TOO_FEW: "a confidence needs at least 2 replicates; there is 1",
    CauseKind.CONFIDENCE_NOT_FINITE: "a confidence needs values and a limit that are finite",
    CauseKind.CONFIDENCE_ZERO_SPREAD: "zero spread: all {n} replicates are the same",
    CauseKind.NOT_REPLICATES: "a confidence needs a metric declared as independent replicates; this one is not",
    CauseKind.FAMILY_ABSENT: "'correct_for: {family}' does not name a mapping in the evidence",
    CauseKind.FAMILY_LACKS_KEY: "{place} is not a key of '{family}'",
    CauseKind.EXPECTATION_INVALID: "the expectation is invalid: {message}",
    CauseKind.EXPECTED_FAILURE_UNMATCHED: "named in expected_failure, but not in expect",
    CauseKind.BASELINE_NOT_NAMED: "the spec names no baseline",
    CauseKind.BASELINE_FILE_ABSENT: "baseline file {path} does not exist",
    CauseKind.BASELINE_LACKS_ENTRY: "baseline {path} lacks entry {entry}",
    CauseKind.BASELINE_FROM_THIS_RUN: "baseline {path} was accepted from this very run, which proves nothing",
    CauseKind.BASELINE_MEASURED_OTHERWISE: (
        "baseline {path} holds another measurement of {entry}: check version, parameters, seed or subjects differ; "
        "accept it anew"
    ),
    CauseKind.BASELINE_EDITED: (
        "the values of {entry} in baseline {path} are not those accepted: their digest differs; accept it anew"
    ),
    CauseKind.BASELINE_LACKS_METRIC: "the baseline lacks metric '{metric}'",
}
"""The sentence of each cause, with the names of its fields in braces."""
