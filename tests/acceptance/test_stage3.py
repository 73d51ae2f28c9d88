"""The audit of the tokenizer: it passes on the good one, and each fault makes exactly the right entries change.

A fault of the tokenizer changes its code alone (see support.broken_uti): spec and baseline are those of the good one.
An entry that is not in a row of the table must have the outcome that it has for the good tokenizer.
"""

from __future__ import annotations

import msgspec
import pytest

from speccheck.model.baseline import Baseline
from speccheck.model.run import Run
from speccheck.model.verdict import Decision
from speccheck.store import BaselineFile, load_baseline
from support.audits import Auditor
from support.broken_uti import broken_tree
from support.runs import differing, outcomes
from support.stage3 import BASELINE, FAULTS, OVERRIDES, SPEC

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    return Auditor(SPEC, tmp_path_factory.mktemp("stage3"))


@pytest.fixture(scope="module")
def good(auditor: Auditor) -> Run:
    return auditor.run()


def test_the_good_tokenizer_passes(good: Run) -> None:
    apart = {name: outcome for name, outcome in outcomes(good).items() if outcome != "passed"}
    assert apart == {"config-sizes": "measured", "idempotence-image": "xfailed", "idempotence-audio": "xfailed"}
    assert good.decision == Decision.PASS
    assert str(good.coverage) == "44 of 45 judged; 2 xfailed, 1 measured"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_broken_tokenizer_changes_exactly_its_entries(auditor: Auditor, good: Run, fault: str) -> None:
    tree = broken_tree(fault, auditor.tmp_path / fault)
    assert differing(auditor.run([f"code={tree}"]), good) == FAULTS[fault]


@pytest.mark.parametrize("override", OVERRIDES)
def test_each_broken_part_changes_exactly_its_entries(auditor: Auditor, good: Run, override: str) -> None:
    assert differing(auditor.run([override]), good) == OVERRIDES[override]


GATES = ("gate-audio-snr", "gate-audio-mel", "gate-image-psnr", "gate-image-ssim")


def test_without_the_baseline_file_every_gate_is_unknown(auditor: Auditor, good: Run) -> None:
    run = auditor.run(["baseline=baselines/none.json"])
    assert differing(run, good) == dict.fromkeys((*GATES, "token-hashes"), "error")
    assert run.decision == Decision.ERROR


def test_a_baseline_without_the_metric_leaves_its_gate_unknown(auditor: Auditor, good: Run) -> None:
    stored = load_baseline("stage3.json", BASELINE.parent).baseline
    assert stored is not None
    accepted = stored.entries["gate-image-ssim"]
    less = {name: value for name, value in accepted.metrics.items() if name != "ssim"}
    entries = {**stored.entries, "gate-image-ssim": msgspec.structs.replace(accepted, metrics=less)}
    run = auditor.run(baseline=BaselineFile("less.json", Baseline(1, entries)))
    assert differing(run, good) == {"gate-image-ssim": "error"}
    assert run.decision == Decision.ERROR


def test_a_baseline_accepted_from_this_very_run_proves_nothing(auditor: Auditor, good: Run) -> None:
    stored = load_baseline("stage3.json", BASELINE.parent).baseline
    assert stored is not None
    name = f"run{auditor.count + 1}"
    own = {key: msgspec.structs.replace(entry, run=name) for key, entry in stored.entries.items()}
    run = auditor.run(baseline=BaselineFile("own.json", Baseline(1, own)))
    assert differing(run, good) == dict.fromkeys((*GATES, "token-hashes"), "error")
