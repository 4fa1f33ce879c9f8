# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import numpy as np
import onnx
from conftest import DATA, fail, succeed
from onnx import TensorProto, helper, numpy_helper


def test_tells_of_a_model_without_any_engine(tmp_path: Path):
    document = succeed(
        "info", DATA / "digits.onnx", "--json", env={"XPURT_ENGINE_PATH": str(tmp_path)}
    ).document
    model = onnx.load(DATA / "digits.onnx")
    assert document["byte_size"] == (DATA / "digits.onnx").stat().st_size
    assert document["opsets"] == {"ai.onnx": 17}
    assert document["producer"]["name"] == "make_digits.py"
    assert document["inputs"] == [
        {
            "name": "image",
            "kind": "tensor",
            "dtype": "float32",
            "shape": [-1, 1, 8, 8],
            "dim_names": ["batch", "", "", ""],
        }
    ]
    assert [each["name"] for each in document["outputs"]] == ["logits"]
    assert sum(document["operators"].values()) == document["nodes"] == len(model.graph.node)
    parameters = sum(numpy_helper.to_array(each).size for each in model.graph.initializer)
    assert document["parameters"] == parameters


def test_shows_the_same_to_a_person():
    text = succeed("info", DATA / "digits.onnx").stdout
    for words in ["float32[batch,1,8,8]", "float32[batch,10]", "2  Conv", "opset", "KiB"]:
        assert words in text


def test_tells_of_what_is_no_tensor():
    outputs = succeed("info", DATA / "sequence.onnx", "--json").document["outputs"]
    assert outputs[0]["kind"] == "sequence"


def test_shows_metadata_and_escapes_what_a_terminal_would_obey(tmp_path: Path):
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x\x1b[2J"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x\x1b[2J", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph)
    helper.set_model_props(model, {"author": "någon"})
    onnx.save(model, tmp_path / "m.onnx")
    text = succeed("info", tmp_path / "m.onnx").stdout
    assert "\x1b" not in text
    assert "x\\x1b[2J" in text
    assert "någon" in text
    document = succeed("info", tmp_path / "m.onnx", "--json").document
    assert document["inputs"][0]["name"] == "x\x1b[2J"
    assert document["metadata"] == {"author": "någon"}
    assert document["outputs"][0]["shape"] is None


def test_counts_weights_in_other_files(tmp_path: Path):
    weight = numpy_helper.from_array(np.ones((100, 100), np.float32), "w")
    graph = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["y"])],
        "g",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [100, 100])],
        [weight],
    )
    onnx.save(
        helper.make_model(graph),
        tmp_path / "m.onnx",
        save_as_external_data=True,
        location="weights",
        size_threshold=0,
    )
    document = succeed("info", tmp_path / "m.onnx", "--json").document
    assert document["external_byte_size"] == 40000
    assert document["parameters"] == 10000


def test_a_file_of_another_format_is_told_of_by_its_engine(tmp_path: Path):
    xml = tmp_path / "digits.xml"
    to_openvino = ["--to", "openvino", "--output", xml, "--python", sys.executable]
    succeed("convert", DATA / "digits.onnx", *to_openvino)
    document = succeed("info", xml, "--json").document
    assert (document["format"], document["session"]["engine"]) == ("xml", "openvino")
    assert document["byte_size"] == xml.stat().st_size
    [image] = document["inputs"]
    assert (image["name"], image["kind"], image["shape"]) == ("image", "tensor", [-1, 1, 8, 8])
    assert [each["name"] for each in document["outputs"]] == ["logits"]
    text = succeed("info", xml).stdout
    for words in ["openvino", "float32[?,1,8,8]", "nodes run by"]:
        assert words in text


def test_an_engine_that_is_named_tells_how_it_sees_a_model():
    arguments = ["info", DATA / "digits.onnx", "--engine", "reference", "--threads", "1"]
    document = succeed(*arguments, "--json").document
    assert document["session"]["engine"] == "reference"
    assert document["opset"] == 17
    assert document["inputs"][0]["dim_names"] == ["batch", "", "", ""]
    assert "float32[batch,10]" in succeed(*arguments).stdout


def test_refuses_what_is_no_model(tmp_path: Path):
    (tmp_path / "notes.txt").write_text("no model")
    assert "notes.txt" in fail("InvalidArgumentError", "info", tmp_path / "notes.txt")
    assert "none.onnx" in fail("ModelNotFoundError", "info", "none.onnx")
    for name in ["empty", "truncated", "not_onnx", "huge_dim", "negative_dim"]:
        assert name in fail("InvalidArgumentError", "info", DATA / "wrong" / f"{name}.onnx")
    assert "wrong" in fail("InvalidArgumentError", "info", DATA / "wrong")
