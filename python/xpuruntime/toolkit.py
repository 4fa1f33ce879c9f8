# SPDX-License-Identifier: Apache-2.0
"""What programs do with sessions: compare engines, and the classes of what that finds."""

from ._compare import compare
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
    "measure_agreement",
]

for _public in [globals()[_name] for _name in __all__]:
    if isinstance(_public, type):
        _public.__module__ = __name__
del _public
