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

from ..errors import invalid
from .module import Source
from .request import ConvertRequest
from .result import Result
from .samples import dimensions


def export(source: Source, request: ConvertRequest) -> Result:
    """Raises TypedError for a dynamic dimension without a bound."""
    dynamic = dimensions(source.inputs)
    for each in dynamic.values():
        if each.most is None:
            raise invalid(
                f"dynamic '{each.name}': ExecuTorch plans its memory for the largest size, and "
                f"this has none; give bounds, as {each.name}={each.least}-32"
            )
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
