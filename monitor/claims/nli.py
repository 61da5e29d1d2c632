"""The cross-encoder: how likely two texts contradict each other, or agree, by a language model.

It reads both texts together; it runs on onnxruntime and tokenizers alone, on the CPU. One pair is one run: with weights
of 8 bits the figures of a pair would otherwise hang on what else is in its batch, and on one core a batch is no faster.
Which model: ``judge.model`` (``open_model``); how ours was made: ``monitor/models/judge.md``.
"""

from __future__ import annotations

import json
import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Protocol

import numpy as np
import structlog
from numpy.typing import NDArray

from monitor.errors import ConfigError
from monitor.models.store import ModelFiles, built_in, find

__all__ = ["NO_MODEL", "CrossEncoder", "Entailment", "TextPair", "TextScorer", "log_odds", "open_model", "wording"]

NO_MODEL: Final = "rules"
"""Value of ``judge.model`` for the rules alone."""

TextPair = tuple[str, str, int | None]
"""Two texts, and the days from the first to the second by their publication, where both are known."""

CACHED_PAIRS: Final = 50_000
"""Pairs whose scores are kept: a claim comes once for each of its topics. About 300 bytes each."""
TOKENS: Final = 96
"""Most tokens of both texts: longer ones are cut at their ends, the longer first."""
THREADS: Final = 1
"""Threads of one run: each daemon has one core at best."""
MOST_DAYS: Final = 60
"""Days above which it no longer matters to the model how many."""
_LOG = structlog.get_logger(__name__)
_MEANING: Final = {"contradict": 0, "refut": 0, "entail": 1, "agree": 1, "neutral": 2, "unrelated": 2}
"""How labels begin, and which of ours they are: contradicts, agrees, neither."""


@dataclass(frozen=True, slots=True)
class Entailment:
    """What the model says of two texts: calibrated probabilities, the mean of both orders (if the model reads both)."""

    contradiction: float
    agreement: float


class TextScorer(Protocol):
    """Scores pairs of texts; may be called from several threads.

    ``name``: name and version. ``languages``: those that it reads, empty for any.
    """

    name: str
    languages: frozenset[str]

    def score(self, pairs: Sequence[TextPair]) -> list[Entailment]:
        """Return the scores of the pairs, in their order."""
        ...


class CrossEncoder:
    """An ONNX cross-encoder for natural language inference, loaded on the first pair.

    Raises:
        ConfigError: the config does not say which label is which, or a file is broken.
    """

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        config = _read_config(files)
        ours: dict[str, Any] = config.get("counterclaim", {})
        self.name = str(ours.get("name", files.name))
        self.languages = frozenset(ours.get("languages", ()))
        self._order = _label_order(config, files)
        self._temperature = float(ours.get("temperature", 1.0))
        self._dates = bool(ours.get("dates", False))
        self._both_ways = bool(ours.get("both_ways", True))
        self._known: OrderedDict[TextPair, Entailment] = OrderedDict()
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any, frozenset[str]] | None = None

    @property
    def labels(self) -> str:
        """Which of the model's labels means what, in words."""
        meanings = ("contradicts", "agrees", "unrelated")
        return ", ".join(f"{column} is {meaning}" for column, meaning in zip(self._order, meanings, strict=True))

    def score(self, pairs: Sequence[TextPair]) -> list[Entailment]:
        """Return the scores of the pairs; those met before are not computed again. Which text is first is no matter."""
        keys = [_in_order(pair) for pair in pairs]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        fresh = [key for key in dict.fromkeys(keys) if key not in found]
        found.update((key, self._computed(key)) for key in fresh)
        with self._lock:
            for key in fresh:
                self._known[key] = found[key]
            while len(self._known) > CACHED_PAIRS:
                self._known.popitem(last=False)
        return [found[key] for key in keys]

    def _computed(self, pair: TextPair) -> Entailment:
        a, b, gap = pair
        read = [pair]
        if self._both_ways:
            read.append((b, a, None if gap is None else -gap))
        logits = self._logits([wording(one) if self._dates else one[:2] for one in read])
        chances = _softmax(logits[:, self._order] / self._temperature).mean(axis=0)
        return Entailment(round(float(chances[0]), 6), round(float(chances[1]), 6))

    def _logits(self, texts: list[tuple[str, str]]) -> NDArray[np.float64]:
        """Return the logits, shape (texts, labels)."""
        session, tokenizer, wanted = self._load()
        encoded = tokenizer.encode_batch(texts)
        longest = max(len(one.ids) for one in encoded)

        def padded(rows: list[list[int]]) -> NDArray[np.int64]:
            return np.array([row + [0] * (longest - len(row)) for row in rows], np.int64)

        feed = {
            "input_ids": padded([one.ids for one in encoded]),
            "attention_mask": padded([one.attention_mask for one in encoded]),
            "token_type_ids": padded([one.type_ids for one in encoded]),
        }
        logits = session.run(None, {name: values for name, values in feed.items() if name in wanted})[0]
        return np.asarray(logits, np.float64)

    def _load(self) -> tuple[Any, Any, frozenset[str]]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _open(self._files)
            return self._loaded


