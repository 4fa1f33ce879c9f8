# SPDX-License-Identifier: Apache-2.0
"""Runs the onnx package's backend tests on an engine, and says how each ended.

    python tests/onnx_backend/suite.py ENGINE [PATTERN]

prints the cases that did not pass. ENGINE may be `onnxruntime` or `openvino-python` too, for their
own Python APIs.
"""

import dataclasses
import os
import re
import sys
import tempfile
import unittest
import unittest.mock
import warnings

import onnx.backend.base
import onnx.backend.test

CATEGORIES = {
    "NodeModel": "node",
    "SimpleModel": "simple",
    "RealModel": "light",
    "PyTorchConvertedModel": "pytorch-converted",
    "PyTorchOperatorModel": "pytorch-operator",
}
KINDS = frozenset(CATEGORIES.values())


@dataclasses.dataclass(frozen=True)
class Ended:
    """How one case ended: `outcome` is passed, failed or skipped, and `reason` why not passed."""

    name: str
    kind: str
    outcome: str
    reason: str = ""


class OnnxruntimeBackend(onnx.backend.base.Backend):
    """onnxruntime's own Python API, to compare with."""

    @classmethod
    def supports_device(cls, device):
        return device == "CPU"

    @classmethod
    def prepare(cls, model, device="CPU", **kwargs):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        names = [each.name for each in session.get_inputs()]

        class Prepared(onnx.backend.base.BackendRep):
            def run(self, inputs, **kwargs):
                return session.run(None, dict(zip(names, inputs, strict=False)))

        return Prepared()


class OpenvinoBackend(onnx.backend.base.Backend):
    """OpenVINO's own Python API, in float32, to compare with."""

    @classmethod
    def supports_device(cls, device):
        return device == "CPU"

    @classmethod
    def prepare(cls, model, device="CPU", **kwargs):
        import openvino

        core = openvino.Core()
        compiled = core.compile_model(
            core.read_model(model.SerializeToString()),
            "CPU",
            {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 2},
        )

        class Prepared(onnx.backend.base.BackendRep):
            def run(self, inputs, **kwargs):
                return list(compiled(dict(enumerate(inputs))).values())

        return Prepared()


# The Python APIs of the runtimes themselves.
THEIR_BACKENDS = {"onnxruntime": OnnxruntimeBackend, "openvino-python": OpenvinoBackend}


def backend_of(engine: str, config: dict):
    if engine in THEIR_BACKENDS:
        return THEIR_BACKENDS[engine]
    from xpuruntime.onnx_backend import backend

    class Configured(backend(engine)):
        @classmethod
        def prepare(cls, model, device="CPU", **kwargs):
            return super().prepare(model, device, **kwargs, **config)

    return Configured


def one_line(error: BaseException) -> str:
    text = re.sub(r"\s+", " ", str(error)).strip()
    text = re.sub(r" ?\((engine|model) [^()]*\)", "", text)
    return f"{type(error).__name__}: {text}"[:300]


def run_case(kind: str, name: str, case: unittest.TestCase) -> Ended:
    try:
        getattr(case, name)()
    except unittest.SkipTest as skip:
        return Ended(name, kind, "skipped", str(skip))
    except AssertionError as error:
        return Ended(name, kind, "failed", one_line(error))
    except Exception as error:
        skipped = type(error).__name__ == "UnsupportedOperationError"
        return Ended(name, kind, "skipped" if skipped else "failed", one_line(error))
    return Ended(name, kind, "passed")


def cases(engine: str, config: dict) -> list[tuple[str, str, unittest.TestCase]]:
    """Kind, name and test of each case, in order."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runner = onnx.backend.test.BackendTest(backend_of(engine, config), __name__)
    found = []
    for category, kind in CATEGORIES.items():
        test_class = runner.test_cases[f"OnnxBackend{category}Test"]
        names = unittest.defaultTestLoader.getTestCaseNames(test_class)
        found += [(kind, name, test_class(name)) for name in names if name.endswith("_cpu")]
    return found


def run(
    engine: str,
    pattern: str = "",
    *,
    kinds: frozenset[str] = KINDS,
    part: tuple[int, int] = (0, 1),
    **config: object,
) -> list[Ended]:
    """Runs the cases of these kinds whose name has the pattern.

    Of part (k, n) every n-th case from the k-th on; `config` is of the sessions.
    """
    with (
        warnings.catch_warnings(),
        tempfile.TemporaryDirectory() as folder,
        unittest.mock.patch.dict(os.environ, ONNX_HOME=folder),  # light models leave folders there
    ):
        warnings.simplefilter("ignore")
        return [
            run_case(kind, name, case)
            for kind, name, case in cases(engine, config)[part[0] :: part[1]]
            if kind in kinds and re.search(pattern, name)
        ]


if __name__ == "__main__":
    ended = run(*sys.argv[1:3])
    for each in ended:
        if each.outcome != "passed":
            print(f"{each.outcome:8} {each.kind:10} {each.name}: {each.reason}")
    counts = {
        word: sum(e.outcome == word for e in ended) for word in ("passed", "failed", "skipped")
    }
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
