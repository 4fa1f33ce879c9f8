from collections.abc import (
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence
)
import enum
import os
import pathlib
from typing import Any, Generic, Literal, Self, TypeVar, overload

from .typing import DTypeLike, SupportsDLPack, TensorLike
import numpy
from numpy.typing import NDArray
from typing_extensions import Buffer, CapsuleType



class XpuRuntimeError(RuntimeError):
    """
    The base of every error that xpuruntime raises.

    Attributes
    ----------
    native_code : int
        The engine's own code, 0 where it has none.
    retryable : bool
        The same call may succeed later.
    asked, available : int
        Bytes or counts, where an amount is at fault; else 0.
    exit_code, http_status, grpc_status
        What the command line and servers answer with; of the class.
    """

    native_code: int = 0

    retryable: bool = False

    asked: int = 0

    available: int = 0

    exit_code: int = 13

    http_status: int = 500

    grpc_status: str = 'INTERNAL'

class InvalidArgumentError(XpuRuntimeError, ValueError):
    """
    A name, dtype, rank, dimension or option is wrong, or the model file is malformed.
    """

    exit_code: int = 2

    http_status: int = 400

    grpc_status: str = 'INVALID_ARGUMENT'

class ModelNotFoundError(XpuRuntimeError, FileNotFoundError):
    """There is no such model file."""

    exit_code: int = 3

    http_status: int = 404

    grpc_status: str = 'NOT_FOUND'

class UnsupportedOperationError(XpuRuntimeError):
    """The engine is unknown, or it has not got the operator or option."""

    exit_code: int = 4

    http_status: int = 501

    grpc_status: str = 'UNIMPLEMENTED'

class UnavailableError(XpuRuntimeError):
    """The engine or device cannot be used now."""

    exit_code: int = 5

    http_status: int = 503

    grpc_status: str = 'UNAVAILABLE'

class EngineNotInstalledError(UnavailableError, ImportError):
    """
    The package of the engine is missing; the message says how to install it.
    """

    exit_code: int = 5

    http_status: int = 503

    grpc_status: str = 'UNAVAILABLE'

class InvalidStateError(XpuRuntimeError):
    """Not now: the session is closed, or the binding runs."""

    exit_code: int = 6

    http_status: int = 409

    grpc_status: str = 'FAILED_PRECONDITION'

class OutOfMemoryError(XpuRuntimeError, MemoryError):
    """Memory of the host or the device ran out."""

    exit_code: int = 7

    http_status: int = 503

    grpc_status: str = 'RESOURCE_EXHAUSTED'

class QueueFullError(XpuRuntimeError):
    """The queue takes no more."""

    exit_code: int = 7

    http_status: int = 503

    grpc_status: str = 'RESOURCE_EXHAUSTED'

class DeadlineExceededError(XpuRuntimeError, TimeoutError):
    """The deadline passed."""

    exit_code: int = 8

    http_status: int = 504

    grpc_status: str = 'DEADLINE_EXCEEDED'

class CancelledError(XpuRuntimeError):
    """The load or run was cancelled."""

    exit_code: int = 9

    http_status: int = 499

    grpc_status: str = 'CANCELLED'

class AgreementError(XpuRuntimeError):
    """An engine's numbers are off."""

    exit_code: int = 10

    http_status: int = 409

    grpc_status: str = 'FAILED_PRECONDITION'

class ModelMismatchError(XpuRuntimeError):
    """What was stored is of another model or engine."""

    exit_code: int = 10

    http_status: int = 409

    grpc_status: str = 'FAILED_PRECONDITION'

class ProtocolError(XpuRuntimeError):
    """A worker or client sent what it must not."""

    exit_code: int = 11

    http_status: int = 400

    grpc_status: str = 'INVALID_ARGUMENT'

class EngineError(XpuRuntimeError):
    """The runtime below failed."""

    exit_code: int = 12

    http_status: int = 500

    grpc_status: str = 'INTERNAL'

class InternalError(XpuRuntimeError):
    """A mistake in xpuruntime itself; please report it."""

    exit_code: int = 13

    http_status: int = 500

    grpc_status: str = 'INTERNAL'

