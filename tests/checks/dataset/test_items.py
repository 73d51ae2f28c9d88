from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from speccheck.checks.dataset.items import check
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext

INDEX = [{"start_token": f"t{at}", "frames": [{"filename": f"{at + i}.jpg"} for i in range(8)]} for at in range(6)]
HOW: dict[str, Any] = {
    "index": INDEX,
    "indices": (0, 1, 2, 3, 4, -1),
    "item": "video",
    "fields": {"start_token": "start_token", "names.-1": "frames.-1.filename"},
}


class Clips:
    """Clips as a dataset gives them; a subclass spoils one thing."""

    def __len__(self) -> int:
        return 6

    def video(self, at: int) -> torch.Tensor:
        return torch.rand(8, 3, 18, 32, generator=torch.Generator().manual_seed(at))

    def __getitem__(self, at: int) -> Any:
        names = [f"{at + i}.jpg" for i in range(8)]
        return {"video": self.video(at), "start_token": f"t{at}", "names": names}


def test_a_sound_dataset(context: FakeContext) -> None:
    metrics = measured(check, context, dataset=Clips(), **HOW).metrics
    assert (metrics["length"], metrics["index_length"], metrics["distinct_items"]) == (6, 6, 6)
    assert metrics["examined"] == [0, 1, 2, 3, 4, 5]
    assert str(metrics["item"]) == "float32[8,3,18,32]"
    assert (metrics["same_form"], metrics["finite"], metrics["raised"], metrics["mismatched"]) == (True, True, [], [])
    assert 0 <= metrics["min"] < 0.01
    assert 0.99 < metrics["max"] <= 1
    assert metrics["values"] == {"start_token": "t0", "names.-1": "7.jpg"}


class Loud(Clips):
    def video(self, at: int) -> torch.Tensor:
        return super().video(at) * 255


class Same(Clips):
    def video(self, at: int) -> torch.Tensor:
        return super().video(0)


class Broken(Clips):
    def video(self, at: int) -> torch.Tensor:
        x = super().video(at)
        x[0, 0, 0, 0] = float("nan") if at == 3 else x[0, 0, 0, 0]
        return x


class Shifted(Clips):
    def __getitem__(self, at: int) -> Any:
        return super().__getitem__(at + 1)


class Ragged(Clips):
    def video(self, at: int) -> torch.Tensor:
        return super().video(at)[: 8 - (at == 2)]


class Raising(Clips):
    def video(self, at: int) -> torch.Tensor:
        if at == 4:
            raise OSError("image file is truncated")
        return super().video(at)


@pytest.mark.parametrize(
    ("dataset", "names"),
    [
        (Loud(), {"max", "means", "stds", "min"}),
        (Same(), {"distinct_items", "means", "stds", "min", "max", "min_item", "max_item"}),
        (Broken(), {"finite", "nonfinite", "min", "max", "min_item", "max_item", "means", "stds"}),
        (Shifted(), {"mismatched", "values", "means", "stds", "min", "max", "min_item", "max_item"}),
        (Ragged(), {"same_form", "means", "stds"}),
        (
            Raising(),
            {"raised", "means", "stds", "distinct_items", "min", "max", "min_item", "max_item"}
            | {"finite", "nonfinite", "same_form"},
        ),
    ],
)
def test_each_fault_changes_what_it_should(context: FakeContext, dataset: Clips, names: set[str]) -> None:
    found = changed(measured(check, context, dataset=Clips(), **HOW), measured(check, context, dataset=dataset, **HOW))
    assert found <= names
    assert next(iter(found & names), None) is not None


def test_faults_are_named(context: FakeContext) -> None:
    raising = measured(check, context, dataset=Raising(), **HOW)
    assert raising.metrics["raised"] == [4]
    assert "item 4 raised OSError: image file is truncated" in raising.findings[0].message
    shifted = measured(check, context, dataset=Shifted(), **HOW)
    assert shifted.metrics["mismatched"][:2] == ["0:start_token", "0:names.-1"]
    assert "item 0: start_token is t1, the index has t0" in shifted.findings[0].message


