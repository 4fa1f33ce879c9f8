# SPDX-License-Identifier: Apache-2.0
"""Fails when an #include goes against the arrows between the layers of the source tree.

Usage: check_layers.py [ROOT]
"""

import re
import sys
from pathlib import Path

# The public headers of the toolkit, which stands on those of the core and never the other way.
TOOLKIT = "include/xpuruntime/toolkit"
# Classes, codes and statuses of errors, as macros.
ERRORS = "include/xpuruntime/error_table.inc"

# What each folder or file may include besides itself; the longest matching path decides.
# An engine's folder is added to this table as it is found.
ARROWS = {
    "include/xpuruntime/engine/abi.h": set(),
    "include/xpuruntime/engine": {"include/xpuruntime/engine/abi.h"},
    ERRORS: set(),
    "include": {"include/xpuruntime/engine", "include/xpuruntime/engine/abi.h", ERRORS},
    "src/core": {"include"},
    "src/onnx": set(),
    "src/worker": {ERRORS},
    "src/worker_grpc": {"src/worker"},
    "src/model_notes": {"include/xpuruntime/engine"},
    "src/runtime_package": {"include/xpuruntime/engine"},
    TOOLKIT: {"include"},
    "src/toolkit": {"include", TOOLKIT, "src/onnx", "src/worker"},
    "src/policy": {"include"},
    "src/server": {"include"},
    "src/worker_service": {"include", TOOLKIT, "src/toolkit", "src/worker"},
    "apps": {
        "include",
        TOOLKIT,
        "src/onnx",
        "src/toolkit",
        "src/policy",
        "src/server",
        "src/worker",
        "src/worker_service",
    },
    "python": {"include", TOOLKIT},
    "examples": {"include", TOOLKIT, "src/toolkit"},
    "benchmarks": {"include", TOOLKIT, "src/toolkit", "engines/onnxrt"},
}
ENGINE_EXTRAS = {
    "engines/executorch": {"src/model_notes", "src/runtime_package"},
    "engines/openvino": {"src/onnx", "src/runtime_package"},
    "engines/reference": {"src/onnx"},
    "engines/torch": {"src/model_notes", "src/runtime_package"},
    "engines/worker": {"src/runtime_package", "src/worker"},
}

# The first word of an engine SDK's headers, and the one folder of ours that may include them.
SDK_HOMES = {
    "onnxruntime": "engines/onnxrt",
    "openvino": "engines/openvino",
    "torch": "engines/torch",
    "ATen": "engines/torch",
    "c10": "engines/torch",
    "executorch": "engines/executorch",
    "NvInfer": "engines/tensorrt",
    "grpcpp": "src/worker_grpc",
}
# These measure and test against an engine's SDK on purpose.
SDK_GUESTS = ("benchmarks/", "tests/")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = {".h", ".hpp", ".inc", ".c", ".cpp"}
C_HEADERS = {"stddef.h", "stdint.h"}


def arrows_of(root: Path) -> dict[str, set[str]]:
    arrows = dict(ARROWS)
    for folder in sorted((root / "engines").glob("*/")):
        name = folder.relative_to(root).as_posix()
        arrows[name] = {"include/xpuruntime/engine"} | ENGINE_EXTRAS.get(name, set())
    # Whoever may include a folder may include the narrower layers that are part of it.
    for allowed in arrows.values():
        for name in list(allowed):
            allowed |= {inner for inner in arrows if inner.startswith(name + "/")} - {TOOLKIT}
    return arrows


def layer_of(path: str, arrows: dict[str, set[str]]) -> str | None:
    """The layer of a source file; None for tests, which may include anything of ours."""
    if path.startswith("tests/") or "/tests/" in path:
        return None
    matching = [name for name in arrows if path == name or path.startswith(name + "/")]
    return max(matching, key=len, default=None)


def resolve(root: Path, source: Path, target: str) -> str | None:
    """The path of an included file of ours, None when it is somebody else's."""
    for base in (source.parent, root / "include", root / "src"):
        found = (base / target).resolve()
        if found.is_file() and found.is_relative_to(root):
            return found.relative_to(root).as_posix()
    return None


def foreign_complaint(source: str, target: str) -> str | None:
    if source.startswith("include/") and re.search(r"[./]", target) and target not in C_HEADERS:
        return f"public headers include the standard library alone, not {target}"
    for word, home in SDK_HOMES.items():
        if re.match(rf"{word}[/_.]", target) and not source.startswith((home + "/", *SDK_GUESTS)):
            return f"{target} belongs to {home} alone"
    return None


def complaint(
    source: str, target: str, found: str | None, arrows: dict[str, set[str]]
) -> str | None:
    if found is None:
        return foreign_complaint(source, target)
    layer, found_layer = layer_of(source, arrows), layer_of(found, arrows)
    if layer is None or found_layer == layer or found_layer in arrows[layer]:
        return None
    return f"{layer} must not include {found_layer or found} ({target})"


def check(root: Path) -> list[str]:
    root = root.resolve()
    arrows = arrows_of(root)
    complaints = []
    for folder in sorted({name.split("/")[0] for name in arrows} | {"tests"}):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix not in SUFFIXES:
                continue
            source = path.relative_to(root).as_posix()
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                target = match[2]
                problem = complaint(source, target, resolve(root, path, target), arrows)
                if problem:
                    complaints.append(f"{source}:{number}: {problem}")
    return complaints


if __name__ == "__main__":
    problems = check(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print("\n".join(problems) or "layers: every #include follows the arrows")
    sys.exit(bool(problems))