class DType(enum.Enum):
    """
    Element types, with the numbers of ONNX's TensorProto.DataType.

    ``numpy.dtype(xrt.DType.float32)`` gives NumPy's; the two compare equal.
    """

    undefined = 0

    float32 = 1

    uint8 = 2

    int8 = 3

    uint16 = 4

    int16 = 5

    int32 = 6

    int64 = 7

    string = 8

    bool = 9

    float16 = 10

    float64 = 11

    uint32 = 12

    uint64 = 13

    complex64 = 14

    complex128 = 15

    bfloat16 = 16

    float8_e4m3fn = 17

    float8_e4m3fnuz = 18

    float8_e5m2 = 19

    float8_e5m2fnuz = 20

    uint4 = 21

    int4 = 22

    float4_e2m1fn = 23

    float8_e8m0fnu = 24

    uint2 = 25

    int2 = 26

    float6_e2m3fn = 27

    float6_e3m2fn = 28

    @property
    def dtype(self) -> numpy.dtype[Any]:
        """NumPy's dtype; UnsupportedOperationError where there is none."""

    @property
    def itemsize(self) -> int:
        """
        Bytes of one element in NumPy; tensors pack those of fewer than 8 bits. 0 for strings.
        """

    @staticmethod
    def parse(dtype: DTypeLike) -> DType:
        """From a DType, its name, or anything that ``numpy.dtype`` takes."""

class DeviceType(enum.Enum):
    """What kind of device."""

    cpu = 0

    cuda = 1

    intel_gpu = 2

    intel_npu = 3

class Device:
    """
    Where tensors live and models run: ``Device("cuda:1")``.

    A missing index is 0. ``str()`` gives the text back.
    """

    def __init__(self, device: str | Device) -> None: ...

    @property
    def type(self) -> DeviceType: ...

    @property
    def index(self) -> int: ...

    def __eq__(self, other: object, /) -> bool: ...

    def __hash__(self) -> int: ...

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

class Tensor:
    """
    A shared handle to dense, row-major memory.

    Copies and views share the memory, which is released when the last of them, and the last run
    and array over it, is gone. NumPy, torch and others take it through DLPack without a copy.

    Parameters
    ----------
    dtype : DType, str or numpy.dtype
    shape : sequence of int
        The memory is not initialised, and aligned to 64 bytes.

    Raises
    ------
    InvalidArgumentError
        A negative dimension, or a dtype that tensors do not hold yet.
    OutOfMemoryError
    """

    def __init__(self, dtype: DTypeLike, shape: Sequence[int]) -> None: ...

    @staticmethod
    def from_numpy(array: NDArray[Any], *, copy: bool | None = None) -> Tensor:
        """
        Shares the memory of an array, read-only where that is.

        An array that is not contiguous, or not in the machine's byte order, is copied;
        ``copy=False`` raises InvalidArgumentError then, ``copy=True`` copies always.
        """

    @staticmethod
    def from_dlpack(x: SupportsDLPack, *, copy: bool | None = None) -> Tensor:
        """
        Shares the memory of anything with ``__dlpack__``; ``copy`` as in from_numpy.
        """

    def numpy(self) -> NDArray[Any]:
        """A NumPy array over the same memory."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    @property
    def dtype(self) -> DType: ...

    @property
    def device(self) -> Device: ...

    @property
    def data_ptr(self) -> int:
        """Address of the first element, in the memory of the device."""

    @property
    def byte_size(self) -> int: ...

    @property
    def read_only(self) -> bool: ...

    def reshape(self, *shape: int | Sequence[int]) -> Tensor:
        """
        The same memory in another shape of as many elements; one dimension may be -1.
        """

    def clone(self) -> Tensor:
        """A copy in memory of its own."""

    def shares_memory(self, other: Tensor) -> bool:
        """Do the bytes of the two overlap?"""

    def __getitem__(self, rows: slice) -> Tensor:
        """Rows of the first dimension, in the same memory: ``tensor[2:5]``."""

    def __len__(self) -> int: ...

    def __dlpack__(self, *, stream: int | None = None, max_version: tuple[int, int] | None = None, dl_device: tuple[int, int] | None = None, copy: bool | None = None) -> CapsuleType: ...

    def __dlpack_device__(self) -> tuple[int, int]: ...

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]: ...

    def __repr__(self) -> str: ...

class ValueKind(enum.Enum):
    """What an input or output is."""

    none = 0

    tensor = 1

    sequence = 2

    map = 3

class TensorInfo:
    """One input or output of a model."""

    @property
    def name(self) -> str: ...

    @property
    def kind(self) -> ValueKind: ...

    @property
    def dtype(self) -> DType: ...

    @property
    def has_rank(self) -> bool:
        """False: the rank is not known before the run."""

    @property
    def shape(self) -> tuple[int, ...]:
        """-1 stands for a dynamic dimension."""

    @property
    def dim_names(self) -> list[str]:
        """One a dimension, "" where it has none."""

    def __str__(self) -> str: ...

    def __repr__(self) -> str: ...

class ModelInfo:
    """What a model takes, gives and says of itself."""

    @property
    def inputs(self) -> list[TensorInfo]: ...

    @property
    def outputs(self) -> list[TensorInfo]: ...

    @property
    def metadata(self) -> dict[str, str]: ...

    @property
    def opset(self) -> int:
        """Of ONNX's default domain; 0 where not known."""

    @property
    def producer(self) -> str: ...

    def __repr__(self) -> str: ...

