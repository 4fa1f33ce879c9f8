# SPDX-License-Identifier: Apache-2.0
"""Factories of the conversions' tests."""

import os

import torch
from torch import nn


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide, self.narrow = nn.Linear(16, 8), nn.Linear(8, 4)

    def forward(self, x):
        return self.narrow(torch.relu(self.wide(x)))


def mlp():
    torch.manual_seed(0)
    return Mlp()


class Named(nn.Module):
    """Gives what exporters call their own values too."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(4, 3)

    def forward(self, ids, scale):
        rows = self.table(ids) * scale
        return {"embedding": rows, "linear": rows.sum(-1)}


def named():
    torch.manual_seed(0)
    return Named()


class Branch(nn.Module):
    """A trace knows one of its ways."""

    def forward(self, x):
        if x.shape[0] > 3:
            return x * 2
        return x + 1


def branch():
    return Branch()


class Spectrum(nn.Module):
    """Of an operator that no exporter knows."""

    def forward(self, x):
        return torch.linalg.eigvals(x @ x.T).abs()


def spectrum():
    return Spectrum()


class Overflow(nn.Module):
    """Right in float32 alone."""

    def forward(self, x):
        return (x + 1) * 1e-9 / 1e-9


def overflow():
    return Overflow()


class Crash(nn.Module):
    def forward(self, x):
        if torch.jit.is_tracing():
            os.abort()
        return x


def crash():
    return Crash()


def no_module():
    return len
