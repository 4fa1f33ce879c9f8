# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, TypeAlias, overload

from . import _core
from ._arguments import StrPath, python_path
from ._gate import validators_of

if TYPE_CHECKING:
    from .typing import TensorLike


class SerializesToString(Protocol):
    """A protobuf message, as ``onnx.ModelProto`` is one."""

    def SerializeToString(self) -> bytes:  # noqa: N802 (protobuf's name)
        ...


Model: TypeAlias = str | os.PathLike[str] | bytes | bytearray | memoryview | SerializesToString
OptionValue: TypeAlias = str | bool | int | float


class InferenceSession(_core.InferenceSession):
    """A loaded model, ready to run.

    Thread-safe: concurrent ``run`` calls go on at once, without the GIL. Outputs own their memory
    and outlive the session. A context manager, which closes it.

    Parameters
    ----------
    model : path-like, bytes-like or onnx.ModelProto
        A model file, its bytes, or the model itself; for engine ``python`` also
        "package.module:callable".
    engine : str
        An engine's name, a path to a plug-in, or "auto": by the kind of model file.
    device : str or Device
        "cpu", "cuda:0", "intel_gpu:1", ...; "cuda" means "cuda:0"; "gpu" and "npu" the first that
        the engine can use; "auto" the engine's first.
    fallback : sequence of str
        What may be built instead, in order, as "engine@device". Nothing else is.
    precision : str, optional
        "fp32", "fp16", "bf16", ...: what the engine computes in, if it has the option
        ``precision``. None is as the model says.
    fp16, int8 : bool
        Short for ``precision="fp16"`` and ``precision="int8"``.
    kernel_policy : KernelPolicy or mapping of str to str, optional
        Which kernel computes an operator, if the engine has several: ``{"MatMul": "eigen"}``.
    shapes : mapping of str to sequence of int, optional
        The shapes that inputs will have, by name, every dimension given: an engine may build the
        model for these alone. Inputs of other shapes are refused.
    threads : int
        That one run may use; 0: the process's budget.
    cache_dir : path-like, optional
        Where compiled models are kept: "auto" is the user's cache folder, for those that take
        250 ms or more to build; None is nowhere.
    contexts : int
        Runs at once; 0: one a thread of the budget, at least 2.
    queue_size : int
        Jobs that may wait to begin.
    when_full : {"block", "reject"}
        What becomes of a job that finds the queue full: it waits for room, or QueueFullError is
        raised, which is the better choice in an event loop.
    max_batch_size : int
        Rows (the first dimension) that ``run_batch`` and waiting jobs are joined up to, where the
        first dimension of all inputs and outputs is dynamic. A model that mixes rows must keep 1.
    profiler : Profiler, optional
        Told of every run.
    workspace_size : int, optional
        Bytes that the engine may take to work in, if it has the option ``workspace_size``, as
        onnxrt has with TensorRT (1 GiB where not given).
    engine_options : mapping of str to str, bool, int or float, optional
        Options of the engine by name, as ``xpurt engines --options`` lists them.
    base_folder : path-like, optional
        Of external data, for a model that is not given as a path.
    extra_outputs : sequence of str
        Inner values of the model to show as further outputs.
    isolation : {"none", "process"}
        "process": the engine runs in a worker process, whose crash costs the runs in flight
        (EngineError) and not the program; ``engine="worker:onnxrt"`` says the same of one choice.
        Its limits are options that begin with ``worker.``.
    transport : {"shared_memory", "unix", "tcp", "pipe", "grpc", "json_file"}, optional
        What carries tensors to a worker process; None is shared memory.
    python_executable : path-like, optional
        The Python that engine ``python`` runs in; None is this one, where all can be imported that
        can be here (else: option ``python_path``).
    model_factory : str, optional
        "package.module:function" that makes the model of engine ``python``, whose weights the file
        has.
    gate : SessionValidator, path-like or str, optional
        What refuses the session if its numbers are off, made by ``gate``, or what that takes first:
        golden data or a reference engine. AgreementError counts as the engine's failure to be
        built, so that the next of the devices and fallbacks allowed is tried; other errors are
        raised from here.
    progress : callable, optional
        Called as ``progress(phase, done, total)`` during the load (total 0: not known); False
        cancels it, and so do an exception, which is raised from here, and Ctrl-C.

    Raises
    ------
    ModelNotFoundError
    InvalidArgumentError
        The model is malformed, or an option is wrong.
    UnsupportedOperationError
        The engine is unknown, or lacks an operator or option.
    UnavailableError, EngineNotInstalledError
        The engine or device cannot be used now; the message says why.
    AgreementError
        The gate refused it.
    """

    def __init__(
        self,
        model: Model,
        *,
        engine: str | os.PathLike[str] = "auto",
        device: str | _core.Device = "auto",
        fallback: Sequence[str] = (),
        precision: str | None = None,
        fp16: bool = False,
        int8: bool = False,
        kernel_policy: _core.KernelPolicy | Mapping[str, str] | None = None,
        shapes: Mapping[str, Sequence[int]] | None = None,
        threads: int = 0,
        cache_dir: str | os.PathLike[str] | None = "auto",
        contexts: int = 0,
        queue_size: int = 1024,
        when_full: Literal["block", "reject"] = "block",
        max_batch_size: int = 1,
        workspace_size: int | None = None,
        profiler: _core.Profiler | None = None,
        engine_options: Mapping[str, OptionValue] | None = None,
        base_folder: str | os.PathLike[str] | None = None,
        extra_outputs: Sequence[str] = (),
        isolation: Literal["none", "process"] = "none",
        transport: str | None = None,
        python_executable: StrPath | None = None,
        model_factory: str | None = None,
        gate: _core.SessionValidator | StrPath | None = None,
        progress: Callable[[str, int, int], bool | None] | None = None,
    ) -> None:
        super().__init__(
            _content(model) if engine != "python" else _python_model(model),
            engine=os.fspath(engine),
            device=str(device),
            fallback=_names("fallback", fallback),
            threads=threads,
            contexts=contexts,
            queue_size=queue_size,
            when_full=when_full,
            max_batch_size=max_batch_size,
            profiler=profiler,
            engine_options={
                **(_python_options(model, python_executable) if engine == "python" else {}),
                **_engine_options(engine_options, workspace_size),
            },
            base_folder="" if base_folder is None else os.fspath(base_folder),
            extra_outputs=_names("extra_outputs", extra_outputs),
            precision=_precision(precision, fp16, int8),
            kernel_policy=_kernel_policy(kernel_policy),
            cache_dir="" if cache_dir is None else os.fspath(cache_dir),
            shapes={name: tuple(shape) for name, shape in (shapes or {}).items()},
            isolation=isolation,
            transport=transport or "",
            python_executable=os.fspath(python_executable or sys.executable or ""),
            model_factory=model_factory or "",
            validators=validators_of(gate),
            progress=progress,
        )

    @overload
    def stream(
        self,
        items: Iterable[Mapping[str, TensorLike] | Sequence[TensorLike]],
        in_flight: int = 0,
        progress: Literal[False] = False,
        *,
        timeout: float | None = None,
        copy: bool = True,
        priority: int = 0,
    ) -> _core.RunStream[Any]: ...
    @overload
    def stream(
        self,
        items: Iterable[Mapping[str, TensorLike] | Sequence[TensorLike]],
        in_flight: int = 0,
        progress: bool = False,
        *,
        timeout: float | None = None,
        copy: bool = True,
        priority: int = 0,
    ) -> Iterator[Any]: ...
    def stream(
        self,
        items: Iterable[Mapping[str, TensorLike] | Sequence[TensorLike]],
        in_flight: int = 0,
        progress: bool = False,
        *,
        timeout: float | None = None,
        copy: bool = True,
        priority: int = 0,
    ) -> Iterator[Any]:
        """Runs what an iterable gives, and gives the results in order, in bounded memory.

        Parameters
        ----------
        items : iterable of dicts or of lists
            Inputs of one run each, taken as there is room.
        in_flight : int
            Runs at once, and results that wait to be taken; 0: twice ``report().contexts``.
        progress : bool
            Shows a progress bar on stderr, where that is a terminal: of tqdm, which
            ``pip install 'xpuruntime[progress]'`` brings.
        timeout, copy, priority
            Of each run, as for ``run_async``.

        Returns
        -------
        RunStream, or with `progress` an iterator over one
            Outputs in a dict or list, as the item was. The error of a run is raised at its place,
            and the next call goes on after it. ``close``, or letting go of it, cancels what is in
            flight. Callbacks are not called.
        """
        results: _core.RunStream[Any] = _core.RunStream(
            self, items, in_flight, timeout=timeout, copy=copy, priority=priority
        )
        if not progress:
            return results
        try:
            tqdm = import_module("tqdm").tqdm
        except ImportError as error:
            raise ImportError("progress: pip install 'xpuruntime[progress]' brings tqdm") from error
        total = len(items) if isinstance(items, Sized) else None
        return iter(tqdm(results, total=total, unit="run", disable=None))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        def listed(infos: Sequence[_core.TensorInfo]) -> str:
            return ", ".join(f"{info.name}: {info}" for info in infos)

        closed = "" if self.is_open else ", closed"
        return (
            f"<xpuruntime.InferenceSession {self.report().model} on "
            f"{self.engine_name}@{self.device}{closed}: "
            f"({listed(self.input_info)}) -> ({listed(self.output_info)})>"
        )