class CacheOutcome(enum.Enum):
    """What became of the cache when a session was opened."""

    OFF = 0
    """Not asked, or the engine saves no compiled models."""

    HIT = 1
    """The compiled model came from the cache."""

    STORED = 2
    """Built and stored."""

    REBUILT = 3
    """The entry could not be used: built and stored again."""

    NOT_STORED = 4
    """Built; the reason says why not stored."""

class CacheReport:
    """Where the compiled model of a session came from."""

    @property
    def outcome(self) -> CacheOutcome: ...

    @property
    def entry(self) -> str:
        """Its file; "" where there can be none."""

    @property
    def reason(self) -> str:
        """Why it was built again, or not stored."""

    def __repr__(self) -> str: ...

class CacheEntry:
    """A compiled model in a cache folder, as its header tells."""

    @property
    def path(self) -> pathlib.Path: ...

    @property
    def key(self) -> str:
        """SHA-256 of the parts, in hexadecimal."""

    @property
    def parts(self) -> str:
        """JSON: all that the key is made of."""

    @property
    def model(self) -> str:
        """The name that it was opened by, for people."""

    @property
    def engine(self) -> str:
        """With its version."""

    @property
    def device(self) -> str: ...

    @property
    def bytes(self) -> int:
        """Of the whole file."""

    @property
    def last_used(self) -> float:
        """Seconds since 1970, as of ``time.time()``."""

    @property
    def problem(self) -> str:
        """Why it cannot be used; "": nothing was found wrong."""

    def __repr__(self) -> str: ...

