# SPDX-License-Identifier: Apache-2.0
"""Factories of the worker's tests."""

import torch


class Small(torch.nn.Linear):
    def forward(self, x):
        return torch.nn.functional.linear(x, self.weight, self.bias)


def small():
    return Small(3, 4)


def wide():
    return Small(3, 5)


class Several(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(3, 4)

    def forward(self, ids, scale, mask=None):
        x = ids.float() * scale
        return {"logits": self.inner(x), "states": (x, ids), "mask": mask}


def several():
    return Several()


class Writing(torch.nn.Linear):
    def forward(self, x):
        x += 1
        return x


def writing():
    return Writing(3, 4)
