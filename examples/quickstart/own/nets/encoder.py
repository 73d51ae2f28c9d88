"""Stands for a model of your own."""

import torch
from torch import Tensor, nn


class Encoder(nn.Module):
    """Two layers, and some noise on the hidden values while training."""

    def __init__(self, width: int, classes: int = 4) -> None:
        super().__init__()
        self.hidden = nn.Linear(16, width)
        self.head = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.relu(self.hidden(x))
        if self.training:
            hidden = hidden + 0.1 * torch.randn_like(hidden)
        out: Tensor = self.head(hidden)
        return out