class ModelCache:
    """
    A folder of compiled models. Several processes may use one at a time.

    Parameters
    ----------
    folder : path-like, optional
        None: the user's own (``XPURT_CACHE_DIR``, else ``xpuruntime`` in
        ``XDG_CACHE_HOME`` or ``~/.cache``).
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None: ...

    @property
    def folder(self) -> pathlib.Path: ...

    def entries(self) -> list[CacheEntry]:
        """
        The entries, the one used last first; those with a header that cannot be read have a
        problem.

        Raises
        ------
        UnavailableError
            The folder is there and cannot be read.
        """

    def verify(self) -> list[CacheEntry]:
        """The same with every byte checked against the checksum."""

    def rebuilds(self) -> list[str]:
        """
        Entries that could not be used and were built again, by any process: a line each that
        says when (ISO 8601, UTC), which and why, the latest last. Begins anew after a MiB.
        """

    def prune(self, max_bytes: int) -> list[CacheEntry]:
        """
        Removes those used longest ago until the rest takes at most `max_bytes`, and first those
        with a problem and what killed writers left behind. Returns what it removed.
        """

def default_cache_bytes() -> int:
    """
    Bytes that the user's own folder may take: ``XPURT_CACHE_BYTES``, else 5 GiB.
    """

class KernelPolicy:
    """
    Which kernel computes an operator, where an engine has several for one:
    ``KernelPolicy({"MatMul": "eigen"})``. Operators that it does not name are left to the
    engine. Which there are is the engine's to know: it refuses others when a model is loaded.

    Parameters
    ----------
    kernels : dict of str to str
        Kernels by operator.

    Raises
    ------
    InvalidArgumentError
        A name is empty.
    """

    def __init__(self, kernels: Mapping[str, str] = {}) -> None: ...

    def set(self, op: str, kernel: str) -> KernelPolicy:
        """Replaces what was chosen for that operator, and returns the policy."""

    def get(self, op: str) -> str | None:
        """The kernel; None where the engine chooses."""

    def merge(self, other: KernelPolicy) -> KernelPolicy:
        """
        Takes over all choices of `other`, which hold where both have one; returns the policy.
        """

    @property
    def kernels(self) -> dict[str, str]:
        """A copy of the choices: kernels by operator."""

    def to_json(self) -> str:
        """An object of operators and kernels, in the order of the operators."""

    @staticmethod
    def from_json(json: str) -> KernelPolicy:
        """
        The policy of such an object.

        Raises
        ------
        InvalidArgumentError
            It is not one, or names an operator twice.
        """

    def __eq__(self, other: object, /) -> bool: ...

    def __repr__(self) -> str: ...

class CopyRecord:
    """Bytes that a run copied, and why."""

    @property
    def what(self) -> str:
        """The input or output, "" where it is the engine's own."""

    @property
    def bytes(self) -> int: ...

    @property
    def why(self) -> str: ...

    def __repr__(self) -> str: ...

class RunReport:
    """
    What one run did: made empty, filled in by ``run(..., report=report)``,
    also when the run fails.
    """

    def __init__(self) -> None: ...

    @property
    def engine(self) -> str: ...

    @property
    def engine_version(self) -> str: ...

    @property
    def device(self) -> Device: ...

    @property
    def queue_time(self) -> float:
        """Seconds of waiting for a Context; of a job, since it came in."""

    @property
    def run_time(self) -> float:
        """Seconds in the engine."""

    @property
    def joined(self) -> int:
        """Items that this run did at once, this one too."""

    @property
    def copies(self) -> list[CopyRecord]: ...

    @property
    def bytes_copied(self) -> int: ...

    def __repr__(self) -> str: ...

class FailedChoice:
    """A choice of engine and device that could not be built."""

    @property
    def engine(self) -> str: ...

    @property
    def device(self) -> str: ...

    @property
    def error(self) -> str:
        """Name of the error's class."""

    @property
    def reason(self) -> str: ...

    def __repr__(self) -> str: ...

class SessionReport:
    """What a session is, what was asked for, and why it is not that."""

    @property
    def model(self) -> str:
        """The path, or "<bytes>"."""

    @property
    def requested_engine(self) -> str: ...

    @property
    def requested_device(self) -> str: ...

    @property
    def fallback(self) -> list[str]: ...

    @property
    def engine(self) -> str: ...

    @property
    def engine_version(self) -> str: ...

    @property
    def engine_path(self) -> str:
        """Of the plug-in; "" for one in the program."""

    @property
    def transport(self) -> str:
        """
        To the worker process that the engine runs in; "" where it runs in this one.
        """

    @property
    def device(self) -> Device: ...

    @property
    def rule(self) -> str:
        """Which rule chose the engine and device."""

    @property
    def failed_choices(self) -> list[FailedChoice]:
        """Those tried before, in order."""

    @property
    def threads(self) -> int:
        """Of one run."""

    @property
    def contexts(self) -> int:
        """Runs that it does at once at most."""

    @property
    def load_time(self) -> float:
        """Seconds."""

    @property
    def cache(self) -> CacheReport: ...

    @property
    def validators(self) -> list[str]:
        """Names of those that it passed."""

    @property
    def profiles_nodes(self) -> bool:
        """Its profiler is told of the nodes of runs."""

    @property
    def placement(self) -> dict[str, int]:
        """Nodes by what runs them; empty where not known."""

    def __repr__(self) -> str: ...

