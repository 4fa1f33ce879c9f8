# SPDX-License-Identifier: Apache-2.0
"""What is known of the machine, as ``xpurt devices`` reads it; 0, "" or None where it is not."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

#: Of a processor: those that engines choose kernels by.
_FEATURES = ("avx2", "fma", "avx512f", "avx_vnni", "avx512_vnni", "avx512_bf16", "amx_tile")


def _words(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").split()
    except OSError:
        return []


def _field(path: Path, key: str) -> str:
    """Of the first line "key : value"."""
    try:
        with path.open(errors="replace") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return ""


def _kilobytes(text: str) -> int:
    number = text.partition(" ")[0]
    return int(number) * 1024 if number.isdecimal() else 0


def _cgroups(root: Path) -> Iterator[Path]:
    """The folders of this process's cgroup (version 2), up to the root of the hierarchy."""
    top = root / "sys/fs/cgroup"
    path = next((x[3:] for x in _words(root / "proc/self/cgroup") if x.startswith("0::/")), "")
    inner = PurePosixPath(path.lstrip("/"))
    yield from (top / each for each in (inner, *inner.parents))


def _numbers(words: list[str]) -> list[int]:
    return [int(each) if each.isdecimal() else 0 for each in words]


def _cpu_quota(root: Path) -> float | None:
    quotas = [_numbers(_words(each / "cpu.max")) for each in _cgroups(root)]
    version1 = root / "sys/fs/cgroup/cpu"
    names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    quotas.append(_numbers([word for name in names for word in _words(version1 / name)]))
    return min((each[0] / each[1] for each in quotas if len(each) == 2 and all(each)), default=None)


def _memory(root: Path) -> tuple[int, int]:
    """All that this process may have, and what of it is free."""
    total = _kilobytes(_field(root / "proc/meminfo", "MemTotal"))
    free = _kilobytes(_field(root / "proc/meminfo", "MemAvailable"))
    for folder in _cgroups(root):
        limit = _numbers(_words(folder / "memory.max"))
        used = _numbers(_words(folder / "memory.current"))
        if limit and limit[0]:
            total = min(total, limit[0])
            if used:
                free = min(free, max(0, limit[0] - used[0]))
    return total, free


def cpu_facts(root: Path = Path("/")) -> dict[str, object]:
    """`root` stands in for "/" in tests."""
    total, free = _memory(root)
    flags = _field(root / "proc/cpuinfo", "flags").split()
    return {
        **{"name": _field(root / "proc/cpuinfo", "model name"), "driver": ""},
        **{"memory_bytes": total, "free_bytes": free, "compute_capability": ""},
        **{"cores": len(os.sched_getaffinity(0)), "cpu_quota": _cpu_quota(root)},
        "features": sorted(set(_FEATURES).intersection(flags)),
    }
