# SPDX-License-Identifier: Apache-2.0
"""What programs do with sessions: compare and tune engines, refuse those that are off."""

from ._compare import compare
from ._gate import gate
from ._toolkit import (
    Agreement,
    Bisection,
    Candidate,
    CompareReport,
    DeviceFacts,
    DeviceTest,
    DeviceTestResult,
    Difference,
    Finalist,
    MachineFacts,
    OutputComparison,
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
    "DeviceFacts",
    "DeviceTest",
    "DeviceTestResult",
    "Difference",
    "Finalist",
    "MachineFacts",
    "OutputComparison",
    "Summary",
    "Tolerance",
    "Trial",
    "TrialOutcome",
    "TuneReport",
    "Verdict",
    "best_gpu",
    "compare",
    "devices",
    "gate",
    "measure_agreement",
    "tune",
]

for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