class MemoryStatistics:
    """What a pool holds and did."""

    @property
    def in_use_bytes(self) -> int:
        """Held by tensors."""

    @property
    def peak_in_use_bytes(self) -> int: ...

    @property
    def retained_bytes(self) -> int:
        """Free, kept for reuse."""

    @property
    def allocations(self) -> int:
        """Taken from the system."""

    @property
    def reuses(self) -> int:
        """Served from what was kept."""

class MemoryPool:
    """
    Host memory that is reused at its exact size: what a session's outputs
    live in. Thread-safe; tensors and arrays may outlive it.
    """

    def __init__(self, max_retained_bytes: int = 268435456) -> None:
        """Keeps at most ``max_retained_bytes`` for reuse."""

    def allocate(self, dtype: DTypeLike, shape: Sequence[int]) -> Tensor:
        """A tensor that is not initialised."""

    def statistics(self) -> MemoryStatistics: ...

    def trim(self) -> int:
        """Gives what is kept for reuse back to the system; returns the bytes."""

class OptionType(enum.Enum):
    """Type of an option's value."""

    bool = 0

    int = 1

    float = 2

    string = 3

class OptionSpec:
    """
    An option that an engine takes by name. A name that ends in ".*"
    stands for a prefix.
    """

    @property
    def name(self) -> str: ...

    @property
    def type(self) -> OptionType: ...

    @property
    def default_value(self) -> str: ...

    @property
    def doc(self) -> str: ...

    @property
    def choices(self) -> list[str]:
        """Empty: any value of the type."""

    def __repr__(self) -> str: ...

class EngineStatus:
    """What is known of an engine, whether it can be used or not."""

    @property
    def name(self) -> str: ...

    @property
    def available(self) -> bool: ...

    @property
    def reason(self) -> str:
        """Why it is not available."""

    @property
    def path(self) -> str:
        """Of the plug-in; "" for one in the program, or not found."""

    @property
    def version(self) -> str:
        """Of the runtime below, as it says it itself."""

    @property
    def adapter_version(self) -> str:
        """Of the plug-in."""

    @property
    def formats(self) -> list[str]:
        """File extensions that it loads, without the dot."""

    @property
    def devices(self) -> list[Device]:
        """That it can use now, the best first."""

    @property
    def options(self) -> list[OptionSpec]: ...

    def __repr__(self) -> str: ...

def available_engines() -> list[str]:
    """Names of the engines that can be used now, loading them to find out."""

def engine_status() -> list[EngineStatus]:
    """
    Every known engine, loading them to find out; those that cannot be used say why.

    The first call starts this interpreter once more, for engine `python`.
    """

def create_engine(name: str) -> EngineStatus:
    """
    Loads the engine of that name, or the plug-in at that path, and says what it is.

    Raises
    ------
    UnsupportedOperationError
        There is none of that name.
    EngineNotInstalledError
        Its package is missing; says how to install it.
    UnavailableError
        It is no plug-in, or one of another ABI version.
    """

class IOBinding:
    """
    Names to memory, set once and run many times with ``session.run(binding)``.

    Keeps alive what it binds. One thread at a time: use during a run raises
    InvalidStateError. Made by ``InferenceSession.create_io_binding``.
    """

    def bind_input(self, name: str, tensor: TensorLike, device: str | Device | None = None) -> None:
        """
        Binds an input; replaces what was bound, also with another shape.

        Each run reads the memory as it is then, so an array that would have to be copied is
        refused. ``device`` may be said, and must be where the memory is.

        Raises
        ------
        InvalidArgumentError
            Name, dtype, rank, dimension, device, or an overlap with an output.
        """

    def bind_output(self, name: str, tensor: TensorLike | None = None, device: str | Device | None = None) -> None:
        """
        Binds an output to memory that each run writes, or leaves it to the engine (None).

        Raises
        ------
        InvalidArgumentError
            Name, dtype, device, read-only memory, or an overlap.
        """

    def clear(self) -> None:
        """Unbinds everything."""

    @property
    def outputs(self) -> dict[str, NDArray[Any]]:
        """
        The outputs of the last run, over the bound memory where there is any; empty
        before the first run and after one that failed.
        """

