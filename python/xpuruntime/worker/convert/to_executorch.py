# SPDX-License-Identifier: Apache-2.0
"""To a program of ExecuTorch, whose operators run on XNNPACK where that has them."""

from importlib import metadata

import torch
from executorch.backends.xnnpack.partition.config import (
    ALL_PARTITIONER_CONFIGS,
    UnsqueezeCopyConfig,
)
from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
from executorch.exir.passes import MemoryPlanningPass

from .module import Source
from .request import ConvertRequest
from .result import Result
from .samples import dimensions


def export(source: Source, request: ConvertRequest) -> Result:
    dynamic = dimensions(source.inputs)
    exported = source.exported()
    request.progress("lower", 3, 4)
    # Inputs and outputs lie where the caller has them.
    memory = MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)
    # XNNPACK's unsqueeze takes one dynamic dimension alone.
    taken = [x for x in ALL_PARTITIONER_CONFIGS if len(dynamic) < 2 or x is not UnsqueezeCopyConfig]
    program = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner(taken)])
    made = program.to_executorch(ExecutorchBackendConfig(memory_planning_pass=memory))
    request.target.write_bytes(made.buffer)
    tools = {"torch": torch.__version__, "executorch": metadata.version("executorch")}
    return Result("torch.export, ExecuTorch with XNNPACK", tools)
