# SPDX-License-Identifier: Apache-2.0
"""What programs do with sessions: compare engines, refuse those that are off, and their classes."""

from ._compare import compare
from ._gate import gate
from ._toolkit import (
    Agreement,
    Bisection,
    Candidate,
    CompareReport,
    Difference,
    MachineFacts,
    OutputComparison,
    Summary,
    Tolerance,
    Verdict,
    measure_agreement,
)

__all__ = [
    "Agreement",
    "Bisection",
    "Candidate",
    "CompareReport",
    "Difference",
    "MachineFacts",
    "OutputComparison",
    "Summary",
    "Tolerance",
    "Verdict",
    "compare",
    "gate",
    "measure_agreement",
]

for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
