# SPDX-License-Identifier: Apache-2.0
"""Writes a trained sentence encoder in every form that an engine runs, and checks that all agree.

In FOLDER: sentence_encoder.onnx, .pt (TorchScript), .pt2 (AOTInductor), .pte (ExecuTorch, for
XNNPACK), .pth (its weights alone), what is noted of them in sentence_encoder_info.json, and
sentences.npz, the input that they are compared on. All take a batch from 1 to 32 and a sequence
from 2 to 256.

    python benchmarks/sentence_encoder/make_models.py [FOLDER=build/benchmarks/models]
"""

import sys
from pathlib import Path

import encoder
import numpy as np
import torch

import xpuruntime as xrt

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
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


def write_models(folder: Path, sentences: dict[str, np.ndarray]) -> list[Path]:
    weights = folder / "sentence_encoder.pth"
    torch.save(encoder.load().state_dict(), weights)
    files = []
    for target in ("onnx", "torchscript", "pt2", "executorch"):
        report = xrt.convert(
            weights,
            target,
            overwrite=True,
            opset=OPSET if target == "onnx" else None,
            input_shapes={each: ["batch", "sequence"] for each in sentences},
            dtypes=dict.fromkeys(sentences, "int64"),
            dynamic={"batch": BATCH, "sequence": SEQUENCE},
            inputs=sentences,
            model_factory="encoder:create",
            source_options={"python_path": str(HERE), "outputs": "sentence_embedding"},
        )
        print(report)
        if not report.agrees():
            sys.exit(f"{target} is off")
        files += report.files
    return files


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
    ids, mask = encoder.tokenize(SENTENCES)
    sentences = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
    np.savez(folder / "sentences.npz", **sentences)
    models = write_models(folder, sentences)
    check(models)
    for path in models:
        print(f"wrote {path}: {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/benchmarks/models")
