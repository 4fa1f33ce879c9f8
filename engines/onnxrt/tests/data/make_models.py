# SPDX-License-Identifier: Apache-2.0
"""Writes the small models of this engine's own tests, beside this file. They are committed.

.venv/bin/python engines/onnxrt/tests/data/make_models.py [FOLDER]
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL

info = helper.make_tensor_value_info
node = helper.make_node


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    weights: Sequence[onnx.TensorProto] = (),
) -> onnx.ModelProto:
    return helper.make_model(
        helper.make_graph(nodes, "test", inputs, outputs, weights),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
        producer_name="make_models.py",
    )


def pass_through() -> onnx.ModelProto:
    """The input is an output too, under its own name."""
    return model(
        [node("Neg", ["x"], ["y"])],
        [info("x", FLOAT, ["n"])],
        [info("x", FLOAT, ["n"]), info("y", FLOAT, ["n"])],
    )


def half_lying() -> onnx.ModelProto:
    """Of two outputs, the first is twice as long as it says."""
    return model(
        [node("Concat", ["x", "x"], ["twice"], axis=0), node("Neg", ["x"], ["y"])],
        [info("x", FLOAT, ["n"])],
        [info("twice", FLOAT, ["n"]), info("y", FLOAT, ["n"])],
    )


def unknown_rank() -> onnx.ModelProto:
    """Nothing is said of the output's shape."""
    return model(
        [node("Reshape", ["x", "shape"], ["y"])],
        [info("x", FLOAT, ["n"]), info("shape", INT64, ["rank"])],
        [info("y", FLOAT, None)],
    )


def loop() -> onnx.ModelProto:
    """Adds 1 to x as often as `trips` says, which may be for ever."""
    body = helper.make_graph(
        [node("Add", ["value", "one"], ["next"]), node("Identity", ["go_on"], ["go_on_out"])],
        "body",
        [info("trip", INT64, []), info("go_on", BOOL, []), info("value", FLOAT, [1])],
        [info("go_on_out", BOOL, []), info("next", FLOAT, [1])],
    )
    return model(
        [node("Loop", ["trips", "", "x"], ["y"], body=body)],
        [info("x", FLOAT, [1]), info("trips", INT64, [])],
        [info("y", FLOAT, [1])],
        [numpy_helper.from_array(np.ones(1, np.float32), "one")],
    )


def described() -> onnx.ModelProto:
    """Says all that a model can say of itself."""
    made = model(
        [node("Add", ["x", "y"], ["z"])],
        [info("x", FLOAT, ["batch", 3]), info("y", FLOAT, [3])],
        [info("z", FLOAT, ["batch", 3])],
    )
    made.graph.doc_string = "adds"
    made.doc_string = "a model that adds"
    made.domain = "com.example"
    made.model_version = 7
    helper.set_model_props(made, {"author": "somebody", "domain": "the model's own word"})
    return made


def external() -> onnx.ModelProto:
    """A weight in a file beside the model."""
    weight = TensorProto(
        name="weight", data_type=FLOAT, dims=[4], data_location=TensorProto.EXTERNAL
    )
    weight.external_data.add(key="location", value="external.weights")
    weight.external_data.add(key="offset", value="0")
    weight.external_data.add(key="length", value="16")
    return model(
        [node("Add", ["x", "weight"], ["y"])],
        [info("x", FLOAT, [4])],
        [info("y", FLOAT, [4])],
        [weight],
    )


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for make in (pass_through, half_lying, unknown_rank, loop, described, external):
        # Not onnx.save, which would look for the external weight.
        (folder / f"{make.__name__}.onnx").write_bytes(make().SerializeToString())
    (folder / "external.weights").write_bytes(np.arange(4, dtype=np.float32).tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
