# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ._arguments import Policy, StrPath, input_arguments, python_path, tolerance_of
from ._images import preprocessing_of

if TYPE_CHECKING:
    from ._toolkit import CompareReport, Preprocessing, Tolerance
    from .typing import TensorLike


def compare(
    models: StrPath | Sequence[StrPath],
    *,
    engines: str | Sequence[str] = "all",
    reference: str | None = None,
    model_factory: str | None = None,
    python_executable: StrPath | None = None,
    python_options: Mapping[str, str] | None = None,
    tolerance: Policy | Tolerance = "strict",
    inputs: Mapping[str, TensorLike] | StrPath | None = None,
    preprocessing: Preprocessing | str | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
    seed: int = 0,
    threads: int = 0,
    cache_dir: StrPath | None = None,
    warm_up: int = 10,
    iterations: int = 0,
    seconds: float = 2,
    bisect: bool = False,
    progress: Callable[[str, str, float], bool | None] | None = None,
) -> CompareReport:
    """Runs one model on several engines: do they agree, and how fast is each?

    The same inputs go through every candidate, whose outputs are held against the reference's;
    then all are timed in turns, in an order that is drawn anew for each round. What cannot be built
    or run is a candidate that says why. The GIL is released; Ctrl-C ends it between two runs.

    Parameters
    ----------
    models : path-like or sequence of path-like
        Files of one model, in several formats or versions.
    engines : str or sequence of str
        "engine@device"; "engine" is the first of its devices that can be used; "all": every known
        engine on each of its devices. Each takes the model files that it loads.
    reference : str, optional
        What the others are held against; it is added where `engines` lacks it. None: ``reference``
        where it is one of them and can run the model, else the first that can.
    model_factory : str, optional
        "package.module:function" that makes the model of engine ``python``, for files of weights
        (``.pth``, ``.npz``); ``python`` is one of "all" then.
    python_executable, python_options
        Of engine ``python``: its Python, None is this one; its options, by name.
    tolerance : {"exact", "strict", "relaxed"} or xpuruntime.toolkit.Tolerance
        Bitwise; rtol 1e-3 and atol 1e-5; 1e-2 and 1e-3; or others.
    inputs : mapping of str to array, or path-like, optional
        By name (where no name is the model's, in its order), or an ``.npz``, ``.npy`` or ``.pb``
        file or a folder of them, or a picture, ``.jpg`` or ``.png``. None: random.
    preprocessing : xpuruntime.toolkit.Preprocessing or str, optional
        How the picture becomes the input of all; None: as the notes beside the first model say.
    shapes : mapping of str to sequence of int, optional
        Of random inputs; -1 leaves a dimension open.
    batch : int
        For the dynamic first dimensions of random inputs.
    seed : int
        Of random inputs, and of the order of turns.
    threads : int
        Of one run; 0: the process's budget.
    cache_dir : path-like, optional
        As of a session; None: each load builds its model, so that the times of loads can be
        compared.
    warm_up : int
        Runs of each before, not counted; `seconds` at most, where `iterations` is 0.
    iterations : int
        Counted runs of each; 0: as many as `seconds` allows.
    seconds : float
        Of counted runs of each; at least one is made.
    bisect : bool
        Look for the first node whose output differs, where outputs do.
    progress : callable, optional
        Called as ``progress(phase, candidate, fraction)``; False ends the comparison with what
        there is, and an exception is raised from here.

    Returns
    -------
    xpuruntime.toolkit.CompareReport

    Raises
    ------
    ModelNotFoundError
    InvalidArgumentError
        An option is wrong, inputs do not fit, or the models take other inputs.
    UnsupportedOperationError
        An engine is unknown, or none loads such files.
    UnavailableError
        No candidate can be run; where all fail alike, their error is raised. So is what the
        reference fails with, when it was asked for by name.
    """
    from . import _toolkit  # reads ONNX files and archives: loaded by who needs that alone

    files = [models] if isinstance(models, str | os.PathLike) else models
    return _toolkit.compare(
        [os.fspath(model) for model in files],
        engines=[engines] if isinstance(engines, str) else list(engines),
        reference=reference or "",
        model_factory=model_factory or "",
        python_executable=os.fspath(python_executable or sys.executable or ""),
        python_options={
            **(python_path() if python_executable is None else {}),
            **(python_options or {}),
        },
        tolerance=tolerance_of(tolerance),
        **input_arguments(inputs, shapes, batch, seed),
        preprocessing=None if preprocessing is None else preprocessing_of(preprocessing),
        threads=threads,
        cache_dir="" if cache_dir is None else os.fspath(cache_dir),
        warm_up=warm_up,
        iterations=iterations,
        seconds=seconds,
        bisect=bisect,
        progress=progress,
    )
