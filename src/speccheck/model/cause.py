"""Causes: the reason of a verdict or an outcome, as an enumerated kind with fields, never as a sentence."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from speccheck.model.values import Value


class CauseKind(StrEnum):
    """Every cause, with the fields it carries; a field marked ``?`` is left out when it does not apply.

    ``of`` is the statistic that was compared (``mean``). A value too long to record is given as its text, under the
    field's name with ``_text`` behind it.
    """

    # Why an entry was not measured: the gate, the run, and judging again.
    SKIPPED_BY_SPEC = "skipped-by-spec"  # reason
    PACKAGE_ABSENT = "package-absent"  # package
    FILE_ABSENT = "file-absent"  # file
    DEVICE_ABSENT = "device-absent"  # device
    NEED_SKIPPED = "need-skipped"  # entry
    NEED_NOT_MET = "need-not-met"  # entry, outcome
    NEED_NOT_IN_RUN = "need-not-in-run"  # entry
    STOPPED_EARLY = "stopped-early"
    INTERRUPTED = "interrupted"
    RUN_ENDED_BEFORE = "run-ended-before"
    NOT_YET_MEASURED = "not-yet-measured"
    NOT_MEASURED = "not-measured"
    MEASUREMENT_FAILED = "measurement-failed"  # kind, message, subject?
    RUN_LACKS_ENTRY = "run-lacks-entry"  # run, entry
    RUN_DID_NOT_MEASURE = "run-did-not-measure"  # run; because
    CODE_MOVED = "code-moved"  # run
    MEASURED_OTHERWISE = "measured-otherwise"  # run
    RECORDED = "recorded"  # text: the sentence that a run of format 1 holds

    # What decides the outcome of an entry that was measured.
    OBSERVED_WITH_EXPECTATIONS = "observed-with-expectations"
    NO_EXPECTATION = "no-expectation"
    JUDGING_FAILED = "judging-failed"  # kind, message
    CONSTRAINTS = "constraints"  # metric, verdict, index (of the first in verdicts and constraints), more
    WAIVER_WORST = "waiver-worst"  # metric, verdict, index, more
    HOLDS_UNEXPECTEDLY = "holds-unexpectedly"  # metrics
    EXPECTED_FAILURE = "expected-failure"  # reason, until?
    WAIVED = "waived"  # owner, until, reason

    # Notes beside an outcome.
    EXPECTED_FAILURE_EXPIRED = "expected-failure-expired"  # until, reason
    EXPECTED_FAILURE_UNDATED = "expected-failure-undated"  # until (unreadable), reason
    WAIVER_EXPIRED = "waiver-expired"  # owner, until, reason
    WAIVER_UNDATED = "waiver-undated"  # owner, until (unreadable), reason
    WAIVER_UNUSED = "waiver-unused"  # owner, until

    # Why a constraint is violated or inconclusive.
    OUTSIDE_LIMIT = "outside-limit"  # of?, observed, relation, limit_name, limit, source?
    INFINITE = "infinite"  # of?, observed
    NOT_EQUAL = "not-equal"  # of?, observed, expected, within?
    LENGTHS_DIFFER = "lengths-differ"  # of?, observed, expected: numbers of items
    KEYS_DIFFER = "keys-differ"  # of?, missing, unexpected: the first five keys of each
    NOT_ONE_OF = "not-one-of"  # of?, observed, options
    NOT_MATCHED = "not-matched"  # of?, observed, pattern
    NOT_CONTAINED = "not-contained"  # item, count
    SHAPE_DIFFERS = "shape-differs"  # observed, differences: a list of mappings, each with a "what"
    CONFIDENCE_TEST = "confidence-test"  # name, limit, source?, mean, std, n, p, corrected?, keys, confidence
    CONFIDENCE_INCONCLUSIVE = "confidence-inconclusive"  # as confidence-test; least?, most, effect, power

    # Why a constraint is unknown: the observed value.
    METRIC_ABSENT = "metric-absent"  # metric, wild?, optional?
    MEMBER_ABSENT = "member-absent"  # path
    KIND_NOT_DECLARED = "kind-not-declared"  # observed, declared: kinds
    WRONG_KIND = "wrong-kind"  # observed, wanted (kinds), at?
    VALUE_NONE = "value-none"  # role (observed, expected or reference), reference?, at?
    VALUE_NAN = "value-nan"  # role, reference?, at?
    MASKED = "masked"  # role, reference?, at?
    EMPTY = "empty"  # observed: list, mapping or text
    BOTH_EMPTY = "both-empty"
    ITEM_ABSENT = "item-absent"  # item
    ITEM_NOT_NUMBER = "item-not-number"  # item, observed: a kind, or NaN
    ITEM_OUT_OF_RANGE = "item-out-of-range"  # item
    ITEM_UNKNOWN = "item-unknown"  # item; because
    OUT_OF_RANGE = "out-of-range"  # role: reference, limit, expected or numbers
    TOO_DEEP = "too-deep"
    MEAN_UNDEFINED = "mean-undefined"
    STD_TOO_FEW = "std-too-few"  # count
    STD_UNDEFINED = "std-undefined"
    SYMBOL_UNBOUND = "symbol-unbound"  # axes: [{axis, text, symbols}], differences

    # Why a constraint is unknown: the limit, a reference, the confidence, or the expectation itself.
    REFERENCE_WRONG_KIND = "reference-wrong-kind"  # reference, observed: a kind
    REFERENCE_NOT_FINITE = "reference-not-finite"  # reference, value
    REFERENCE_ABSENT = "reference-absent"  # reference
    REFERENCE_ENTRY_ABSENT = "reference-entry-absent"  # entry
    REFERENCE_SAME_MEASUREMENT = "reference-same-measurement"  # entry
    FACTOR_NOT_POSITIVE = "factor-not-positive"  # reference, value
    LIMIT_NAN = "limit-nan"  # reference, value, op, number
    CONFIDENCE_TOO_FEW = "confidence-too-few"  # count
    CONFIDENCE_NOT_FINITE = "confidence-not-finite"
    CONFIDENCE_ZERO_SPREAD = "confidence-zero-spread"  # n
    NOT_REPLICATES = "not-replicates"
    FAMILY_ABSENT = "family-absent"  # family
    FAMILY_LACKS_KEY = "family-lacks-key"  # family, place
    FAMILY_UNUSABLE = "family-unusable"  # family, key; because
    EXPECTATION_INVALID = "expectation-invalid"  # message, code
    EXPECTED_FAILURE_UNMATCHED = "expected-failure-unmatched"

    # Why a constraint is unknown: the baseline.
    BASELINE_NOT_NAMED = "baseline-not-named"
    BASELINE_FILE_ABSENT = "baseline-file-absent"  # path
    BASELINE_LACKS_ENTRY = "baseline-lacks-entry"  # path, entry
    BASELINE_FROM_THIS_RUN = "baseline-from-this-run"  # path
    BASELINE_MEASURED_OTHERWISE = "baseline-measured-otherwise"  # path, entry
    BASELINE_EDITED = "baseline-edited"  # path, entry
    BASELINE_OTHER_FILES = "baseline-other-files"  # path, entry, changed?, missing?, added?: the first of each; more?
    BASELINE_WITHOUT_FILES = "baseline-without-files"  # path, entry, files: the first; more?
    BASELINE_LACKS_METRIC = "baseline-lacks-metric"  # metric
    BASELINE_LACKS_ITEM = "baseline-lacks-item"  # metric, item
    BASELINE_UNUSABLE = "baseline-unusable"  # because


BASELINE_LACKING = frozenset(
    {
        CauseKind.BASELINE_NOT_NAMED,
        CauseKind.BASELINE_FILE_ABSENT,
        CauseKind.BASELINE_LACKS_ENTRY,
        CauseKind.BASELINE_FROM_THIS_RUN,
        CauseKind.BASELINE_MEASURED_OTHERWISE,
        CauseKind.BASELINE_EDITED,
        CauseKind.BASELINE_OTHER_FILES,
        CauseKind.BASELINE_WITHOUT_FILES,
        CauseKind.BASELINE_LACKS_METRIC,
        CauseKind.BASELINE_LACKS_ITEM,
    }
)
"""The causes that accepting a baseline removes: the value to compare with is absent, and nothing else is wrong."""


class Cause(msgspec.Struct, frozen=True, omit_defaults=True):
    """The reason of a verdict or an outcome: a kind with its fields; ``sdk.wording`` makes the sentence.

    ``fields`` holds plain data under the names that :class:`CauseKind` lists; ``because`` is the cause behind this one.
    """

    kind: CauseKind
    fields: dict[str, Value] = {}
    because: Cause | None = None
