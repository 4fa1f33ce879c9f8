# SPDX-License-Identifier: Apache-2.0
"""Writes the models that engines are compared on: public architectures with random weights.

Weights come from a fixed seed: a model knows nothing, but costs and rounds as a trained one does.
All are float32 and take any batch:

- resnet18, mobilenet_v3_small, vit_b_16 (torchvision): `image` [batch, 3, 224, 224] to `scores`
  [batch, 1000]
- bert_mini (transformers): `input_ids` and `attention_mask`, int64 [batch, sequence], to `hidden`
  [batch, sequence, 256] and `pooled` [batch, 256]
- digits, the trained model of tests/data: `image` [batch, 1, 8, 8] to `logits` [batch, 10]

    pip install -r tools/requirements-models.txt
    python benchmarks/engines/make_models.py [FOLDER=build/benchmarks/models]
"""

import shutil
import sys
import warnings
from pathlib import Path

import onnx
import torch
from torch import nn
from torchvision import models
from transformers import BertConfig, BertModel

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261121
OPSET = 20


def calibrate(network: nn.Module) -> None:
    """Gives batch normalisations scales and shifts of their own, and the statistics of random
    images, so that none of them is the identity and values stay within range."""
    norms = [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm in norms:
        nn.init.uniform_(norm.weight, 0.5, 1.5)
        nn.init.normal_(norm.bias, std=0.2)
        norm.momentum = None  # the mean over all batches
    network.train()
    with torch.no_grad():
        for _ in range(4):
            network(torch.rand(8, 3, 224, 224))


def torchvision_model(name: str) -> nn.Module:
    network = models.get_model(name, weights=None)
    calibrate(network)
    # torchvision begins with heads at or near zero, with which any two engines agree.
    head = list(network.children())[-1]
    for layer in head.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_normal_(layer.weight)
            nn.init.normal_(layer.bias, std=0.1)
    return network


class BertMini(nn.Module):
    """BERT-mini after Turc et al. 2019 (arXiv:1908.08962): four layers, 256 wide."""

    def __init__(self) -> None:
        super().__init__()
        config = BertConfig(
            hidden_size=256,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=1024,
            attn_implementation="eager",
        )
        self.bert = BertModel(config)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple:
        outputs = self.bert(input_ids=input_ids, attention_mask=attention_mask)
        return outputs.last_hidden_state, outputs.pooler_output


def export(
    network: nn.Module,
    path: Path,
    inputs: tuple[torch.Tensor, ...],
    names: list[str],
    outputs: list[str],
    dynamic: tuple[str, ...] = ("batch",),
) -> None:
    """Writes and checks the model; `dynamic` are the names of the inputs' first dimensions."""
    dims = {i: torch.export.Dim(name) for i, name in enumerate(dynamic)}
    torch.onnx.export(
        network.eval(),
        inputs,
        path,
        input_names=names,
        output_names=outputs,
        dynamic_shapes=(dims,) * len(inputs),
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )
    onnx.checker.check_model(str(path), full_check=True)
    operators = {node.op_type for node in onnx.load(path).graph.node}
    print(f"wrote {path}: {path.stat().st_size / 2**20:.1f} MiB, {' '.join(sorted(operators))}")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # That BERT's two inputs share their dimensions is meant.
    warnings.filterwarnings("ignore", "# The axis name")
    for name in ["resnet18", "mobilenet_v3_small", "vit_b_16"]:
        torch.manual_seed(SEED)
        image = (torch.rand(2, 3, 224, 224),)
        export(torchvision_model(name), folder / f"{name}.onnx", image, ["image"], ["scores"])
    torch.manual_seed(SEED)
    network = BertMini()
    words = torch.randint(1, 30000, (2, 128))
    export(
        network,
        folder / "bert_mini.onnx",
        (words, torch.ones_like(words)),
        ["input_ids", "attention_mask"],
        ["hidden", "pooled"],
        ("batch", "sequence"),
    )
    shutil.copyfile(ROOT / "tests/data/digits.onnx", folder / "digits.onnx")
    print(f"copied {folder / 'digits.onnx'}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build/benchmarks/models")
