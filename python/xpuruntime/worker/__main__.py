# SPDX-License-Identifier: Apache-2.0
"""``python -m xpuruntime.worker``, and ``python .../xpuruntime/worker``.

The second way is the engine's: it leaves out the package xpuruntime, whose extension modules are
of one version of Python. The folder is then a package of its own name, and not itself on the path,
where its modules would stand before the user's.
"""

import importlib
import importlib.util
import sys
from pathlib import Path

ALONE = "xpuruntime_worker"


def _package() -> str:
    if __package__:
        return __package__
    folder = Path(__file__).resolve().parent
    sys.path[:] = [each for each in sys.path if not each or Path(each).resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        ALONE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules[ALONE] = module
    spec.loader.exec_module(module)
    return ALONE


if __name__ == "__main__":
    try:
        main = importlib.import_module(_package() + ".main").main
    except ModuleNotFoundError as error:
        python = sys.executable
        sys.exit(f"{python} has no package {error.name}: {python} -m pip install {error.name}")
    sys.exit(main(sys.argv[1:]))
