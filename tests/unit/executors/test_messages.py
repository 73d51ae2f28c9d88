"""What a worker sends has limits, each of which is said."""

from __future__ import annotations

import pytest

from speccheck.executors.messages import EVIDENCE, METRIC, decoded, encoded
from speccheck.model.evidence import Evidence, Series, Table
from speccheck.model.run import Measured
from speccheck.model.spec import Measurement
from speccheck.model.values import TensorDescription

MEASUREMENT = Measurement("values.equal", 1)


def sent(evidence: Evidence) -> Measured:
    return decoded(encoded(Measured(MEASUREMENT, evidence)))


def test_values_come_back_as_they_were() -> None:
    metrics = {"z": float("inf"), "a": [1, 2.5, None], "t": TensorDescription("float32", (2, 3)), "m": {"b": 1, "a": 2}}
    found = sent(Evidence(metrics=metrics)).evidence
    assert found is not None
    assert found.metrics == metrics
    assert list(found.metrics) == ["z", "a", "t", "m"]
    assert list(found.metrics["m"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("evidence", "message"),
    [
        (Evidence(metrics={"text": "x" * METRIC}), f"the metric 'text' has {METRIC + 2} bytes; the limit of each is"),
        (Evidence(tables={"t": Table(("c",), (("x" * METRIC,),))}), "the table 't' has"),
        (Evidence(series={"s": Series((0.0,) * (METRIC >> 2), (0.0,) * (METRIC >> 2))}), "the series 's' has"),
        (Evidence(metrics={str(n): "x" * (METRIC - 9) for n in range(5)}), f"the limit is {EVIDENCE} bytes"),
    ],
)
def test_evidence_that_is_too_long_is_a_failure(evidence: Evidence, message: str) -> None:
    found = sent(evidence)
    assert found.evidence is None
    assert found.failure is not None
    assert found.failure.kind == "too large"
    assert message in found.failure.message


def test_a_metric_within_its_limit_comes_back() -> None:
    assert sent(Evidence(metrics={"text": "x" * (METRIC - 100), "more": "y" * 1000})).evidence is not None


def test_what_is_no_data_is_a_failure() -> None:
    found = sent(Evidence(metrics={"object": object()}))
    assert found.failure is not None
    assert found.failure.kind == "not recordable"
