# SPDX-License-Identifier: Apache-2.0
"""Models of the worker's tests that need NumPy alone."""

import os
import subprocess
import sys
import warnings

import numpy as np


def echo(x):
    return x


def double(x):
    return x * 2


def add(a, b, scale=1.0):
    return a + b * scale


def anything(*arrays):
    return arrays[0]


def nested(x):
    return {"logits": x, "aux": (x + 1, [x + 2]), "none": None}


def pair(x):
    return x, x + 1


def not_a_number(x):
    return np.full_like(x, np.nan)


def fails(x):
    raise ValueError("no good")


def writes(x):
    x += 1
    return x


def gives_object(x):
    return object()


def hungry(x):
    raise MemoryError("asked for a lot")


def talks(x):
    print("said on standard output")
    warnings.warn("said as a warning", stacklevel=1)
    return x


def ends(x):
    os._exit(7)


def never(x):
    while True:
        pass


def linear(weights):
    """A factory that takes weights."""
    return lambda x: x @ weights["w"] + weights["b"]


def gives_number():
    return 3


def needs_package():
    import a_package_that_is_not_there

    return a_package_that_is_not_there


def modules(x):
    """Which modules of ours are loaded: of the whole package none."""
    names = [name for name in sys.modules if name.split(".")[0] in ("xpuruntime", "torch")]
    return np.array([len(names)])


def environment(x):
    return np.array(sorted(os.environ), object)


def starts(x):
    subprocess.Popen(["/bin/sleep", "60"], start_new_session=True, stdin=subprocess.DEVNULL)
    return x


def double_maker():
    return double


def ends_once(x):
    if not x.any():
        os._exit(7)
    return x


def never_for_zeros(x):
    while not x.any():
        pass
    return x
