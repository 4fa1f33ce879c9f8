# SPDX-License-Identifier: Apache-2.0
"""Do two engines agree on a model, and which is faster?"""

import sys

import xpuruntime as xrt

report = xrt.compare(
    sys.argv[1] if len(sys.argv) > 1 else "model.onnx",
    engines=["reference", "onnxrt"],
    batch=8,
    seconds=0.2,
    bisect=True,
)
for candidate in report.candidates:
    for output in candidate.outputs:
        print(f"{output.name} on {candidate.name}: {output.verdict.name}", end=", ")
        print(
            f"largest error {output.agreement.max_absolute_error:.1e}" if output.agreement else ""
        )
for found in report.bisections:
    print(f"{found.candidate}: {found.text}")
print("fastest that agrees:", report.winner or "none")
sys.exit(0 if report.agrees else 1)
