# SPDX-License-Identifier: Apache-2.0
"""Runs the suite on every engine and rewrites docs/conformance.md and the expected/ folder.

python tests/onnx_backend/report.py
"""

import collections
import json
import re
from importlib.metadata import version
from pathlib import Path

import suite
from suite import Ended

FOLDER = Path(__file__).parent
PAGE = FOLDER.parents[1] / "docs" / "conformance.md"
ENGINES = ("onnxrt", "openvino", "reference")
# The runtime's own Python API that an engine is compared with: its name in suite.py, its package.
THEIRS = {"onnxrt": ("onnxruntime", "onnxruntime"), "openvino": ("openvino-python", "openvino")}
GAINED = {
    "onnxruntime": "float8, (u)int4, (u)int2, bfloat16, scalars",
    "openvino": "float8, (u)int4, float4, bfloat16, names of outputs",
}
KINDS = tuple(suite.CATEGORIES.values())
# What was found out about single cases.
NOTES = {
    "test_attention_4d_causal_fp16_expanded": "computed in float64, the expected numbers are off "
    "by 8.7e-4 and those of `reference` by 6.9e-4: the tolerance of 1e-3 does not hold both",
}


def expected_file(engine: str) -> Path:
    return FOLDER / "expected" / f"{engine}.json"


def expected(engine: str) -> dict[str, str]:
    """The cases that did not pass when the page was written, with how they ended."""
    return json.loads(expected_file(engine).read_text())


def write_expected(engine: str, ended: list[Ended]) -> None:
    not_passed = {each.name: each.outcome for each in ended if each.outcome != "passed"}
    expected_file(engine).parent.mkdir(exist_ok=True)
    expected_file(engine).write_text(json.dumps(not_passed, indent=0, sort_keys=True) + "\n")


def count(ended: list[Ended], outcome: str, kind: str | None = None) -> int:
    return sum(each.outcome == outcome and kind in (None, each.kind) for each in ended)


def table(results: dict[str, list[Ended]]) -> list[str]:
    lines = ["| engine | " + " | ".join(KINDS) + " | passed | skipped | failed |"]
    lines.append("|---" * (len(KINDS) + 4) + "|")
    for engine, ended in results.items():
        cells = [
            f"{count(ended, 'passed', kind)} of {sum(e.kind == kind for e in ended)}"
            for kind in KINDS
        ]
        totals = [str(count(ended, outcome)) for outcome in ("passed", "skipped", "failed")]
        lines.append(f"| {engine} | " + " | ".join(cells + totals) + " |")
    return lines


def kind_of_reason(reason: str) -> str:
    """The reason without what is the single case's own."""
    found = re.search(r"\((\S+)\): the operator is not supported", reason)
    if found:
        return f"operator {found[1]} is not supported"
    found = re.search(
        r"Could not find an implementation for (\w+)|error: (\S+)\(-1\) is not", reason
    )
    if found:
        return (
            f"ONNX Runtime has no kernel for {found[1] or found[2]} in these types and this opset"
        )
    reason = re.sub(r"^\w+Error: (the model's bytes: )?", "", reason)
    reason = re.sub(r"^(in|out)put '[^']*'", r"an \1put", reason)
    if reason.startswith("Not equal to tolerance"):
        return "other numbers than the case's, beyond its tolerance"
    return re.sub(r"\|", "/", reason)[:150]


def reasons(ended: list[Ended], outcome: str) -> list[str]:
    by_reason = collections.defaultdict(list)
    for each in ended:
        if each.outcome == outcome:
            by_reason[kind_of_reason(each.reason)].append(each.name.removesuffix("_cpu"))
    lines = ["", "| cases | reason | such as |", "|---:|---|---|"]
    for reason, names in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        reason += "".join(f" ({NOTES[name]})" for name in names if name in NOTES)
        lines.append(f"| {len(names)} | {reason} | `{names[0]}` |")
    return lines


def against(package: str, ours: list[Ended], theirs: list[Ended]) -> list[str]:
    passed_there = {each.name for each in theirs if each.outcome == "passed"}
    passed_here = {each.name for each in ours if each.outcome == "passed"}
    lost = [each for each in ours if each.name in passed_there - passed_here]
    failed = [each for each in lost if each.outcome == "failed"]
    lines = [
        "",
        f"Against {package}'s own Python API, which passes {len(passed_there)}: "
        f"{len(passed_here - passed_there)} cases are gained ({GAINED[package]}), "
        f"{len(lost)} are skipped or failed here that pass there, {len(failed)} of them "
        "failed" + (":" if failed else "."),
    ]
    return lines + [f"- `{each.name}`: {each.reason}" for each in failed]


def main() -> None:
    results = {engine: suite.run(engine) for engine in ENGINES}
    theirs = {engine: suite.run(name) for engine, (name, _) in THEIRS.items()}
    lines = [
        "# Conformance",
        "",
        f"The backend tests of the onnx package ({version('onnx')}), through "
        "`xpuruntime.onnx_backend`, "
        f"with onnxruntime {version('onnxruntime')} and openvino {version('openvino')}.",
        "Written by `make conformance`; `make test` fails when a case that passed no longer does.",
        "A case is skipped when the engine says that it does not support the model "
        "(UnsupportedOperationError), and failed when it ends in any other way than passing.",
        "",
        *table(results),
    ]
    for engine, (_, package) in THEIRS.items():
        lines += against(package, results[engine], theirs[engine])
    for engine, ended in results.items():
        write_expected(engine, ended)
        for outcome in ("failed", "skipped"):
            if count(ended, outcome):
                lines += ["", f"## {engine}: {outcome}", *reasons(ended, outcome)]
    PAGE.write_text("\n".join(lines) + "\n")
    print("\n".join(table(results)))


if __name__ == "__main__":
    main()
