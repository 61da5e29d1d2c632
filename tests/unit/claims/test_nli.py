"""The cross-encoder: label order, both orders of two texts, dates, cache, and which model the setting names."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from monitor.claims import nli
from monitor.claims.nli import CrossEncoder, Entailment, log_odds, open_model, wording
from monitor.errors import ConfigError
from monitor.models.store import ModelFiles


class FakeTokenizer:
    """One token a word; the ids of a text are the lengths of its words."""

    def encode_batch(self, texts: Sequence[tuple[str, str]]) -> list[Any]:
        """Encode pairs."""
        return [self._encode(a, b) for a, b in texts]

    def _encode(self, a: str, b: str) -> Any:
        ids = [len(word) for word in a.split()] + [len(word) for word in b.split()]
        sides = [0] * len(a.split()) + [1] * len(b.split())
        return SimpleNamespace(ids=ids, attention_mask=[1] * len(ids), type_ids=sides)


class FakeSession:
    """Column 0 of the logits grows with the first text, column 1 with the second; counts its runs."""

    def __init__(self) -> None:
        self.feeds: list[dict[str, Any]] = []

    def run(self, outputs: None, feed: dict[str, Any]) -> list[Any]:
        """Return logits of three labels."""
        self.feeds.append(feed)
        ids, sides = feed["input_ids"], feed["token_type_ids"]
        one = (ids * (1 - sides) * feed["attention_mask"]).sum(axis=1)
        other = (ids * sides).sum(axis=1)
        return [np.stack([one, other, np.zeros_like(one)], axis=1).astype(np.float32) / 10]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """A session that any model opens to."""
    fake = FakeSession()
    inputs = frozenset({"input_ids", "attention_mask", "token_type_ids"})
    monkeypatch.setattr(nli, "_open", lambda files: (fake, FakeTokenizer(), inputs))
    return fake


def model(
    folder: Path, labels: Sequence[str] = ("contradiction", "entailment", "neutral"), **ours: Any
) -> CrossEncoder:
    """A model in ``folder`` with these labels and our own keys."""
    config = folder / "config.json"
    raw: dict[str, Any] = {"id2label": dict(enumerate(labels))}
    config.write_text(json.dumps(raw | ({"counterclaim": ours} if ours else {})), encoding="utf-8")
    return CrossEncoder(ModelFiles("some/model", config, folder / "tokenizer.json", folder / "model.onnx"))


def test_labels_are_read_by_their_names_in_any_order(tmp_path: Path, session: FakeSession) -> None:
    """The same logits mean a contradiction or an agreement, by what the config calls the columns."""
    pair = ("one two three four", "x", None)
    (usual,) = model(tmp_path, both_ways=False).score([pair])
    (turned,) = model(tmp_path, ("ENTAILMENT", "NEUTRAL", "CONTRADICTION"), both_ways=False).score([pair])
    assert usual.contradiction == turned.agreement
    assert usual.contradiction > usual.agreement


def test_labels_without_meaning_are_refused(tmp_path: Path) -> None:
    """LABEL_0 says nothing: the message names the file and what is missing."""
    with pytest.raises(ConfigError, match=r"config\.json does not say which label"):
        model(tmp_path, ("LABEL_0", "LABEL_1", "LABEL_2"))


def test_the_order_of_two_texts_does_not_matter(tmp_path: Path, session: FakeSession) -> None:
    """Both orders are read and their mean is taken, or, for a model that reads one, always the same one."""
    for both in (True, False):
        scorer = model(tmp_path, both_ways=both, dates=True)
        one = scorer.score([("a bb", "cccc dd e", 2)])
        assert one == scorer.score([("cccc dd e", "a bb", -2)])
        assert one == model(tmp_path, both_ways=both, dates=True).score([("cccc dd e", "a bb", -2)])


def test_a_pair_is_computed_once_and_alone(tmp_path: Path, session: FakeSession) -> None:
    """What else is asked about does not change a score, and a pair asked for again is not run again."""
    scorer = model(tmp_path)
    pairs: list[nli.TextPair] = [("a", "bb", None), ("a long first text", "bb", None), ("bb", "a", None)]
    scores = scorer.score(pairs)
    assert scores[0] == scores[2]
    assert len(session.feeds) == 2
    assert scorer.score(pairs[1:2]) == model(tmp_path).score(pairs[1:2]) == scores[1:2]


def test_many_threads_get_the_same_scores(tmp_path: Path, session: FakeSession) -> None:
    """Eight threads that ask for the same pairs all get what one gets."""
    scorer = model(tmp_path)
    pairs: list[nli.TextPair] = [("word " * count, "other", None) for count in range(1, 30)]
    found: list[list[Entailment]] = []
    threads = [threading.Thread(target=lambda: found.append(scorer.score(pairs))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [model(tmp_path).score(pairs)] * 8


def test_the_cache_is_bounded(tmp_path: Path, session: FakeSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above its bound the oldest pairs go, and are computed again when they come back."""
    monkeypatch.setattr(nli, "CACHED_PAIRS", 2)
    scorer = model(tmp_path)
    for word in ("a", "b", "c", "a"):
        scorer.score([(word, "z", None)])
    assert len(session.feeds) == 4


def test_dates_are_told_only_to_a_model_that_was_taught_them(tmp_path: Path, session: FakeSession) -> None:
    """Our own model reads how many days later the second text is; one of a hub reads the texts as they are."""
    model(tmp_path, dates=True).score([("a", "b", 3)])
    model(tmp_path).score([("a", "b", 3)])
    lengths = [feed["input_ids"].shape[1] for feed in session.feeds]
    assert lengths == [6, 2]


@pytest.mark.parametrize(
    ("gap", "words"),
    [(None, "b"), (0, "same day : b"), (1, "1 day later : b"), (-2, "2 days earlier : b"), (900, "60 days later : b")],
)
def test_the_wording_of_dates(gap: int | None, words: str) -> None:
    """As in training: nothing without dates, and no more than sixty days."""
    assert wording(("a", "b", gap)) == ("a", words)


def test_rules_means_no_model_and_an_absent_one_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A hub's model that was not fetched: the built-in one serves (or the rules, where there is none)."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    open_model.cache_clear()
    assert open_model("rules") is None
    default, absent = open_model(None), open_model("nobody/there")
    assert (absent.name if absent else None) == (default.name if default else None)
    with pytest.raises(ConfigError, match="is no model"):
        open_model(str(tmp_path))


def test_log_odds_are_bounded() -> None:
    """Certainty does not overflow."""
    assert log_odds(0.5) == 0
    assert log_odds(1.0) == -log_odds(0.0) == 6
