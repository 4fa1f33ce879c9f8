# SPDX-License-Identifier: Apache-2.0
import json
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from conftest import DATA, fail, onnx_engines, succeed
from onnx import TensorProto, helper, numpy_helper

DTYPES = [
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float16", "float32", "float64", "bfloat16"),
]


def numpy_dtype(name: str) -> np.dtype:
    return np.dtype(ml_dtypes.bfloat16) if name == "bfloat16" else np.dtype(name)


@pytest.mark.parametrize("dtype", DTYPES)
def test_gives_back_what_numpy_wrote(run_json, tmp_path: Path, dtype: str):
    x = np.array([0, 1, 2, 100]).astype(numpy_dtype(dtype))
    np.save(tmp_path / "x.npy", x)
    run_json(
        f"identity_{dtype}.onnx", "--input", f"x={tmp_path}/x.npy", "--output", tmp_path / "out"
    )
    y = np.load(tmp_path / "out/y.npy")
    y = y.view(x.dtype) if dtype == "bfloat16" else y
    assert y.dtype == x.dtype
    np.testing.assert_array_equal(y, x)


def test_computes_what_numpy_computes(run_json, tmp_path: Path):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 2, 3)).astype(np.float32)
    np.savez_compressed(tmp_path / "in.npz", x=x, y=y)
    document = run_json("add.onnx", "--input", tmp_path / "in.npz", "--output", tmp_path / "out")
    np.testing.assert_allclose(np.load(tmp_path / "out/z.npy"), x + y, rtol=1e-6)
    z = document["outputs"][0]
    assert (z["name"], z["dtype"], z["shape"]) == ("z", "float32", [2, 3])
    assert z["min"] == pytest.approx((x + y).min(), rel=1e-6)
    assert z["max"] == pytest.approx((x + y).max(), rel=1e-6)
    assert z["mean"] == pytest.approx((x + y).mean(), rel=1e-5)
    assert z["first"] == pytest.approx((x + y).ravel().tolist(), rel=1e-6)
    assert z["file"] == str(tmp_path / "out/z.npy")


def test_writes_what_numpy_has_not_as_tensor_protos(tmp_path: Path):
    texts = np.array(["", "a b", "\u00e9"], object)
    (tmp_path / "x.pb").write_bytes(numpy_helper.from_array(texts).SerializeToString())
    model, out = DATA / "identity_string.onnx", tmp_path / "out"
    arguments = ("--input", f"x={tmp_path}/x.pb", "--output", out, "--engine", "onnxrt", "--json")
    document = json.loads(succeed("run", model, *arguments).stdout)
    y = document["outputs"][0]
    assert (y["dtype"], y["first"], y["min"]) == ("string", texts.tolist(), None)
    proto = TensorProto.FromString((tmp_path / "out/y.pb").read_bytes())
    assert numpy_helper.to_array(proto).tolist() == texts.tolist()


def test_reads_every_kind_of_file(run_json, tmp_path: Path):
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.save(tmp_path / "fortran.npy", np.asfortranarray(x))
    np.save(tmp_path / "big.npy", x.astype(">f4"))
    np.savez(tmp_path / "one.npz", anything=x)
    np.savez(tmp_path / "two.npz", other=x + 1, x=x)
    (tmp_path / "x.pb").write_bytes(numpy_helper.from_array(x).SerializeToString())
    for source in ["fortran.npy", "big.npy", "one.npz", "two.npz", "two.npz:x", "x.pb"]:
        document = run_json("reshape_view.onnx", "--input", f"x={tmp_path}/{source}")
        assert document["outputs"][0]["first"] == [0, 1, 2, 3, 4, 5], source
        assert document["inputs"][0]["source"] == f"{tmp_path}/{source}"


def test_needs_no_name_for_an_only_input(run_json, tmp_path: Path):
    np.save(tmp_path / "a=b.npy", np.float32(3))
    np.savez(tmp_path / "a.npz", np.float32(4))
    assert run_json("scalar.onnx", "--input", tmp_path / "a=b.npy")["outputs"][0]["first"] == [-3]
    assert run_json("scalar.onnx", "--input", tmp_path / "a.npz")["outputs"][0]["first"] == [-4]