class Long(list[torch.Tensor]):
    """300 items, of which one holds NaN, another infinity and a third the largest element."""

    def __init__(self) -> None:
        super().__init__(torch.rand(2, 3, generator=torch.Generator().manual_seed(at)) for at in range(300))
        self[33][1, 2] = float("nan")
        self[40][0, 1] = -float("inf")
        self[250][0, 0] = 7


def test_all_items_are_looked_at(context: FakeContext) -> None:
    evidence = measured(check, context, dataset=Long())
    metrics = evidence.metrics
    assert (metrics["length"], metrics["looked_at"], metrics["examined"]) == (300, 300, list(range(300)))
    assert (metrics["finite"], metrics["nonfinite"]) == (False, [33, 40])
    assert (metrics["min_item"], metrics["max_item"]) == (40, 250)
    assert [finding.message for finding in evidence.findings] == [
        "item 33 is float32[2,3] with 1 NaN, first at [1, 2]",
        "item 40 is float32[2,3] with 1 infinite, first at [0, 1]",
    ]


def test_a_sample_is_said_to_be_one(context: FakeContext) -> None:
    evidence = measured(check, context, dataset=Long(), sample=30, seed=1)
    assert evidence.metrics["looked_at"] == len(evidence.metrics["examined"])
    assert evidence.metrics["examined"][:2] == [0, 299]
    assert evidence.findings[0].message == f"{evidence.metrics['looked_at']} of 300 items were looked at"


def test_the_items_are_those_that_the_spec_names(context: FakeContext) -> None:
    evidence = measured(check, context, dataset=Long(), indices=(33,))
    assert evidence.metrics["examined"] == evidence.metrics["nonfinite"] == [33]
    assert not {"min_item", "max_item"} & set(evidence.metrics)


def test_a_contact_sheet_is_kept(context: FakeContext) -> None:
    evidence = measured(check, context, dataset=Clips(), sheet=-1, **HOW)
    assert evidence.artifacts["sheet"].media_type == "image/png"
    with Image.open(context.artifacts / evidence.artifacts["sheet"].path) as sheet:
        assert sheet.size == (4 * (32 + 4) + 4, 2 * (18 + 4) + 4)
        first = round(float(Clips().video(5)[0, 1, 0, 0]) * 255)
        assert sheet.getpixel((4, 4))[1] == first  # type: ignore[index]


def test_an_item_that_is_no_clip_has_no_sheet(context: FakeContext) -> None:
    evidence = measured(check, context, dataset=[torch.zeros(2, 2)], indices=(), sheet=0)
    assert evidence.artifacts == {}
    assert "no contact sheet" in evidence.findings[0].message


def test_an_empty_dataset_has_no_item(context: FakeContext) -> None:
    metrics = measured(check, context, dataset=[], index=[]).metrics
    assert metrics["length"] == 0
    assert "item" not in metrics


def test_a_random_sample_is_seeded(context: FakeContext) -> None:
    first = measured(check, context, dataset=Clips(), item="video", indices=(), sample=3, seed=1).metrics["examined"]
    assert len(first) == 3
    assert (
        measured(check, context, dataset=Clips(), item="video", indices=(), sample=3, seed=1).metrics["examined"]
        == first
    )


def test_no_dataset(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="dataset"):
        measured(check, context, dataset=iter([1]))


def test_of_items_of_which_one_raised_nothing_is_known_of_all(context: FakeContext) -> None:
    metrics = measured(check, context, dataset=Raising(), **HOW).metrics
    assert metrics["raised"] == [4]
    assert not {"finite", "nonfinite", "same_form", "min", "max"} & set(metrics)
    assert (len(metrics["means"]), metrics["distinct_items"]) == (5, 5)


def test_fields_that_were_not_compared_do_not_match(context: FakeContext) -> None:
    class Gone(Clips):
        def video(self, at: int) -> torch.Tensor:
            raise OSError("no such file")

    assert "mismatched" not in measured(check, context, dataset=Gone(), **HOW).metrics
    assert "mismatched" not in measured(check, context, dataset=Clips(), **{**HOW, "fields": {}}).metrics


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    clips = [{"video": torch.full((2, 3, 4, 6), at / 4), "name": f"clip{at}"} for at in range(3)]
    index = [{"token": f"clip{at}"} for at in range(3)]
    return {"dataset": clips, "index": index, "item": "video", "fields": {"name": "token"}, "sheet": 0}
