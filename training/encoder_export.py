"""Export the trained encoder as int8 ONNX, and calibrate it.

    python training/encoder_export.py START PAIRS RUN OUT [--weights weights.pt]

START and PAIRS as for ``encoder.py``; RUN: the folder that it wrote. OUT: ``model.onnx`` (8 bits), ``model-float.onnx``
(to compare; it does not ship), ``tokenizer.json`` and ``config.json`` with the temperature, fitted on
``calibration.jsonl``, on which the encoder was not trained (Guo et al., 2017).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from encoder import LABELS, TOKENS, read
from encoder_net import Encoder
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

from monitor.claims.nli import wording

NAME = "counterclaim-nli-1"
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
TEMPERATURES = np.arange(0.5, 4.01, 0.05)
OPSET = 17
REPORTED = 400
"""Held-out pairs on which the two graphs are compared, about."""


def export(weights: Path, out: Path) -> None:
    """Write the float graph and the int8 one."""
    encoder = Encoder()
    encoder.load_state_dict(torch.load(weights, weights_only=True))
    encoder.eval()
    example = tuple(torch.ones((2, 12), dtype=torch.int64) for _ in INPUTS)
    whole, small = out / "model-float.onnx", out / "model.onnx"
    torch.onnx.export(
        encoder, example, str(whole), input_names=list(INPUTS), output_names=["logits"], opset_version=OPSET,
        dynamic_axes={name: {0: "pairs", 1: "tokens"} for name in INPUTS} | {"logits": {0: "pairs"}}, dynamo=False,
    )  # fmt: skip
    # Seven bits for the weights: without VNNI the products of two 8-bit numbers overflow.
    quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


def logits_of(path: Path, tokenizer: Tokenizer, rows: list[dict[str, Any]]) -> np.ndarray:
    """Return the logits, shape (pairs, labels). As at run time a pair is read once, the lower text first."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    found = []
    for row in rows:
        a, b, gap = row["a"], row["b"], row["gap"]
        if a > b:
            a, b, gap = b, a, None if gap is None else -gap
        encoded = tokenizer.encode(*wording((a, b, gap)))
        values = (encoded.ids, encoded.attention_mask, encoded.type_ids)
        feed = {name: np.array([line], np.int64) for name, line in zip(INPUTS, values, strict=True)}
        found.append(session.run(None, feed)[0][0])
    return np.array(found, np.float64)


def chances(logits: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probabilities, shape (pairs, labels)."""
    powers = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


def calibration(rows: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return the log loss, and the expected calibration error of the likeliest label (ten bins)."""
    loss = -np.log(rows[np.arange(len(labels)), labels] + 1e-9).mean()
    sure, right = rows.max(axis=1), rows.argmax(axis=1) == labels
    bins = np.minimum((sure * 10).astype(int), 9)
    gaps = (abs(sure[bins == one].mean() - right[bins == one].mean()) * (bins == one).mean() for one in set(bins))
    return float(loss), float(sum(gaps))


def temperature_of(logits: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature of the least log loss."""
    losses = [calibration(chances(logits, one), labels)[0] for one in TEMPERATURES]
    return round(float(TEMPERATURES[int(np.argmin(losses))]), 2)


def report(out: Path, tokenizer: Tokenizer, rows: list[dict[str, Any]], temperature: float) -> None:
    """Print what the held-out pairs say of calibration, and of what the 8 bits cost."""
    rows = rows[:: max(1, len(rows) // REPORTED)]
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    for name in ("model.onnx", "model-float.onnx"):
        logits = logits_of(out / name, tokenizer, rows)
        for one in (1.0, temperature):
            found = chances(logits, one)
            loss, error = calibration(found, labels)
            right = (found.argmax(axis=1) == labels).mean()
            print(f"{name} at {one}: {len(rows)} held out, right {right:.3f}, log loss {loss:.3f}, ECE {error:.3f}")


def main() -> None:
    """Export, calibrate, write."""
    parser = argparse.ArgumentParser()
    for name in ("start", "pairs", "run", "out"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--weights", default="weights.pt")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    shutil.copy(options.start / "tokenizer.json", options.out / "tokenizer.json")
    tokenizer = Tokenizer.from_file(str(options.start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS, strategy="longest_first")
    export(options.run / options.weights, options.out)
    rows = read(options.pairs / "calibration.jsonl")
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    temperature = temperature_of(logits_of(options.out / "model.onnx", tokenizer, rows), labels)
    config = {
        "model_type": "bert",
        "id2label": {str(index): label for index, label in enumerate(LABELS)},
        "counterclaim": {
            "name": NAME, "languages": ["en"], "temperature": temperature, "dates": True, "both_ways": False,
        },
    }  # fmt: skip
    (options.out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    report(options.out, tokenizer, read(options.pairs / "held.jsonl"), temperature)
    print(f"temperature {temperature}; {(options.out / 'model.onnx').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
