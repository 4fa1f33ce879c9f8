# SPDX-License-Identifier: Apache-2.0
"""Fails when a shared library of ours exports a symbol that it should keep.

Usage: check_exports.py [--core LIBRARY] [--toolkit LIBRARY] [ENGINE...]
"""

import argparse
import re
import subprocess
import sys

# Itanium C++ ABI names of what lives in namespace xpuruntime: functions, and the type information
# and tables of its classes.
CORE_SYMBOL = re.compile(r"_ZN(K?)10xpuruntime|_ZT[ISTV]N10xpuruntime")
TOOLKIT_SYMBOL = re.compile(r"_ZN(K?)10xpuruntime7toolkit")
ENGINE_SYMBOL = re.compile(r"xpurt_plugin_query$")


def exported(library: str) -> list[str]:
    """The symbols that a shared library defines for others, without their versions."""
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", library]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0].split("@")[0] for line in lines]


def check(library: str, allowed: re.Pattern[str]) -> list[str]:
    symbols = exported(library)
    problems = [f"{library}: exports {name}" for name in symbols if not allowed.match(name)]
    if not any(allowed.match(name) for name in symbols):
        problems.append(f"{library}: exports nothing that matches {allowed.pattern}")
    return problems


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--core", action="append", default=[])
    parser.add_argument("--toolkit", action="append", default=[])
    parser.add_argument("engines", nargs="*")
    args = parser.parse_args()
    found = [problem for library in args.core for problem in check(library, CORE_SYMBOL)]
    found += [problem for library in args.toolkit for problem in check(library, TOOLKIT_SYMBOL)]
    found += [problem for library in args.engines for problem in check(library, ENGINE_SYMBOL)]
    print("\n".join(found) or "exports: only what each library should show")
    sys.exit(bool(found))
