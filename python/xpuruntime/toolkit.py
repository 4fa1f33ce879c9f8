# SPDX-License-Identifier: Apache-2.0
"""What programs do with models: compare and tune engines, refuse those that are off, convert."""

from ._compare import compare
from ._convert import convert
from ._gate import gate
from ._toolkit import (
    Agreement,
    Bisection,
    Candidate,
    CompareReport,
    ConvertReport,
    ConvertRun,
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
    "compare",
    "convert",
    "gate",
    "measure_agreement",
    "tune",
]

for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