def test_repeats_random_inputs_of_one_seed(run_json):
    first = run_json("mlp.onnx", "--input", "random", "--seed", 7, "--shape", "x=3,16")
    again = run_json("mlp.onnx", "--input", "x=random", "--seed", 7, "--shape", "x=3,-1")
    other = run_json("mlp.onnx", "--input", "random", "--seed", 8, "--shape", "x=3,16")
    assert first["outputs"][0]["shape"] == [3, 4]
    assert first["outputs"] == again["outputs"] != other["outputs"]


def test_fits_random_inputs_to_those_from_files(run_json, tmp_path: Path):
    np.save(tmp_path / "x.npy", np.zeros((2, 3), np.float32))
    document = run_json("add.onnx", "--input", f"x={tmp_path}/x.npy", "--input", "random")
    assert [each["source"] for each in document["inputs"]] == [
        f"{tmp_path}/x.npy",
        "random, seed 0",
    ]


def test_says_what_ran(run_json, engine: str):
    document = run_json("add.onnx", "--input", "random", "--threads", 1)
    session, run = document["session"], document["run"]
    assert session["engine"] == run["engine"] == engine
    assert session["engine_version"] == run["engine_version"] != ""
    assert session["device"] == run["device"] == "cpu"
    assert session["threads"] == 1
    assert session["requested_engine"] == engine
    assert session["failed_choices"] == []
    assert run["run_seconds"] > 0
    assert run["bytes_copied"] == sum(each["bytes"] for each in run["copies"])


def test_says_why_it_fell_back():
    arguments = ["--engine", "reference", "--device", "cuda:0", "--fallback", "reference@cpu"]
    session = succeed("run", DATA / "add.onnx", "--input", "random", *arguments, "--json").document[
        "session"
    ]
    assert session["device"] == "cpu"
    [failed] = session["failed_choices"]
    assert (failed["engine"], failed["error"]) == ("reference", "UnavailableError")
    assert failed["reason"]
    text = succeed("run", DATA / "add.onnx", "--input", "random", *arguments).stdout
    assert "not reference@cuda:0: UnavailableError" in text


def test_shows_outputs_to_a_person(engine: str):
    text = succeed("run", DATA / "multi_io.onnx", "--input", "random", "--engine", engine).stdout
    for words in [engine, "shifted", "float32[1,4]", "best", "int64[1]", "positive", "bool[1,4]"]:
        assert words in text


def test_keeps_output_names_inside_the_folder(engine: str, tmp_path: Path):
    names = ["../up", "a/b", "a_b", "", ".hidden", "-rf", "C:\\x", "n\0l", "ü" * 200, "CON", "con"]
    names = [name for name in names if name and "\0" not in name]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], [name]) for name in names],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in names],
    )
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), tmp_path / "m.onnx")
    out = tmp_path / "deep" / "out"
    document = succeed(
        *("run", tmp_path / "m.onnx", "--input", "random", "--output", out, "--json"),
        *("--engine", engine),
    ).document
    files = [Path(each["file"]) for each in document["outputs"]]
    assert len({str(path).lower() for path in files}) == len(names)
    assert all(path.parent == out and path.exists() for path in files)
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in files)
    assert not any(path.name[0] in ".-" for path in files)


def test_names_inputs_that_are_not_given():
    message = fail("InvalidArgumentError", "run", DATA / "add.onnx", "--engine", "reference")
    for words in ["'x' float32[2,3]", "'y'", "--input x=random"]:
        assert words in message


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("there is no such file", ["--input", "x=none.npy"]),
        (".npy, .npz or .pb", ["--input", "x=values.csv"]),
        ("expected NAME=FILE", ["--input", "some.npy"]),
        ("no input 'z'", ["--input", "z=random", "--input", "random"]),
        ("given twice", ["--input", "random", "--shape", "x=2,3", "--shape", "x=2,3"]),
        ("expected a shape that fits", ["--input", "random", "--shape", "x=1,3"]),
        ("expected dimensions", ["--input", "random", "--shape", "x=2,,3"]),
        ("expected dimensions", ["--input", "random", "--shape", "x=2,three"]),
        ("expected NAME=1,3", ["--input", "random", "--shape", "2,3"]),
        ("no input 'q'", ["--input", "random", "--shape", "q=2,3"]),
        ("expected NAME=VALUE", ["--input", "random", "--option", "fast"]),
        ("given twice", ["--input", "random", "--option", "a=1", "--option", "a=2"]),
        ("expected OPERATOR=KERNEL", ["--input", "random", "--kernel", "eigen"]),
        ("given twice", ["--input", "random", "--kernel", "MatMul=a", "--kernel", "MatMul=b"]),
        ("got 'MatMul' and ''", ["--input", "random", "--kernel", "MatMul="]),
    ],
)
def test_refuses_inputs_that_make_no_sense(words: str, arguments: list[str]):
    message = fail(
        "InvalidArgumentError", "run", DATA / "add.onnx", "--engine", "reference", *arguments
    )
    assert words in message


