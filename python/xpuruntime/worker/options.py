# SPDX-License-Identifier: Apache-2.0
"""The options of engine python: published by info, read by load."""

from dataclasses import dataclass, field, fields
from typing import Any

from .errors import TypedError, invalid

_TYPES = {bool: "bool", int: "int", float: "float", str: "string"}
FORMATS = ("auto", "onnx", "torchscript", "pytorch", "npz", "callable")
PRECISIONS = ("fp32", "fp16", "bf16")


def _option(default: Any, doc: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"doc": doc, "choices": choices})


@dataclass(frozen=True)
class Options:
    model_factory: str = _option(
        "",
        "What makes the model that a file of weights is loaded into, as package.module:function; "
        "one that takes an argument is given the weights, as a dict",
    )
    format: str = _option(
        "auto",
        "What the model is; auto: by its content and extension, else a model for ONNX Runtime",
        FORMATS,
    )
    python_path: str = _option(
        "", "Folders where factories and callables are looked for first, separated by ':'"
    )
    weights_only: bool = _option(
        True,
        "Load tensors and plain values alone; false: also Python objects, which run code of the "
        "file's author while they are loaded",
    )
    checkpoint_key: str = _option(
        "", "Under which key a checkpoint has its state dict; empty: under one of the usual ones"
    )
    strict: bool = _option(True, "A state dict has to have all of the model's keys and no others")
    inputs: str = _option(
        "",
        "Names, types and shapes of the inputs, as 'ids:int64[N,128], mask'; empty: by the file, "
        "its notes, or the parameters of forward()",
    )
    outputs: str = _option("", "The same of the outputs; empty: by the file, its notes, or a trial")
    precision: str = _option(
        "fp32",
        "What PyTorch computes in: fp32 leaves weights as they are, the others cast weights and "
        "floating inputs, and outputs back",
        PRECISIONS,
    )
    cudnn_benchmark: bool = _option(False, "cuda: let cuDNN time its algorithms for each new shape")
    memory_fraction: float = _option(
        0.0, "cuda: how much of a GPU's memory PyTorch may take, as a fraction; 0: no bound"
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def specs() -> list[dict]:
    """As info says them."""
    return [
        {
            **{"name": each.name, "type": _TYPES[type(each.default)]},
            **{"default": _text(each.default), "doc": each.metadata["doc"]},
            "choices": list(each.metadata["choices"]),
        }
        for each in fields(Options)
    ]


def _value(name: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text not in ("true", "false"):
            raise invalid(f"option '{name}': expected true or false, got '{text}'")
        return text == "true"
    try:
        return kind(text)
    except ValueError:
        raise invalid(f"option '{name}': expected a {_TYPES[kind]}, got '{text}'") from None


def read(given: dict) -> Options:
    """Raises TypedError for an option that there is not, or a value that makes no sense."""
    known = {each.name: each for each in fields(Options)}
    values = {}
    for name, text in given.items():
        if not isinstance(text, str):
            raise TypedError("ProtocolError", f"option '{name}': expected a string")
        if name not in known:
            raise TypedError(
                "UnsupportedOperationError",
                f"engine python has no option '{name}'; it has {', '.join(known)}",
            )
        choices = known[name].metadata["choices"]
        if choices and text not in choices:
            raise invalid(f"option '{name}': expected {', '.join(choices)}, got '{text}'")
        values[name] = _value(name, text, type(known[name].default))
    options = Options(**values)
    if not 0 <= options.memory_fraction <= 1:
        raise invalid(
            "option 'memory_fraction': expected a number from 0 (no bound) to 1, got "
            f"'{options.memory_fraction}'"
        )
    return options
