# SPDX-License-Identifier: Apache-2.0
"""Writes the small models of this engine's own tests, beside this file. They are committed.

.venv/bin/python engines/openvino/tests/data/make_models.py [FOLDER]
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import openvino as ov
from onnx import TensorProto, helper
from openvino import opset15 as ops

F32 = np.float32


def scale() -> ov.Model:
    """y = x times a weight, which is in the file beside it."""
    x = ops.parameter([-1, 2], F32, name="x")
    y = ops.multiply(x, ops.constant(np.array([[2, 3]], F32)))
    x.output(0).set_names({"x"})
    y.output(0).set_names({"y"})
    return ov.Model([y], [x], "scale")


def double() -> ov.Model:
    """y = x + x: no weights, and no names but those of the nodes."""
    x = ops.parameter([2], F32, name="x")
    return ov.Model([ops.add(x, x, name="y")], [x], "double")


def accumulate() -> ov.Model:
    """y = the sum of all x since the state was new."""
    x = ops.parameter([1, 2], F32, name="x")
    x.output(0).set_names({"x"})
    zeros = ops.constant(np.zeros((1, 2), F32))
    sum_before = ops.read_value(zeros, "sum", ov.Type.f32, ov.PartialShape([1, 2]))
    y = ops.add(sum_before, x)
    y.output(0).set_names({"y"})
    return ov.Model([ops.result(y)], [ops.assign(y, "sum")], [x], "accumulate")


def chain() -> onnx.ModelProto:
    """Many slow nodes one after another: x x x x ..."""
    info = helper.make_tensor_value_info
    nodes = [helper.make_node("MatMul", [f"v{i}", "v0"], [f"v{i + 1}"]) for i in range(256)]
    nodes[-1].output[0] = "y"
    graph = helper.make_graph(
        nodes,
        "chain",
        [info("v0", TensorProto.FLOAT, ["n", "n"])],
        [info("y", TensorProto.FLOAT, ["n", "n"])],
    )
    return helper.make_model(
        graph,
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
        producer_name="make_models.py",
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for make in (scale, double, accumulate):
        ov.serialize(make(), folder / f"{make.__name__}.xml")
    (folder / "double.bin").unlink()  # it is empty
    onnx.save(chain(), folder / "chain.onnx")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