def wording(pair: TextPair) -> tuple[str, str]:
    """Return the two texts as our model reads them: before the second stands how many days later it was published."""
    a, b, gap = pair
    if gap is None:
        return a, b
    if gap == 0:
        return a, f"same day : {b}"
    days = min(abs(gap), MOST_DAYS)
    return a, f"{days} day{'s' * (days > 1)} {'later' if gap > 0 else 'earlier'} : {b}"


@lru_cache(maxsize=4)
def open_model(name: str | None) -> CrossEncoder | None:
    """Return the model that ``judge.model`` names: None is the built-in one, "rules" none at all.

    A hub's model that was not fetched is not here: then the built-in one serves, and the log says so.

    Raises:
        ConfigError: the named folder is no model.
    """
    if name == NO_MODEL:
        return None
    if name is not None:
        found = find(name)
        if found is not None:
            return CrossEncoder(found)
        _LOG.warning(
            "the judge's model is not here, the built-in one serves",
            model=name,
            hint=f"counterclaim models fetch {name}",
        )
    files = built_in()
    return CrossEncoder(files) if files else None


def _in_order(pair: TextPair) -> TextPair:
    a, b, gap = pair
    return (a, b, gap) if a <= b else (b, a, None if gap is None else -gap)


def _read_config(files: ModelFiles) -> dict[str, Any]:
    try:
        config = json.loads(files.config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"judge.model: {files.config} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise ConfigError(f"judge.model: {files.config} is no JSON object")
    return config


def _label_order(config: dict[str, Any], files: ModelFiles) -> list[int]:
    """Return the columns of contradicts, agrees and neither, by the names in ``id2label``."""
    columns: dict[int, int] = {}
    for column, label in (config.get("id2label") or {}).items():
        for begins, meaning in _MEANING.items():
            if str(label).lower().startswith(begins):
                columns[meaning] = int(column)
    if sorted(columns) != [0, 1, 2]:
        raise ConfigError(
            f"judge.model: {files.config} does not say which label is contradiction, entailment and neutral (id2label)"
        )
    return [columns[meaning] for meaning in range(3)]


def _open(files: ModelFiles) -> tuple[Any, Any, frozenset[str]]:
    # Imported here: they take a fifth of a second, and most commands judge nothing.
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    options.inter_op_num_threads = 1
    try:
        session = onnxruntime.InferenceSession(str(files.weights), options, providers=["CPUExecutionProvider"])
        tokenizer = Tokenizer.from_file(str(files.tokenizer))
    except Exception as error:  # both raise bare exceptions of their own
        raise ConfigError(f"judge.model: {files.name} cannot be loaded: {error}") from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS, strategy="longest_first")
    return session, tokenizer, frozenset(one.name for one in session.get_inputs())


def _softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def log_odds(chance: float) -> float:
    """Return the log odds of a probability, held within -6 and 6."""
    return max(-6.0, min(6.0, math.log(max(chance, 1e-9) / max(1.0 - chance, 1e-9))))
