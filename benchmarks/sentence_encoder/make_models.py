# SPDX-License-Identifier: Apache-2.0
"""Writes a trained sentence encoder in every form that an engine runs, and checks that all agree.

In FOLDER: sentence_encoder.onnx, .pt (TorchScript), .pt2 (AOTInductor), .pte (ExecuTorch, for
XNNPACK), .pth (its weights alone), what is noted of them in sentence_encoder_info.json, and
sentences.npz, the input that they are compared on. All take a batch from 1 to 32 and a sequence
from 2 to 256.

    python benchmarks/sentence_encoder/make_models.py [FOLDER=build/benchmarks/models]
"""

import json
import sys
import warnings
from pathlib import Path

import encoder
import numpy as np
import onnx
import torch
from torch.export import Dim

import xpuruntime as xrt

ROOT = Path(__file__).resolve().parents[2]
OPSET = 20
BATCH, SEQUENCE = (1, 32), (2, 256)
COSINE = 0.9999

SENTENCES = [
    "A cat sleeps on the warm windowsill.",
    "A kitten is dozing by the window.",
    "The stock market fell sharply on Monday after the central bank raised its rates.",
    "Shares dropped at the start of the week when interest rates went up.",
    "How do I reset the password of my account?",
    "I forgot my password; what should I do?",
    "Water boils at a lower temperature on a mountain, since the air presses less on it there.",
    "Two robots carried the box up the stairs.",
]
SAME = [(0, 1), (2, 3), (4, 5)]  # sentences that say the same


def write_notes(path: Path) -> None:
    def note(name: str, dtype: str, shape: list, least: list, most: list) -> dict:
        return {"name": name, "dtype": dtype, "shape": shape, "min": least, "max": most}

    least, most = [BATCH[0], SEQUENCE[0]], [BATCH[1], SEQUENCE[1]]
    notes = {
        "inputs": [
            note(name, "int64", [-1, -1], least, most) for name in ("input_ids", "attention_mask")
        ],
        "outputs": [
            note("sentence_embedding", "float32", [-1, 384], [BATCH[0], 384], [BATCH[1], 384])
        ],
    }
    path.write_text(json.dumps(notes, indent=1) + "\n")


def export_onnx(model: torch.nn.Module, example: tuple, dynamic: tuple, path: Path) -> None:
    torch.onnx.export(
        model,
        example,
        path,
        input_names=["input_ids", "attention_mask"],
        output_names=["sentence_embedding"],
        dynamic_shapes=dynamic,
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )
    onnx.checker.check_model(str(path), full_check=True)


def export_executorch(exported: torch.export.ExportedProgram, path: Path) -> None:
    from executorch.backends.xnnpack.partition.config import (
        ALL_PARTITIONER_CONFIGS,
        UnsqueezeCopyConfig,
    )
    from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
    from executorch.exir import ExecutorchBackendConfig, to_edge_transform_and_lower
    from executorch.exir.passes import MemoryPlanningPass

    # Inputs and outputs lie where the caller has them.
    memory = MemoryPlanningPass(alloc_graph_input=False, alloc_graph_output=False)
    # XNNPACK's unsqueeze takes one dynamic dimension alone.
    taken = [each for each in ALL_PARTITIONER_CONFIGS if each is not UnsqueezeCopyConfig]
    program = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner(taken)])
    program = program.to_executorch(ExecutorchBackendConfig(memory_planning_pass=memory))
    path.write_bytes(program.buffer)


def write_models(folder: Path, example: tuple[torch.Tensor, torch.Tensor]) -> list[Path]:
    model = encoder.load()
    path = folder / "sentence_encoder.onnx"
    write_notes(folder / "sentence_encoder_info.json")
    torch.save(model.state_dict(), path.with_suffix(".pth"))
    torch.jit.save(torch.jit.trace(model, example), path.with_suffix(".pt"))
    dims = {0: Dim("batch", min=BATCH[0], max=BATCH[1]), 1: Dim("sequence", min=2, max=SEQUENCE[1])}
    exported = torch.export.export(model, example, dynamic_shapes=(dims, dims))
    export_onnx(model, example, (dims, dims), path)
    torch._inductor.aoti_compile_and_package(exported, package_path=str(path.with_suffix(".pt2")))
    export_executorch(exported, path.with_suffix(".pte"))
    return [path.with_suffix(suffix) for suffix in (".onnx", ".pt", ".pt2", ".pte")]


def least_cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.astype(np.float64), b.astype(np.float64)
    cosines = (a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1)
    return float(cosines.min())


def check_meaning(vectors: np.ndarray) -> None:
    """That the encoder is a trained one: what says the same is nearest to each other."""
    likeness = vectors @ vectors.T - 2 * np.eye(len(vectors))
    for one, other in SAME:
        if likeness[one].argmax() != other or likeness[other].argmax() != one:
            sys.exit(f"'{SENTENCES[one]}' and '{SENTENCES[other]}' are not each other's nearest")


def check(models: list[Path]) -> None:
    """Each form in each engine that loads it, against torch eager, also one sentence at a time."""
    eager = encoder.load()
    runs = [encoder.tokenize(SENTENCES), *(encoder.tokenize([each]) for each in SENTENCES)]
    with torch.no_grad():
        expected = [eager(*run).numpy() for run in runs]
    check_meaning(expected[0])
    for path in models:
        for engine in ("onnxrt", "openvino") if path.suffix == ".onnx" else ("auto",):
            session = xrt.InferenceSession(path, engine=engine)
            outputs = [session.run([each.numpy() for each in run])[0] for run in runs]
            cosine = min(map(least_cosine, outputs, expected))
            print(f"{path.name} on {session.engine_name}: least cosine with torch {cosine:.7f}")
            if cosine < COSINE:
                sys.exit(f"{path.name} on {session.engine_name} is off")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    warnings.filterwarnings("ignore")  # torch.jit is deprecated, and says so for each call
    torch.manual_seed(0)
    ids, mask = encoder.tokenize(SENTENCES)
    np.savez(folder / "sentences.npz", input_ids=ids.numpy(), attention_mask=mask.numpy())
    models = write_models(folder, (ids, mask))
    check(models)
    for path in models:
        print(f"wrote {path}: {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/benchmarks/models")
