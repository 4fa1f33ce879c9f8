# SPDX-License-Identifier: Apache-2.0
"""Checks that each C++ and CMake snippet of a page is part of a file, whatever its indentation.

check_snippets.py PAGE FOLDER...
"""

import re
import sys
from pathlib import Path


def flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


page = Path(sys.argv[1]).read_text()
files = [path for folder in sys.argv[2:] for path in Path(folder).iterdir() if path.is_file()]
sources = [flat(path.read_text()) for path in files]
snippets = re.findall(r"```(?:cpp|cmake)\n(.*?)```", page, re.DOTALL)
strange = [snippet for snippet in snippets if not any(flat(snippet) in text for text in sources)]
for snippet in strange:
    print(f"{sys.argv[1]}: this is no part of any source:\n{snippet}")
print(f"{len(snippets) - len(strange)} of {len(snippets)} snippets are parts of sources")
sys.exit(1 if strange or not snippets else 0)
