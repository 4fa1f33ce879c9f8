# SPDX-License-Identifier: Apache-2.0
"""One inference session over every engine.

>>> import xpuruntime as xrt
>>> with xrt.InferenceSession("model.onnx") as session:
...     outputs = session.run({"image": image})
"""

from ._compare import compare
from ._convert import convert
from ._core import (
    AgreementError,
    CacheEntry,
    CacheOutcome,
    CacheReport,
    CancelledError,
    CopyRecord,
    DeadlineExceededError,
    Device,
    DeviceType,
    DType,
    EngineError,
    EngineNotInstalledError,
    EngineStatus,
    FailedChoice,
    InternalError,
    InvalidArgumentError,
    InvalidStateError,
    IOBinding,
    Job,
    KernelPolicy,
    LatencyStatistics,
    MemoryPool,
    MemoryStatistics,
    ModelCache,
    ModelInfo,
    ModelMismatchError,
    ModelNotFoundError,
    OptionSpec,
    OptionType,
    OutOfMemoryError,
    Profiler,
    ProtocolError,
    QueueFullError,
    RunReport,
    RunStream,
    SessionReport,
    SessionValidator,
    Tensor,
    TensorInfo,
    UnavailableError,
    UnsupportedOperationError,
    ValueKind,
    XpuRuntimeError,
    available_engines,
    create_engine,
    default_cache_bytes,
    engine_status,
)
from ._core import version as _version
from ._devices import devices
from ._gate import gate
from ._images import preprocess_image
from ._service import InferenceService
from ._tune import tune
from .session import InferenceSession

__all__ = [
    "AgreementError",
    "CacheEntry",
    "CacheOutcome",
    "CacheReport",
    "CancelledError",
    "CopyRecord",
    "DType",
    "DeadlineExceededError",
    "Device",
    "DeviceType",
    "EngineError",
    "EngineNotInstalledError",
    "EngineStatus",
    "FailedChoice",
    "IOBinding",
    "InferenceService",
    "InferenceSession",
    "InternalError",
    "InvalidArgumentError",
    "InvalidStateError",
    "Job",
    "KernelPolicy",
    "LatencyStatistics",
    "MemoryPool",
    "MemoryStatistics",
    "ModelCache",
    "ModelInfo",
    "ModelMismatchError",
    "ModelNotFoundError",
    "OptionSpec",
    "OptionType",
    "OutOfMemoryError",
    "Profiler",
    "ProtocolError",
    "QueueFullError",
    "RunReport",
    "RunStream",
    "SessionReport",
    "SessionValidator",
    "Tensor",
    "TensorInfo",
    "UnavailableError",
    "UnsupportedOperationError",
    "ValueKind",
    "XpuRuntimeError",
    "__version__",
    "available_engines",
    "compare",
    "convert",
    "create_engine",
    "default_cache_bytes",
    "devices",
    "engine_status",
    "gate",
    "preprocess_image",
    "tune",
]

__version__ = _version()

# Errors and reprs name what users import, not the extension module behind it.
for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
