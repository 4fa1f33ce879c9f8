# SPDX-License-Identifier: Apache-2.0
"""The end of a worker at once, and with nothing left behind where its parent is gone."""

import contextlib
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from .channel import Channel

_unfinished: set[Path] = set()
_leaving = threading.RLock()  # a signal may find its thread leaving
_TRIES = 100


@contextlib.contextmanager
def unfinished(folder: Path) -> Iterator[None]:
    """What comes into the folder is of no use to anybody if the worker ends meanwhile. One that
    has something in it already is not ours to remove."""
    if folder.is_dir() and not any(folder.iterdir()):
        _unfinished.add(folder)
    try:
        yield
    finally:
        _unfinished.discard(folder)


def leave(code: int) -> NoReturn:
    """Now, whatever other threads are doing: nobody waits for it any more."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def leave_nothing(channel: Channel, code: int) -> NoReturn:
    """As leave(), for a parent that can remove nothing any more."""
    with _leaving:
        channel.abandon()
        folders = list(_unfinished)
        if folders:
            _end_children()
        for folder in folders:
            _remove(folder)
        leave(code)


def _end_children() -> None:
    """Compilers, which would go on writing; they are in our process group."""
    own = os.getpid()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(ValueError, OSError):  # it is no process, or has ended
            process = int(entry.name)
            if process != own and os.getpgid(process) == own:
                os.kill(process, signal.SIGKILL)


def _remove(folder: Path) -> None:
    for _ in range(_TRIES):  # another thread of ours may still write
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
