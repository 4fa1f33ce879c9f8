# SPDX-License-Identifier: Apache-2.0
"""A model of many small nodes, which takes long to compile for its size."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LENGTH = 32
HEADS = 4


class Builder:
    """Nodes and weights of a graph, named by their number."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.random = np.random.default_rng(0)

    def constant(self, values: np.ndarray) -> str:
        name = f"w{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(values, name))
        return name

    def weight(self, *shape: int) -> str:
        return self.constant(0.1 * self.random.standard_normal(shape, np.float32))

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def dense(self, x: str, width: int, out: int) -> str:
        return self.add("Add", self.add("MatMul", x, self.weight(width, out)), self.weight(out))

    def attention(self, x: str, width: int) -> str:
        split = self.constant(np.array([0, LENGTH, HEADS, width // HEADS]))
        joined = self.constant(np.array([0, LENGTH, width]))
        q, k, v = (self.add("Reshape", self.dense(x, width, width), split) for _ in range(3))
        q, v = (self.add("Transpose", each, perm=[0, 2, 1, 3]) for each in (q, v))
        scores = self.add("MatMul", q, self.add("Transpose", k, perm=[0, 2, 3, 1]))
        mixed = self.add("MatMul", self.add("Softmax", scores, axis=-1), v)
        mixed = self.add("Transpose", mixed, perm=[0, 2, 1, 3])
        return self.dense(self.add("Reshape", mixed, joined), width, width)

    def feed_forward(self, x: str, width: int) -> str:
        hidden = self.dense(x, width, 4 * width)
        gated = self.add("Mul", hidden, self.add("Sigmoid", hidden))
        return self.dense(gated, 4 * width, width)


def write_deep_model(path: Path, layers: int = 24, width: int = 64) -> Path:
    """A transformer of float32 [n, 32, width] whose weights are few: 5 MB in 24 layers."""
    graph = Builder()
    x = "x"
    for _ in range(layers):
        for block in (graph.attention, graph.feed_forward):
            scale = graph.weight(width), graph.weight(width)
            x = graph.add("Add", x, block(graph.add("LayerNormalization", x, *scale), width))
    shape = ["n", LENGTH, width]
    proto = helper.make_graph(
        graph.nodes,
        "deep",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(x, TensorProto.FLOAT, shape)],
        graph.initializers,
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(proto, opset_imports=opset, ir_version=8), path)
    return path