_CALLABLE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")


def _names_callable(model: Model) -> bool:
    """A callable's name is a model of engine python, and no file."""
    return (
        isinstance(model, str)
        and _CALLABLE.fullmatch(model) is not None
        and not os.path.lexists(model)
    )


def _python_model(model: Model) -> str | bytes | bytearray | memoryview:
    return model.encode() if isinstance(model, str) and _names_callable(model) else _content(model)


def _python_options(model: Model, python_executable: StrPath | None) -> dict[str, str]:
    options = {"format": "callable"} if _names_callable(model) else {}
    return {**options, **(python_path() if python_executable is None else {})}


def _content(model: Model) -> str | bytes | bytearray | memoryview:
    """The path of a model, or its bytes."""
    if isinstance(model, bytes | bytearray | memoryview):
        return model
    if isinstance(model, str | os.PathLike):
        return os.fspath(model)
    if hasattr(model, "SerializeToString"):
        return model.SerializeToString()
    raise TypeError(
        "model: expected a path, bytes or an onnx.ModelProto, got " + type(model).__name__
    )


def _engine_options(
    options: Mapping[str, OptionValue] | None, workspace_size: int | None
) -> dict[str, str]:
    texts = {name: _option_text(name, value) for name, value in (options or {}).items()}
    if workspace_size is None:
        return texts
    if "workspace_size" in texts:
        raise _core.InvalidArgumentError("workspace_size: engine_options gives it too")
    return texts | {"workspace_size": _option_text("workspace_size", workspace_size)}


def _precision(precision: str | None, fp16: bool, int8: bool) -> str:
    asked = {precision} if precision else set()
    asked |= {name for name, is_asked in (("fp16", fp16), ("int8", int8)) if is_asked}
    if len(asked) > 1:
        raise _core.InvalidArgumentError(
            "precision: " + " and ".join(sorted(asked)) + " contradict one another"
        )
    return asked.pop() if asked else ""


def _kernel_policy(policy: _core.KernelPolicy | Mapping[str, str] | None) -> _core.KernelPolicy:
    if isinstance(policy, _core.KernelPolicy):
        return policy
    if policy is None or isinstance(policy, Mapping):
        return _core.KernelPolicy(dict(policy or {}))
    raise TypeError(
        "kernel_policy: expected a KernelPolicy or a mapping, got " + type(policy).__name__
    )


def _names(argument: str, names: Sequence[str]) -> list[str]:
    if isinstance(names, str):
        raise TypeError(f"{argument}: expected a sequence of str, got the str {names!r}")
    return list(names)


def _option_text(name: str, value: OptionValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise TypeError(
        f"engine_options: {name!r} is a {type(value).__name__}; str, bool, int and float are taken"
    )
