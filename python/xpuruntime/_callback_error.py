# SPDX-License-Identifier: Apache-2.0
"""What a callback raised, which its job keeps. Frames may hold that very job, and no collector sees
that the job holds them: none is kept."""

from __future__ import annotations

import copy
import traceback


def without_frames(error: BaseException) -> BaseException:
    """The error, with its traceback as a note in place of the traceback."""
    places = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    error.add_note(f"Raised in a callback:\n{places}")
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or each.__traceback__ is None:
            continue
        each.__traceback__ = None
        left += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            left += each.exceptions
    return error


def to_raise(error: BaseException) -> BaseException:
    """A copy, since what is raised collects the frames that it passes."""
    try:
        made = copy.copy(error)
    except Exception:  # its __init__ takes other arguments than it kept
        made = type(error).__new__(type(error), *error.args)
        made.__dict__.update(error.__dict__)
    made.__cause__, made.__context__ = error.__cause__, error.__context__
    made.__suppress_context__ = error.__suppress_context__
    return made