class LatencyStatistics:
    """
    How long the runs of a session take in the engine, in seconds.

    Of the last 1024 runs that were timed: all at first and where runs take 100 us or more,
    later one in 32 of shorter ones. A percentile is one of the times, not a value between two.
    """

    @property
    def count(self) -> int:
        """Runs that succeeded; a joined run of many items is one."""

    @property
    def samples(self) -> int:
        """Times that the rest is of."""

    @property
    def last(self) -> float: ...

    @property
    def mean(self) -> float: ...

    @property
    def standard_deviation(self) -> float: ...

    @property
    def min(self) -> float: ...

    @property
    def p50(self) -> float: ...

    @property
    def p90(self) -> float: ...

    @property
    def p99(self) -> float: ...

    @property
    def max(self) -> float: ...

    def __repr__(self) -> str: ...

class Profiler:
    """
    Keeps when the runs of sessions waited, copied inputs and ran, and writes that as Chrome
    trace JSON (chrome://tracing, Perfetto). ``InferenceSession(..., profiler=profiler)``; one
    may serve several sessions. Thread-safe.

    Parameters
    ----------
    max_events : int
        The last that are kept; earlier ones are dropped.
    nodes : bool
        Also the nodes of each run, within the run's event, where the engine tells of them
        (``session.report().profiles_nodes``). That slows runs down.
    """

    def __init__(self, max_events: int = 65536, *, nodes: bool = False) -> None: ...

    def write(self, path: str | os.PathLike[str]) -> None:
        """
        Writes what is kept: the file is there whole or as it was before.

        Raises
        ------
        UnavailableError
            It cannot be written.
        """

    @property
    def event_count(self) -> int:
        """Events that are kept."""

    @property
    def dropped_count(self) -> int:
        """Events that are not kept any more."""

    def __repr__(self) -> str: ...

Outputs = TypeVar("Outputs")

class Job(Generic[Outputs]):
    """
    One asynchronous run. Made by ``InferenceSession.run_async``.

    ``await job`` gives its outputs as ``wait`` does, without holding up the event loop; to cancel
    the task that awaits cancels the job. Outputs come as the inputs were given, in a dict or in a
    list. An error of the run, or of its callback, is raised to each who asks for the outputs.
    """

    @property
    def id(self) -> int:
        """From 1 up, in the order in which a session's jobs came in."""

    def done(self) -> bool:
        """
        Has the run ended, and its callback returned? Inside that callback: yes.
        """

    def outputs(self) -> Outputs:
        """
        The outputs of a job that is done.

        Raises
        ------
        InvalidStateError
            The job is not done.
        XpuRuntimeError, or what the callback raised
            Why there are none.
        """

    def wait(self, timeout: float | None = None) -> Outputs:
        """
        Waits until the job is done and gives its outputs. Ctrl-C ends the wait.

        Parameters
        ----------
        timeout : float, optional
            Seconds; the job goes on after them.

        Raises
        ------
        DeadlineExceededError
            `timeout` passed, or the job's own.
        InvalidStateError
            Inside a callback of the same session.
        XpuRuntimeError, or what the callback raised
            Why there are no outputs.
        """

    def cancel(self) -> bool:
        """
        Cancels the job: one that has not begun never runs, one that runs is asked to stop.

        Returns
        -------
        bool
            It is certain already that the job gives no outputs, for that reason.
        """

    def report(self) -> RunReport:
        """What the run did. Raises InvalidStateError before the job is done."""

    def when_done(self, call: Callable[[], object]) -> None:
        """
        Calls ``call()`` once the job is done: now if it is, else on a thread of the session's.
        For event loops; ``await job`` is made of it.
        """

    def __await__(self) -> Generator[Any, None, Outputs]: ...

    def __repr__(self) -> str: ...

class SessionValidator:
    """Judges a session before it opens; ``xpuruntime.gate`` makes one."""

    @property
    def name(self) -> str:
        """For reports and messages."""

    def check(self, session: InferenceSession) -> None:
        """Judges a session that is open. Raises AgreementError."""

    def __repr__(self) -> str: ...

