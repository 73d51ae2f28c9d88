"""``checkpoint: model.pt``: the content of a checkpoint file, read without running any of its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import file_at
from speccheck.subjects.torch_options import read_state


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the content on the CPU: tensors by name for safetensors, else the plain data and tensors as saved."""
    return read_state(file_at(definition["checkpoint"], context))


loader = Loader(
    name="checkpoint",
    load=load,
    schema=PATH,
    doc="A checkpoint file (safetensors by suffix, else torch.load with weights_only=True), on the CPU.",
)
