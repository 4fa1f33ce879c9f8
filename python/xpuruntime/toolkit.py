# SPDX-License-Identifier: Apache-2.0
"""What programs do with models: compare and tune engines, refuse those that are off, convert."""

from ._compare import compare
from ._convert import convert
from ._gate import gate
from ._images import image_of, preprocess_image, read_image, top_classes, write_png
from ._service import InferenceService
from ._toolkit import (
    Agreement,
    Bisection,
    Candidate,
    CompareReport,
    ConvertReport,
    ConvertRun,
    DeviceFacts,
    DeviceTest,
    DeviceTestResult,
    Difference,
    Finalist,
    MachineFacts,
    OutputComparison,
    Preprocessing,
    ServiceInfo,
    ServiceStatistics,
    Summary,
    Tolerance,
    Trial,
    TrialOutcome,
    TuneReport,
    Verdict,
    best_gpu,
    devices,
    measure_agreement,
)
from ._tune import tune

__all__ = [
    "Agreement",
    "Bisection",
    "Candidate",
    "CompareReport",
    "ConvertReport",
    "ConvertRun",
    "DeviceFacts",
    "DeviceTest",
    "DeviceTestResult",
    "Difference",
    "Finalist",
    "InferenceService",
    "MachineFacts",
    "OutputComparison",
    "Preprocessing",
    "ServiceInfo",
    "ServiceStatistics",
    "Summary",
    "Tolerance",
    "Trial",
    "TrialOutcome",
    "TuneReport",
    "Verdict",
    "best_gpu",
    "compare",
    "convert",
    "devices",
    "gate",
    "image_of",
    "measure_agreement",
    "preprocess_image",
    "read_image",
    "top_classes",
    "tune",
    "write_png",
]

for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