class InferenceSession:
    """What xpuruntime.InferenceSession stands on."""

    def __init__(self, model: str | Buffer, *, engine: str, device: str, fallback: Sequence[str], threads: int, contexts: int, queue_size: int, when_full: str, max_batch_size: int, profiler: Profiler | None, engine_options: dict[str, str], base_folder: str, extra_outputs: Sequence[str], precision: str, kernel_policy: KernelPolicy, cache_dir: str, shapes: Mapping[str, Sequence[int]], isolation: str, transport: str, python_executable: str, model_factory: str, validators: Sequence[SessionValidator], progress: Callable[[str, int, int], bool | None] | None) -> None: ...

    @overload
    def run(self, inputs: Mapping[str, TensorLike], outputs: Mapping[str, TensorLike | None] | None = None, *, timeout: float | None = None, priority: int = 0, report: RunReport | None = None) -> dict[str, NDArray[Any]]:
        """
        Runs the model once, without the GIL.

        Parameters
        ----------
        inputs : dict, list or tuple, or IOBinding
            NumPy arrays, Tensors or objects with ``__dlpack__``, by name or in the model's
            order. What is contiguous is not copied; dtypes are never cast.
        outputs : dict or list, optional
            Memory to write into, by name or in the model's order; None leaves an output to
            the engine. An array that turns out larger comes back as a view of the result.
        timeout : float, optional
            Seconds, of waiting and running together.
        priority : int
            Where runs wait for one another, higher ones go first.
        report : RunReport, optional
            Filled in with what the run did, also when it fails.

        Returns
        -------
        dict or list, as the inputs are; None for an IOBinding
            Arrays in the model's order, shaped by the run, over memory that lives as long as
            they do, also after the session.

        Raises
        ------
        InvalidArgumentError
            Name, dtype, rank, dimension, or kind of object.
        InvalidStateError
            The session is closed, or this is a callback of its own jobs.
        DeadlineExceededError
            `timeout` passed.
        KeyboardInterrupt
            Ctrl-C on the main thread, which cancels the run.
        OutOfMemoryError, EngineError
        """

    @overload
    def run(self, binding: IOBinding, *, timeout: float | None = None, priority: int = 0, report: RunReport | None = None) -> None: ...

    @overload
    def run(self, inputs: Sequence[TensorLike], outputs: Sequence[TensorLike | None] | None = None, *, timeout: float | None = None, priority: int = 0, report: RunReport | None = None) -> list[NDArray[Any]]: ...

    def run_with_io_binding(self, binding: IOBinding, *, timeout: float | None = None, priority: int = 0, report: RunReport | None = None) -> None:
        """``run(binding)``."""

    @overload
    def run_async(self, inputs: Mapping[str, TensorLike], callback: Callable[[Job[dict[str, NDArray[Any]]], Any], object] | None = None, user_data: Any = None, timeout: float | None = None, *, copy: bool = True, priority: int = 0) -> Job[dict[str, NDArray[Any]]]:
        """
        Queues a run and returns.

        Jobs begin in order of priority, then of submission. What is not done when the
        interpreter ends is cancelled; ``close`` waits for it.

        Parameters
        ----------
        inputs : dict, list or tuple
            As for ``run``.
        callback : callable, optional
            Called once as ``callback(job, user_data)``, on a thread of the session's, when the
            run has ended or will never be: ``job.outputs()`` gives the tensors, or raises what
            the run failed with. Callbacks of several jobs may come at once. One that raises
            fails its job and no other. Inside it, what waits for the session raises.
        user_data : object, optional
        timeout : float, optional
            Seconds, of waiting and running together; then the job ends as
            DeadlineExceededError.
        copy : bool
            The inputs may be written as soon as this returns. False: they are held until the
            job is done, and must not change before.
        priority : int
            Higher ones begin first.

        Returns
        -------
        Job
            To ``wait`` for, ``await`` or ``cancel``.

        Raises
        ------
        InvalidArgumentError
            The inputs.
        QueueFullError
            With ``when_full="reject"``, and where a callback would wait.
        InvalidStateError
            The session is closed.
        OutOfMemoryError
            There is no room for copies.
        """

    @overload
    def run_async(self, inputs: Sequence[TensorLike], callback: Callable[[Job[list[NDArray[Any]]], Any], object] | None = None, user_data: Any = None, timeout: float | None = None, *, copy: bool = True, priority: int = 0) -> Job[list[NDArray[Any]]]: ...

    def wait(self, job: Job[Outputs] | int, timeout: float | None = None) -> Outputs | dict[str, NDArray[Any]]:
        """
        ``job.wait(timeout)``; of an id, whose outputs are a dict.

        Ids are known of jobs that wait or run, and of the last `queue_size` that ended, as long
        as there is a Job or nobody waited for them; else InvalidArgumentError.
        """

    def register_callback(self, callback: Callable[[Job[Any], Any], object] | None) -> None:
        """
        What ``run_async`` takes as the callback from now on where it is given none; None:
        nothing.
        """

    @overload
    def run_batch(self, items: Mapping[str, TensorLike], *, timeout: float | None = None, priority: int = 0, return_exceptions: bool = False, reports: list[RunReport] | None = None) -> list[Any]:
        """
        Runs all items, joined into as few runs as `max_batch_size` allows.

        Parameters
        ----------
        items : list of dicts or of lists, or a dict
            Inputs of one item each, with any number of rows; or of a dict, each row is an item.
        timeout : float, optional
            Seconds, for all of them.
        priority : int
            Where runs wait for one another, higher ones go first.
        return_exceptions : bool
            An item that fails fails alone: its place holds its exception. False: the first of
            them is raised, when all items have run.
        reports : list, optional
            A RunReport of each item's run is appended.

        Returns
        -------
        list
            In order, outputs in a dict or list as the item was. Those of items that were joined
            share memory, which is released with the last of them.
        """

    @overload
    def run_batch(self, items: Sequence[Mapping[str, TensorLike] | Sequence[TensorLike]], *, timeout: float | None = None, priority: int = 0, return_exceptions: bool = False, reports: list[RunReport] | None = None) -> list[Any]: ...

    def create_io_binding(self) -> IOBinding:
        """An IOBinding of this session, with nothing bound."""

    def warm_up(self, runs: int = 1) -> None:
        """
        Runs with zeros, dynamic dimensions taken as 1, so that what an engine sets up on its
        first run is done. Raises what ``run`` raises.
        """

    @property
    def model_info(self) -> ModelInfo:
        """What the model takes, gives and says of itself."""

    @property
    def input_info(self) -> list[TensorInfo]:
        """The inputs, in the model's order."""

    @property
    def output_info(self) -> list[TensorInfo]:
        """The outputs, in the model's order."""

    @property
    def has_dynamic_output(self) -> bool:
        """Is some output's shape known only by a run?"""

    @property
    def output_sizes(self) -> list[int]:
        """Bytes of each output; 0 for a dynamic one."""

    @property
    def engine_name(self) -> str:
        """The engine that runs."""

    @property
    def device(self) -> Device:
        """The device that it runs on."""

    def report(self) -> SessionReport:
        """What the session is, what was asked for, and why it is not that."""

    @property
    def memory(self) -> MemoryPool:
        """What outputs without given memory live in."""

    def statistics(self) -> LatencyStatistics:
        """How long the last runs took."""

    def close(self, mode: Literal["drain", "cancel"] = "drain", timeout: float | None = None) -> None:
        """
        Takes no more runs, which raise InvalidStateError from now on, waits for those that go
        on and for jobs, and frees the model. What runs gave stays. May be called again.

        Parameters
        ----------
        mode : {"drain", "cancel"}
            What becomes of jobs: they are done, or cancelled.
        timeout : float, optional
            Seconds.

        Raises
        ------
        DeadlineExceededError
            Runs go on after `timeout`; call again to go on.
        InvalidStateError
            Inside a callback of its own jobs.
        """

    @property
    def is_open(self) -> bool: ...

class RunStream(Generic[Outputs]):
    """
    Results of inputs that come one after the other, in their order.

    An iterator. The error of a run is raised at its place, and the next call goes
    on with the input after it. Made by ``InferenceSession.stream``.
    """

    def __init__(self, session: InferenceSession, items: Iterable[Mapping[str, TensorLike] | Sequence[TensorLike]], in_flight: int, *, timeout: float | None, copy: bool, priority: int) -> None: ...

    def __iter__(self) -> Self: ...

    def __next__(self) -> Outputs: ...

    def close(self) -> None:
        """
        Cancels the runs whose results nobody took. So does the end of its last reference.
        """

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

def version() -> str:
    """The version of the library that is loaded."""