def test_runs_by_the_kernels_that_are_asked_for():
    def run(kernel: str) -> list[object]:
        arguments = ["run", DATA / "digits.onnx", "--engine", "reference", "--input", "random"]
        return [*arguments, "--kernel", kernel]

    document = succeed(*run("Gemm=eigen"), "--kernel", "Conv=naive", "--json").document
    assert document["session"]["placement"] == {"reference": 8, "reference/eigen": 2}
    message = fail("UnsupportedOperationError", *run("Gemm=egen"))
    assert "it has: eigen, naive; did you mean 'eigen'?" in message


def test_engines_without_kernels_to_choose_refuse_a_choice():
    others = [each["name"] for each in onnx_engines() if each["name"] != "reference"]
    if not others:
        pytest.skip("only the reference engine can be used now")
    for name in others:
        arguments = ["run", DATA / "digits.onnx", "--engine", name, "--input", "random"]
        message = fail("UnsupportedOperationError", *arguments, "--kernel", "Gemm=eigen")
        assert f"engine {name} has no kernels to choose from" in message


def test_refuses_files_that_are_broken(tmp_path: Path):
    def message_for(name: str, content: bytes) -> str:
        (tmp_path / name).write_bytes(content)
        return fail(
            *("InvalidArgumentError", "run", DATA / "scalar.onnx", "--engine", "reference"),
            *("--input", f"x={tmp_path / name}"),
        )

    np.save(tmp_path / "good.npy", np.zeros(1000, np.float32))
    good = (tmp_path / "good.npy").read_bytes()
    assert "too short" in message_for("empty.npy", b"")
    assert "but the file holds" in message_for("cut.npy", good[:-1])
    assert "cut off" in message_for("header.npy", good[:20])
    assert "not an .npy file" in message_for("text.npy", b"hello, this is text")
    assert "not an .npz file" in message_for("text.npz", b"hello")
    assert "text.pb" in message_for("text.pb", b"\xff" * 10)
    np.save(tmp_path / "object.npy", np.array([{}], dtype=object), allow_pickle=True)
    pickled = (tmp_path / "object.npy").read_bytes()
    assert "Python objects" in message_for("object.npy", pickled)
    np.savez(tmp_path / "two.npz", a=np.zeros(1), b=np.zeros(1))
    both = (tmp_path / "two.npz").read_bytes()
    assert "'a', 'b'" in message_for("two.npz", both)


def test_refuses_an_input_from_two_places(tmp_path: Path):
    np.save(tmp_path / "x.npy", np.zeros((2, 3), np.float32))
    source = f"x={tmp_path}/x.npy"
    run = ["run", DATA / "add.onnx", "--engine", "reference", "--input", source, "--input"]
    assert "given twice" in fail("InvalidArgumentError", *run, source)
    assert "given twice" in fail("InvalidArgumentError", *run, "x=random")
    message = fail("InvalidArgumentError", *run, "random", "--shape", "x=2,3")
    assert "read from a file" in message


def test_leaves_no_output_where_a_run_fails(tmp_path: Path):
    np.save(tmp_path / "x.npy", np.zeros((9, 9), np.float32))
    fail(
        *("InvalidArgumentError", "run", DATA / "mlp.onnx", "--engine", "reference"),
        *("--input", f"x={tmp_path}/x.npy", "--output", tmp_path / "out"),
    )
    assert not (tmp_path / "out").exists()


def test_refuses_a_folder_that_is_a_file(tmp_path: Path):
    (tmp_path / "out").write_text("here first")
    message = fail(
        *("InvalidArgumentError", "run", DATA / "scalar.onnx", "--engine", "reference"),
        *("--input", "random", "--output", tmp_path / "out"),
    )
    assert str(tmp_path / "out") in message
    assert (tmp_path / "out").read_text() == "here first"
