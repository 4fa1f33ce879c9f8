# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ._arguments import Policy, StrPath, input_arguments, tolerance_of

if TYPE_CHECKING:
    from ._toolkit import Tolerance, TuneReport
    from .typing import TensorLike


def tune(
    model: StrPath,
    *,
    engines: str | Sequence[str] = "all",
    reference: str | None = None,
    tolerance: Policy | Tolerance = "strict",
    inputs: Mapping[str, TensorLike] | StrPath | None = None,
    shapes: Mapping[str, Sequence[int]] | None = None,
    batch: int = 1,
    seed: int = 0,
    precisions: Sequence[str] = ("fp32",),
    specialize: bool = True,
    seconds: float = 30,
    final_seconds: float = 2,
    cache_dir: StrPath | None = "auto",
    progress: Callable[[str, str, float], bool | None] | None = None,
) -> TuneReport:
    """Finds the fastest way to run a model on this machine, and lets ``engine="auto"`` use it.

    Tries engines, then threads, precisions and options of those that are close to the fastest. Each
    is timed in turns with the one that leads, after its outputs passed a gate of the reference's;
    in the end the best are measured again, in turns with what "auto" builds without a decision. The
    GIL is released; Ctrl-C ends it between two runs.

    Parameters
    ----------
    model : path-like
    engines : str or sequence of str
        What to try, as for ``compare``; "all" is every engine but ``reference``.
    reference, tolerance, inputs, shapes, batch, seed
        What outputs have to agree with, and on what inputs, as for ``compare``.
    precisions : sequence of str
        "fp32", "bf16", "fp16": what may be computed in, where an engine can.
    specialize : bool
        A dynamic model is also built for the shapes of the inputs alone; sessions that are to use
        that promise them with ``shapes=``.
    seconds : float
        For the search, about; what is left out then says so.
    final_seconds : float
        Of counted runs of each that is measured in the end.
    cache_dir : path-like, optional
        Whose folder takes the decision; "auto" is the user's own, None stores none.
    progress : callable, optional
        Called as ``progress(phase, trial, fraction)``; False ends it with nothing decided, and an
        exception is raised from here.

    Returns
    -------
    xpuruntime.toolkit.TuneReport
        ``InferenceSession(model, **report.best)`` is the fastest.

    Raises
    ------
    ModelNotFoundError
    InvalidArgumentError
        An option is wrong, or inputs do not fit.
    UnsupportedOperationError
        An engine is unknown, or none loads such files.
    UnavailableError
        The reference cannot be run.
    """
    from . import _toolkit  # reads ONNX files and archives: loaded by who needs that alone

    return _toolkit.tune(
        os.fspath(model),
        engines=[engines] if isinstance(engines, str) else list(engines),
        reference=reference or "",
        tolerance=tolerance_of(tolerance),
        **input_arguments(inputs, shapes, batch, seed),
        precisions=[precisions] if isinstance(precisions, str) else list(precisions),
        specialize=specialize,
        seconds=seconds,
        final_seconds=final_seconds,
        cache_dir="" if cache_dir is None else os.fspath(cache_dir),
        progress=progress,
    )
