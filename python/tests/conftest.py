# SPDX-License-Identifier: Apache-2.0
"""Makes `import xpuruntime` mean the build tree's package. XPURT_BUILD_DIR names another tree."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("XPURT_BUILD_DIR", ROOT / "build")).resolve()

sys.path.insert(0, str(BUILD / "python"))
sys.path.insert(0, str(ROOT / "tests/cases"))
