# SPDX-License-Identifier: Apache-2.0
"""Writes the models that the overhead benchmark runs.

Their names say how long ONNX Runtime takes for one run on one thread of the machine that
docs/performance.md names. Random weights with a fixed seed: only the time matters.

    python benchmarks/overhead/make_models.py build/benchmarks
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

# Widths of the layers: input, hidden ones, output.
PERCEPTRONS = {
    "mlp_4us": [32, 64, 64, 64, 4],
    "mlp_20us": [256, 352, 256, 16],
}
# Convolutions rather than a wider perceptron, whose weights would make memory the measure: height
# and width of the image, and layers.
CONV_CHANNELS = 64
CONVOLUTIONS = {
    "conv_1000us": (24, 2),
    "conv_8000us": (48, 4),
}
# NonZero gives 2 x 175,000 indices of 8 bytes, 2.8 MB, on an input without zeros.
NONZERO_ROWS, NONZERO_COLUMNS = 350, 500
# Adding a column to a row gives 3200 x 3200 float32, 41 MB, of an input of 13 KB.
WIDE = 3200


def save(path: Path, graph: onnx.GraphProto) -> None:
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
    print(f"wrote {path}")


def convolutions(size: int, layers: int) -> onnx.GraphProto:
    """Convolutions of 3 x 3 with Relu: `x` to `y`, both float32 [1, channels, size, size]."""
    random = np.random.default_rng(1)
    nodes, weights = [], []
    for layer in range(layers):
        array = random.standard_normal((CONV_CHANNELS, CONV_CHANNELS, 3, 3), dtype=np.float32) / 24
        weights.append(numpy_helper.from_array(array, f"weight{layer}"))
        value = "x" if layer == 0 else f"relu{layer - 1}"
        output = "y" if layer == layers - 1 else f"relu{layer}"
        inputs = [value, f"weight{layer}"]
        nodes.append(helper.make_node("Conv", inputs, [f"conv{layer}"], pads=[1, 1, 1, 1]))
        nodes.append(helper.make_node("Relu", [f"conv{layer}"], [output]))
    shape = [1, CONV_CHANNELS, size, size]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)
    return helper.make_graph(nodes, "convolutions", [x], [y], weights)


def perceptron(widths: list[int]) -> onnx.GraphProto:
    """A chain of Gemm and Relu: `x` float32 [1, first width] to `y` float32 [1, last width]."""
    random = np.random.default_rng(1)
    nodes, weights, value = [], [], "x"
    last = len(widths) - 2
    for layer, (rows, columns) in enumerate(itertools.pairwise(widths)):
        names = [f"weight{layer}", f"bias{layer}"]
        for name, shape in zip(names, [(rows, columns), (columns,)], strict=True):
            array = random.standard_normal(shape, dtype=np.float32) / np.float32(np.sqrt(rows))
            weights.append(numpy_helper.from_array(array, name))
        output = "y" if layer == last else f"hidden{layer}"
        nodes.append(helper.make_node("Gemm", [value, *names], [output]))
        value = output
        if layer != last:
            value = f"relu{layer}"
            nodes.append(helper.make_node("Relu", [output], [value]))
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, widths[0]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, widths[-1]])
    return helper.make_graph(nodes, "perceptron", [x], [y], weights)


def nonzero() -> onnx.GraphProto:
    """`x` float32 [rows, columns] to `y` int64 [2, count], whose count depends on the data."""
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [NONZERO_ROWS, NONZERO_COLUMNS])
    y = helper.make_tensor_value_info("y", TensorProto.INT64, [2, "count"])
    return helper.make_graph([helper.make_node("NonZero", ["x"], ["y"])], "nonzero", [x], [y])


def wide() -> onnx.GraphProto:
    """`x` float32 [n, 1] plus a row of the model's to `y` float32 [n, n]."""
    row = np.random.default_rng(1).standard_normal((1, WIDE), dtype=np.float32)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [WIDE, 1])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [WIDE, WIDE])
    node = helper.make_node("Add", ["x", "row"], ["y"])
    return helper.make_graph([node], "wide", [x], [y], [numpy_helper.from_array(row, "row")])


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, widths in PERCEPTRONS.items():
        save(folder / f"{name}.onnx", perceptron(widths))
    for name, (size, layers) in CONVOLUTIONS.items():
        save(folder / f"{name}.onnx", convolutions(size, layers))
    save(folder / "nonzero_2800kb.onnx", nonzero())
    save(folder / "wide_40mb.onnx", wide())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
