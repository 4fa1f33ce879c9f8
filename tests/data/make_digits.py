# SPDX-License-Identifier: Apache-2.0
"""Trains the digit classifier of the demo and the tests, and writes it with its held-out images.

The data are scikit-learn's bundled digits: 1,797 scans of handwritten digits, 8 x 8 pixels with 17
levels of grey. A quarter of them is held out before training. Writes, next to this file:

- digits.onnx: `image` float32 [batch, 1, 8, 8] in 0..1 to `logits` float32 [batch, 10]
- digits_heldout.npz: `images` float32 [N, 1, 8, 8], `labels` int64 [N]

    pip install -r tests/data/requirements.txt
    python tests/data/make_digits.py
"""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).resolve().parent
SEED = 20240229
EPOCHS = 60
REQUIRED_ACCURACY = 0.97


def make_network() -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 64),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(64, 10),
    )


def train(images: np.ndarray, labels: np.ndarray) -> nn.Sequential:
    """Fits the network to images [N, 1, 8, 8] and labels [N]; the same on every run."""
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    torch.set_num_threads(1)
    x, y = torch.from_numpy(images), torch.from_numpy(labels)
    network = make_network()
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(
                network(x[batch]), y[batch], label_smoothing=0.05
            ).backward()
            optimizer.step()
        schedule.step()
    return network.eval()


def to_onnx(network: nn.Sequential) -> onnx.ModelProto:
    """Writes the graph operator by operator, which stays more readable than an exporter's."""
    nodes, weights = [], []
    value = "image"

    def add(op_type: str, name: str, layer: nn.Module | None = None, **attributes: object) -> None:
        nonlocal value
        inputs = [value]
        for kind, parameter in layer.named_parameters() if layer else ():
            inputs.append(f"{name}.{kind}")
            weights.append(numpy_helper.from_array(parameter.detach().numpy(), inputs[-1]))
        value = "logits" if layer is network[-1] else name
        nodes.append(helper.make_node(op_type, inputs, [value], name=name, **attributes))

    for index, layer in enumerate(network):
        match layer:
            case nn.Conv2d():
                add("Conv", f"conv{index}", layer, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
            case nn.ReLU():
                add("Relu", f"relu{index}")
            case nn.MaxPool2d():
                add("MaxPool", f"pool{index}", kernel_shape=[2, 2], strides=[2, 2])
            case nn.Flatten():
                add("Flatten", f"flatten{index}", axis=1)
            case nn.Linear():
                add("Gemm", f"gemm{index}", layer, transB=1)

    graph = helper.make_graph(
        nodes,
        "digits",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    model = helper.make_model(
        graph,
        ir_version=8,
        opset_imports=[helper.make_opsetid("", 17)],
        producer_name="make_digits.py",
    )
    onnx.checker.check_model(model, full_check=True)
    return model


def main() -> None:
    digits = load_digits()
    images = (digits.images / 16).astype(np.float32)[:, np.newaxis]
    labels = digits.target.astype(np.int64)
    train_images, held_images, train_labels, held_labels = train_test_split(
        images, labels, test_size=0.25, random_state=SEED, stratify=labels
    )
    onnx.save(to_onnx(train(train_images, train_labels)), HERE / "digits.onnx")
    np.savez_compressed(HERE / "digits_heldout.npz", images=held_images, labels=held_labels)

    # The accuracy that counts is that of the files as written.
    session = onnxruntime.InferenceSession(HERE / "digits.onnx")
    held = np.load(HERE / "digits_heldout.npz")
    (logits,) = session.run(None, {"image": held["images"]})
    accuracy = np.mean(np.argmax(logits, axis=1) == held["labels"])
    print(f"held-out accuracy: {accuracy:.2%} of {len(held['labels'])} images")
    if accuracy < REQUIRED_ACCURACY:
        raise SystemExit(f"accuracy is under {REQUIRED_ACCURACY:.0%}")


if __name__ == "__main__":
    main()
