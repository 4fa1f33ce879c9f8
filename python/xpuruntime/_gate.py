# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ._arguments import Policy, StrPath, input_arguments, tensor_pairs, tolerance_of
from ._core import InvalidArgumentError, SessionValidator

if TYPE_CHECKING:
    from ._toolkit import Tolerance
    from .typing import TensorLike


def gate(
    source: StrPath | None = None,
    *,
    outputs: Mapping[str, TensorLike] | None = None,
    tolerance: Policy | Tolerance = "strict",
    model: StrPath | None = None,
    inputs: Mapping[str, TensorLike] | StrPath | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
    seed: int = 0,
    threads: int = 0,
) -> SessionValidator:
    """Makes what refuses a session whose numbers are off: ``InferenceSession(..., gate=...)``.

    The session is run once on known inputs before it opens, and every output is held against what
    is expected. It may be used for many sessions, from many threads.

    Parameters
    ----------
    source : path-like or str, optional
        Golden data: an ``.npz`` file with the inputs and outputs of one run by their names, a
        folder of ``NAME.npy`` files, or ONNX test data: a folder with ``input_0.pb``, ... and
        ``output_0.pb``, ..., or with such folders ``test_data_set_0``, .... Outputs that they lack
        are not looked at, but one of them has to be there. Or a reference engine, "engine" or
        "engine@device", which runs when a session is judged first; for further sessions of the same
        model file its results are kept. None: `inputs` and `outputs` are the golden data.
    outputs : mapping of str to array, optional
        What is expected; with `inputs`, instead of a source. Shared, not copied.
    tolerance : {"exact", "strict", "relaxed"} or xpuruntime.toolkit.Tolerance
        Bitwise; rtol 1e-3 and atol 1e-5; 1e-2 and 1e-3; or others.
    model : path-like, optional
        What a reference engine loads. None: the file that the session was opened on.
    inputs : mapping of str to array, or path-like, optional
        Of a reference engine, as for ``compare``; None: random. With `outputs`: theirs.
    shapes, batch, seed
        Of a reference engine's random inputs, as for ``compare``.
    threads : int
        Of a reference engine's run; 0: the process's budget.

    Returns
    -------
    SessionValidator
        It raises AgreementError, which says which output, at which index, what was expected and
        what came. InvalidArgumentError, where the data do not fit the model, and what a reference
        engine fails with, go through the session's constructor.

    Raises
    ------
    InvalidArgumentError
        Data are malformed, or an argument is wrong.
    UnsupportedOperationError
        The source is neither golden data nor a known engine.
    UnavailableError, EngineNotInstalledError
        The reference engine cannot be used.
    """
    from . import _toolkit  # reads ONNX files and archives: loaded by who needs that alone

    if source is None:
        if outputs is None or isinstance(inputs, str | os.PathLike):
            raise InvalidArgumentError("gate: expected a source, or inputs and outputs as mappings")
        if model is not None or shapes is not None:
            raise InvalidArgumentError("gate: model and shapes are for a reference engine")
        return _toolkit.gate_on_data(
            inputs=tensor_pairs(inputs or {}),
            outputs=tensor_pairs(outputs),
            tolerance=tolerance_of(tolerance),
        )
    if outputs is not None:
        raise InvalidArgumentError("gate: expected a source or outputs, got both")
    return _toolkit.gate(
        os.fspath(source),
        tolerance=tolerance_of(tolerance),
        model="" if model is None else os.fspath(model),
        **input_arguments(inputs, shapes, batch, seed),
        threads=threads,
    )


def validators_of(argument: SessionValidator | StrPath | None) -> list[SessionValidator]:
    if argument is None:
        return []
    return [argument if isinstance(argument, SessionValidator) else gate(argument)]
