# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ._arguments import Policy, StrPath, input_arguments, tolerance_of

if TYPE_CHECKING:
    from ._toolkit import ConvertReport, Tolerance
    from .typing import TensorLike

Format: TypeAlias = Literal["onnx", "torchscript", "pt2", "executorch", "openvino"]


def convert(
    source: StrPath,
    to: Format,
    *,
    output: StrPath | None = None,
    overwrite: bool = False,
    keep: bool = False,
    opset: int | None = None,
    fp16: bool = False,
    input_shapes: Mapping[str, Sequence[int | str]] | None = None,
    dtypes: Mapping[str, str] | None = None,
    dynamic: Mapping[str, tuple[int, int | None]] | None = None,
    inputs: Mapping[str, TensorLike] | StrPath | None = None,
    seed: int = 0,
    tolerance: Policy | Tolerance | None = None,
    model_factory: str | None = None,
    python_executable: StrPath | None = None,
    source_options: Mapping[str, str] | None = None,
    preprocessing: Mapping[str, Any] | None = None,
    threads: int = 0,
    progress: Callable[[str, float], object] | None = None,
) -> ConvertReport:
    """Converts a model into a file of another format, and checks the result against it.

    The exporter runs in a Python process of its own, and so does the engine that the result is
    checked on; source and result run on the same inputs, twice where sizes are dynamic. The result
    is put in its place only if they agree, with notes beside it (``<name>_info.json``). The GIL is
    released; Ctrl-C ends it, and leaves nothing behind.

    Parameters
    ----------
    source : path-like
        Weights of PyTorch (with `model_factory`), TorchScript, an ONNX model, or the name of what
        makes a module, as ``"package.module:function"``.
    to : {"onnx", "torchscript", "pt2", "executorch", "openvino"}
        What of which can become what: docs/conversion.md.
    output : path-like, optional
        None: the source's name with the format's ending, beside the source.
    overwrite : bool
        What is there already.
    keep : bool
        Keep the result, also where it does not agree or cannot be run.
    opset : int, optional
        Of ONNX; None: 17.
    fp16 : bool
        Weights, and what is computed in, as float16; inputs and outputs stay.
    input_shapes : mapping of str to sequence of int or str, optional
        Sizes of all inputs, in the order the model takes them; a word is a dynamic dimension. None:
        those of the source's notes, or of `inputs`.
    dtypes : mapping of str to str, optional
        Of inputs in `input_shapes` that are not float32.
    dynamic : mapping of str to (int, int or None), optional
        What dynamic dimensions may be, by name; None: no bound.
    inputs : mapping of str to array, or path-like, optional
        To run source and result on: by name, or a file or folder of them. None: random.
    seed : int
        Of random inputs.
    tolerance : {"exact", "strict", "relaxed"} or xpuruntime.toolkit.Tolerance, optional
        None: strict, and relaxed where `fp16` is asked for.
    model_factory : str, optional
        ``"package.module:function"``, which makes the module that weights are loaded into.
    python_executable : path-like, optional
        That has the packages which convert; None: this one.
    source_options : mapping of str to str, optional
        Of engine ``python``, which loads the source.
    preprocessing : mapping, optional
        Noted beside the result as it is.
    threads : int
        Of one run; 0: the process's budget.
    progress : callable, optional
        Called as ``progress(phase, fraction)``; False cancels, and an exception is raised from
        here.

    Returns
    -------
    xpuruntime.toolkit.ConvertReport
        Whose ``files`` are empty where the result does not agree and `keep` is not set.

    Raises
    ------
    ModelNotFoundError
    InvalidArgumentError
        An option is wrong, a shape is not known, or the output exists.
    UnsupportedOperationError
        This source does not become that, or the exporter cannot: names the operator or line.
    EngineNotInstalledError
        A package is missing; says what installs it.
    UnavailableError
        The result cannot be run here, to check it.
    EngineError
        The exporter crashed, or the result does not run.
    CancelledError
    """
    from . import _toolkit  # reads ONNX files and archives: loaded by who needs that alone

    given = input_arguments(inputs, None, 1, seed)
    options = dict(source_options or {})
    if model_factory:
        options["model_factory"] = model_factory
    return _toolkit.convert(
        os.fspath(source),
        format=to,
        output="" if output is None else os.fspath(output),
        overwrite=overwrite,
        keep=keep,
        opset=opset,
        fp16=fp16,
        input_shapes=_shapes_text(input_shapes or {}, dtypes or {}),
        dynamic=dict(dynamic or {}),
        inputs=given["inputs"],
        input_path=given["input_path"],
        seed=seed,
        tolerance=None if tolerance is None else tolerance_of(tolerance),
        python_executable=os.fspath(python_executable or sys.executable or ""),
        source_options=options,
        preprocessing="" if preprocessing is None else json.dumps(dict(preprocessing)),
        threads=threads,
        progress=progress,
    )


def _shapes_text(shapes: Mapping[str, Sequence[int | str]], dtypes: Mapping[str, str]) -> str:
    """As engine python takes inputs: ``"ids:int64[N,128], mask[N,128]"``."""
    if unknown := [name for name in dtypes if name not in shapes]:
        from . import InvalidArgumentError

        raise InvalidArgumentError(f"dtypes: '{unknown[0]}' is not in input_shapes")
    return ", ".join(
        name + (f":{dtypes[name]}" if name in dtypes else "") + f"[{','.join(map(str, shape))}]"
        for name, shape in shapes.items()
    )
