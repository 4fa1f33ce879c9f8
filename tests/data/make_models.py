# SPDX-License-Identifier: Apache-2.0
"""Writes the small models that the tests run, each made for one behaviour.

The files are committed; a test makes them again and compares.

    .venv/bin/python tests/data/make_models.py [FOLDER]
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL

# Our names of the element types (NumPy's) and ONNX's numbers.
DTYPES = {
    "bool": TensorProto.BOOL,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "string": TensorProto.STRING,
}

info = helper.make_tensor_value_info
node = helper.make_node


def model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    constants: dict[str, np.ndarray] | None = None,
    domains: Sequence[str] = (),
) -> onnx.ModelProto:
    weights = [numpy_helper.from_array(value, name) for name, value in (constants or {}).items()]
    return helper.make_model(
        helper.make_graph(nodes, "test", inputs, outputs, weights),
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17), *(helper.make_opsetid(d, 1) for d in domains)],
        producer_name="make_models.py",
    )


def counting(*shape: int) -> np.ndarray:
    """Small float32 values, exact in every engine: -3, -2 ... 3, -3 ..."""
    return (np.arange(np.prod(shape)) % 7 - 3).astype(np.float32).reshape(shape)


def add() -> onnx.ModelProto:
    """Everything static: x + y."""
    return model(
        [node("Add", ["x", "y"], ["z"])],
        [info("x", FLOAT, [2, 3]), info("y", FLOAT, [2, 3])],
        [info("z", FLOAT, [2, 3])],
    )


def mlp() -> onnx.ModelProto:
    """A named dynamic dimension that the output shares."""
    return model(
        [
            node("Gemm", ["x", "weight0", "bias0"], ["hidden"]),
            node("Relu", ["hidden"], ["active"]),
            node("Gemm", ["active", "weight1", "bias1"], ["y"]),
        ],
        [info("x", FLOAT, ["batch", 16])],
        [info("y", FLOAT, ["batch", 4])],
        {
            "weight0": counting(16, 8) / 8,
            "bias0": counting(8) / 8,
            "weight1": counting(8, 4) / 8,
            "bias1": counting(4) / 8,
        },
    )


def nonzero() -> onnx.ModelProto:
    """An output whose shape depends on the data."""
    return model(
        [node("NonZero", ["x"], ["y"])],
        [info("x", FLOAT, ["n"])],
        [info("y", INT64, [1, "count"])],
    )


def fill() -> onnx.ModelProto:
    """An output whose shape is an input: as large or as empty as is asked."""
    return model(
        [node("ConstantOfShape", ["shape"], ["y"])],
        [info("shape", INT64, [2])],
        [info("y", FLOAT, ["rows", "columns"])],
    )


def identity(elem_type: int) -> onnx.ModelProto:
    return model(
        [node("Identity", ["x"], ["y"])],
        [info("x", elem_type, ["n"])],
        [info("y", elem_type, ["n"])],
    )


def multi_io() -> onnx.ModelProto:
    """Inputs and outputs of several types, some of them sharing a dimension."""
    return model(
        [
            node("Cast", ["offset"], ["offset_float"], to=FLOAT),
            node("Add", ["values", "offset_float"], ["shifted"]),
            node("ArgMax", ["shifted"], ["best"], axis=1, keepdims=0),
            node("Greater", ["shifted", "zero"], ["positive"]),
        ],
        [info("values", FLOAT, ["batch", 4]), info("offset", INT64, [4])],
        [
            info("shifted", FLOAT, ["batch", 4]),
            info("best", INT64, ["batch"]),
            info("positive", BOOL, ["batch", 4]),
        ],
        {"zero": np.array(0, np.float32)},
    )


def scalar() -> onnx.ModelProto:
    """Rank 0 in, rank 0 out."""
    return model([node("Neg", ["x"], ["y"])], [info("x", FLOAT, [])], [info("y", FLOAT, [])])


def reshape_view() -> onnx.ModelProto:
    """An output that an engine may give as a view of its input."""
    return model(
        [node("Reshape", ["x", "shape"], ["y"])],
        [info("x", FLOAT, ["rows", 3])],
        [info("y", FLOAT, ["n"])],
        {"shape": np.array([-1], np.int64)},
    )


def constant_output() -> onnx.ModelProto:
    """An output that is a weight: an engine may give its own read-only memory."""
    return model(
        [node("Relu", ["x"], ["y"])],
        [info("x", FLOAT, [4])],
        [info("y", FLOAT, [4]), info("weight", FLOAT, [4])],
        {"weight": counting(4)},
    )


def matmul_static() -> onnx.ModelProto:
    return model(
        [node("MatMul", ["x", "weight"], ["y"])],
        [info("x", FLOAT, [4, 8])],
        [info("y", FLOAT, [4, 3])],
        {"weight": counting(8, 3)},
    )


def lying_symbol() -> onnx.ModelProto:
    """Declares its output to be as long as its input, and makes it twice as long."""
    return model(
        [node("Concat", ["x", "x"], ["y"], axis=0)],
        [info("x", FLOAT, ["batch"])],
        [info("y", FLOAT, ["batch"])],
    )


def sequence() -> onnx.ModelProto:
    """An output that is no tensor."""
    return model(
        [node("SequenceConstruct", ["x", "x"], ["y"])],
        [info("x", FLOAT, [2])],
        [helper.make_tensor_sequence_value_info("y", FLOAT, [2])],
    )


def unsupported_op() -> onnx.ModelProto:
    return model(
        [node("Mystery", ["x"], ["y"], domain="com.example", name="the_mystery")],
        [info("x", FLOAT, [2])],
        [info("y", FLOAT, [2])],
        domains=["com.example"],
    )


def undefined_value() -> onnx.ModelProto:
    """Well-formed protobuf; a node reads a value that nothing makes."""
    return model(
        [node("Add", ["x", "nobody_makes_this"], ["y"])],
        [info("x", FLOAT, [2])],
        [info("y", FLOAT, [2])],
    )


def cyclic() -> onnx.ModelProto:
    return model(
        [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"])],
        [info("x", FLOAT, [2])],
        [info("b", FLOAT, [2])],
    )


def huge_dim() -> onnx.ModelProto:
    """A weight that says it has 2^62 elements, and holds one."""
    made = model(
        [node("Add", ["x", "weight"], ["y"])], [info("x", FLOAT, [1])], [info("y", FLOAT, [2**62])]
    )
    made.graph.initializer.append(
        TensorProto(name="weight", data_type=FLOAT, dims=[2**62], raw_data=bytes(4))
    )
    return made


def huge_product() -> onnx.ModelProto:
    """A weight whose dimensions are harmless one by one; their product wraps around to 0 bytes."""
    made = model(
        [node("Add", ["x", "weight"], ["y"])],
        [info("x", FLOAT, [1])],
        [info("y", FLOAT, [2**31, 2**31, 4])],
    )
    made.graph.initializer.append(
        TensorProto(name="weight", data_type=FLOAT, dims=[2**31, 2**31, 4], raw_data=b"")
    )
    return made


def negative_dim() -> onnx.ModelProto:
    made = model(
        [node("Add", ["x", "weight"], ["y"])], [info("x", FLOAT, [1])], [info("y", FLOAT, [1])]
    )
    made.graph.initializer.append(
        TensorProto(name="weight", data_type=FLOAT, dims=[-1], raw_data=bytes(4))
    )
    return made


GOOD = {
    "add": add(),
    "mlp": mlp(),
    "nonzero": nonzero(),
    "fill": fill(),
    "multi_io": multi_io(),
    "scalar": scalar(),
    "reshape_view": reshape_view(),
    "constant_output": constant_output(),
    "matmul_static": matmul_static(),
    "lying_symbol": lying_symbol(),
    "sequence": sequence(),
    **{f"identity_{name}": identity(number) for name, number in DTYPES.items()},
}
# What no engine can run: each must be refused with a typed error and no crash.
UNSUPPORTED = {"unsupported_op": unsupported_op()}
WRONG = {
    "undefined_value": undefined_value(),
    "cyclic": cyclic(),
    "huge_dim": huge_dim(),
    "huge_product": huge_product(),
    "negative_dim": negative_dim(),
}
NOT_MODELS = {
    "empty": b"",
    "truncated": GOOD["mlp"].SerializeToString()[:-100],
    "not_onnx": b"This is a text that somebody named .onnx.\n",
}


def main(folder: Path) -> None:
    (folder / "wrong").mkdir(parents=True, exist_ok=True)
    for name, good in GOOD.items():
        onnx.checker.check_model(good, full_check=True)
        onnx.save(good, folder / f"{name}.onnx")
    for name, unsupported in UNSUPPORTED.items():
        onnx.save(unsupported, folder / f"{name}.onnx")
    for name, wrong in WRONG.items():
        onnx.save(wrong, folder / "wrong" / f"{name}.onnx")
    for name, content in NOT_MODELS.items():
        (folder / "wrong" / f"{name}.onnx").write_bytes(content)
    print(f"wrote {len(GOOD) + len(UNSUPPORTED)} models to {folder}")
    print(f"wrote {len(WRONG) + len(NOT_MODELS)} wrong files to {folder / 'wrong'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent)
