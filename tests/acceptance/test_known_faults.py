"""Faults of public software that runs and is silently wrong, rebuilt small: a spec tells the two forms apart.

The faulty form is violated in the entry that is about the fault, and the sound form passes the same spec.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import Project, outcomes

pytestmark = pytest.mark.slow

REVIEWS = '''
import torch
from torch import nn

PAD = 0


class Reviews(nn.Module):
    """A vector for each review; the rows of a batch are padded to the longest."""

    def __init__(self, form):
        super().__init__()
        self.form = form
        self.words = nn.Embedding(50, 12, padding_idx=PAD)
        self.attention = nn.MultiheadAttention(12, 3, batch_first=True)
        self.out = nn.Linear(12, 5)

    def forward(self, ids):
        padded = ids == PAD
        words = self.words(ids)
        mask = None if self.form == "attends to padding" else padded
        seen, _ = self.attention(words, words, words, key_padding_mask=mask, need_weights=False)
        hidden = words + seen
        if self.form == "averages padding":
            return self.out(hidden.mean(dim=1))
        kept = (~padded)[..., None]
        return self.out((hidden * kept).sum(dim=1) / kept.sum(dim=1))


def batch():
    rows = [[7, 3, 41, 8, 8, 2, 19], [12, 30, 4], [25, 6, 6, 17, 9]]
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])
'''

REVIEWS_SPEC = """\
speccheck: 1
title: Padding means nothing
code: .
vars: {form: sound}
subjects:
  model: {target: "reviews:Reviews", args: ["${vars.form}"]}
  ids: {target: "reviews:batch"}
checks:
  - id: alive
    check: model.forward
    with: {model: $model, inputs: [$ids]}
    expect:
      output: {tensor: "float32[3, 5]"}
      finite: true
      repeat_identical: true
      batch_difference: {max: 1e-5, why: the first row has no padding}
  - id: padding-changes-nothing
    check: model.forward
    with: {model: $model, inputs: [$ids], padding: 0}
    expect:
      padded_rows: 2
      padding_difference: {max: 1e-5}
"""

PROBE = '''
import torch
from torch import nn


class LinearProbe:
    """A linear layer learns on the features of a frozen backbone."""

    def __init__(self, form):
        self.form = form
        self.draws = torch.Generator().manual_seed(5)
        torch.manual_seed(11)
        backbone = nn.Sequential(nn.Conv1d(2, 6, 3), nn.BatchNorm1d(6), nn.ReLU(), nn.Flatten(), nn.Linear(36, 8))
        backbone.requires_grad_(False)
        self.model = nn.Sequential()
        self.model.add_module("backbone", backbone)
        self.model.add_module("classify", nn.Linear(8, 3))
        self.optimizer = torch.optim.SGD(self.model.classify.parameters(), lr=0.1)

    def step(self):
        self.model.train()
        if self.form == "sound":
            self.model.backbone.eval()
        signals = 2 + torch.randn(16, 2, 8, generator=self.draws)
        classes = signals.mean(dim=(1, 2)).mul(9).long() % 3
        loss = nn.functional.cross_entropy(self.model(signals), classes)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss


def features(form, steps):
    probe = LinearProbe(form)
    for _ in range(steps):
        probe.step()
    signals = torch.linspace(-1, 1, 64).reshape(4, 2, 8)
    return probe.model.backbone.eval()(signals).detach()
'''

PROBE_SPEC = """\
speccheck: 1
title: The backbone of a probe stays as it was
code: .
vars: {form: sound}
subjects:
  probe: {target: "probe:LinearProbe", args: ["${vars.form}"]}
  before: {target: "probe:features", args: ["${vars.form}", 0]}
  after: {target: "probe:features", args: ["${vars.form}", 20]}
checks:
  - id: learns
    check: train.overfit
    with: {trainer: $probe, steps: 20}
    expect: {finite: true, unmoved: [], moved: {above: 0}}
  - id: frozen-stays
    check: grad.update
    with: {trainer: $probe, frozen: ["backbone.*"]}
    expect:
      unmoved: []
      undeclared_frozen: []
      unmatched: []
      declared_but_moving: []
  - id: statistics-stay
    check: train.steps
    with: {trainer: $probe, steps: 20}
    expect: {moved_buffers: [], repeat_identical: true}
  - id: features-stay
    check: tensor.compare
    with: {reference: $before, estimate: $after}
    expect: {max_abs_error: 0}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("")
    for name, text in {"reviews.py": REVIEWS, "probe.py": PROBE}.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "reviews.yaml").write_text(REVIEWS_SPEC)
    (tmp_path / "probe.yaml").write_text(PROBE_SPEC)
    return Project(tmp_path)


def judged(project: Project, spec: str, form: str, code: int) -> dict[str, str]:
    """The outcome of every entry of a spec, on a system in this form."""
    done = project("run", spec, "--set", f"vars.form={form}", "--format", "json", code=code)
    return outcomes(json.loads(done.stdout))


@pytest.mark.parametrize("form", ["averages padding", "attends to padding"])
def test_padding_that_is_taken_for_words(project: Project, form: str) -> None:
    sound = judged(project, "reviews.yaml", "sound", 0)
    assert sound == {"alive": "passed", "padding-changes-nothing": "passed"}
    assert judged(project, "reviews.yaml", form, 1) == {**sound, "padding-changes-nothing": "failed"}


def test_a_frozen_backbone_whose_statistics_move(project: Project) -> None:
    sound = judged(project, "probe.yaml", "sound", 0)
    assert set(sound.values()) == {"passed"}
    faulty = judged(project, "probe.yaml", "faulty", 1)
    assert faulty == {**sound, "frozen-stays": "failed", "statistics-stay": "failed", "features-stay": "failed"}
