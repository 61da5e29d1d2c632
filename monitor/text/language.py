"""Which language a text is in: what its script says, then langdetect's profiles, with the feed's hint as a prior.

langdetect multiplies the probabilities of n-grams that it draws at random, in seven trials. Here its own profiles and
n-grams are used, but the product is taken over all n-grams of the text: the same model, one answer for
one text, and five times as fast (docs/topics.md has the figures).
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from monitor.subjects.folding import script_of
from monitor.text.language_marks import (
    FUNCTION_WORDS,
    HEADLINE_WORDS,
    LETTERS,
    MACEDONIAN_WORDS,
    OF_SCRIPT,
    ONLY_OF_SCRIPT,
    SERBIAN_WORDS,
    UNPROFILED,
)

__all__ = ["UNKNOWN", "Language", "detect"]

UNKNOWN = "und"
"""BCP 47's code for an undetermined language."""

MAX_CHARACTERS = 240
"""Characters of the title and of the text that are read: more changes little, and a long page must not cost more."""
MIN_LETTERS = 6
"""Letters below which an alphabetic text says nothing without a hint."""
FLOOR = 0.5
"""Least probability for which a language is named."""
HINT_NATS = 4.0
"""What the feed's or page's word is worth (nats of log-probability): it decides where the text does not."""
WORD_NATS = 1.8
"""What one function word is worth."""
PRIOR_NATS = {
    "en": 3.0,
    **dict.fromkeys(("es", "fr", "de", "ru", "ar", "pt", "it", "tr", "fa", "uk", "nl", "pl", "hi"), 1.0),
}
"""How much more than any other the languages of many feeds are expected, before the text is read."""
LETTER_NATS = 2.0
"""What one letter of a language's own is worth against its neighbours."""
MAX_LETTER_EVIDENCE = 4
TEMPERATURE = 3.0
"""n-grams of one text overlap (each letter is in up to six), so their evidence is divided by this."""
SMOOTHING = 0.5 / 10_000
"""langdetect's own: ALPHA_DEFAULT / BASE_FREQ."""
MIN_SHARE_OF_KANA = 0.05
MIN_SHARE_OF_MARKS = 0.01

_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[@#]\w+")
_WORD = re.compile(r"[^\W\d_]+(?:'n)?")


@dataclass(frozen=True, slots=True)
class Language:
    """``code``: ISO 639-1 (``und`` where unknown); ``score``: its probability, 0 to 1."""

    code: str
    score: float


def detect(text: str, title: str = "", hint: str | None = None) -> Language:
    """Return the language of ``title`` and ``text`` together; ``und`` rather than a guess.

    ``hint`` is a BCP 47 tag from the feed or the page; it is believed where the text is too short or too close between
    two languages, and where the text's script is one that the hinted language could have.
    """
    sample = _ADDRESS.sub(" ", f"{title[:MAX_CHARACTERS]}\n{text[:MAX_CHARACTERS]}")
    if sample.isupper():
        sample = sample.lower()  # langdetect passes over words in capitals as if they were acronyms
    hinted = (hint or "").replace("_", "-").split("-", 1)[0].lower()
    letters = [character for character in sample.lower() if character.isalpha()]
    if not letters:
        return Language(hinted, FLOOR) if hinted else Language(UNKNOWN, 0.0)
    scripts = Counter(script_of(character) for character in letters)
    script, share = _main_script(scripts)
    if script in ONLY_OF_SCRIPT:
        return Language(ONLY_OF_SCRIPT[script], round(share, 4))
    words = Counter(_WORD.findall(sample.lower()))
    marked = _marked(letters, script, words)
    if marked is not None:
        return Language(marked, round(share, 4))
    return _profiled(sample, letters, words, script, hinted)


def _main_script(scripts: Counter[str]) -> tuple[str, float]:
    total = sum(scripts.values())
    kana = scripts["HIRAGANA"] + scripts["KATAKANA"]
    if kana and kana / total >= MIN_SHARE_OF_KANA and scripts["LATIN"] < total / 2:
        return "HIRAGANA", (kana + scripts["CJK"]) / total
    # A Han character or a Hangul syllable is about two letters' worth of text.
    weights = {script: count * (2 if script in ("CJK", "HANGUL") else 1) for script, count in scripts.items()}
    script = max(weights, key=lambda name: (weights[name], name))
    return script, weights[script] / sum(weights.values())


def _marked(letters: list[str], script: str, words: Counter[str]) -> str | None:
    """Name a language without a profile that its own letters give away."""
    if script not in ("CYRILLIC", "ARABIC", "LATIN"):
        return None
    for code, own in UNPROFILED.items():
        count = sum(letter in own for letter in letters)
        if count / len(letters) >= MIN_SHARE_OF_MARKS and not (code == "sr" and _is_macedonian(letters, words)):
            return code
    return None


def _is_macedonian(letters: list[str], words: Counter[str]) -> bool:
    """Serbian and Macedonian share some letters; either has words and letters that the other lacks."""
    if any(letter in LETTERS["mk"] for letter in letters):
        return True
    serbian = sum(words[word] for word in SERBIAN_WORDS) + 2 * sum(letter in "ђћ" for letter in letters)
    return sum(words[word] for word in MACEDONIAN_WORDS) > serbian


def _profiled(sample: str, letters: list[str], words: Counter[str], script: str, hinted: str) -> Language:
    model = _model()
    evidence = model.evidence(sample)
    if evidence is None:
        return Language(UNKNOWN, 0.0)
    evidence = evidence / TEMPERATURE
    counts = Counter(letters)
    for position, code in enumerate(model.codes):
        evidence[position] += PRIOR_NATS.get(code, 0.0)
        evidence[position] += WORD_NATS * sum(words[word] > 0 for word in _function_words(code))
        own = sum(counts[letter] for letter in LETTERS.get(code, ""))
        evidence[position] += LETTER_NATS * min(own, MAX_LETTER_EVIDENCE)
        if code == hinted:
            evidence[position] += HINT_NATS
        if not _shares(code, script):
            evidence[position] = -np.inf
    if not np.isfinite(evidence).any():
        return Language(UNKNOWN, 0.0)
    evidence -= evidence.max()
    probabilities = np.exp(evidence) / np.exp(evidence).sum()
    best = int(probabilities.argmax())
    code, score = model.codes[best], float(probabilities[best])
    if score < FLOOR or (len(letters) < MIN_LETTERS and code != hinted):
        return Language(UNKNOWN, round(score, 4))
    return Language(code, round(score, 4))


def _shares(code: str, script: str) -> bool:
    if script in OF_SCRIPT:
        return code in OF_SCRIPT[script]
    return script == "LATIN" and code in _latin()


@lru_cache(maxsize=1)
def _latin() -> frozenset[str]:
    others = {code for codes in OF_SCRIPT.values() for code in codes} | set(ONLY_OF_SCRIPT.values())
    return frozenset(_model().codes) - others


@lru_cache(maxsize=128)
def _function_words(code: str) -> frozenset[str]:
    return frozenset(f"{FUNCTION_WORDS.get(code, '')} {HEADLINE_WORDS.get(code, '')}".split())


class _Model:
    """langdetect's profiles as one matrix of log-probabilities, [n-gram, language]."""

    def __init__(self) -> None:
        from langdetect import detector_factory  # loads slowly, and only texts in shared scripts need it

        detector_factory.DetectorFactory.seed = 0
        detector_factory.init_factory()
        self._factory: Any = detector_factory._factory
        grams: dict[str, list[float]] = self._factory.word_lang_prob_map
        # Chinese has two profiles and is told by its script: keep one column a language.
        codes = [str(code).split("-", 1)[0] for code in self._factory.langlist]
        columns = [position for position, code in enumerate(codes) if code not in codes[:position]]
        self.codes = [codes[position] for position in columns]
        self._rows = {gram: row for row, gram in enumerate(grams)}
        table = np.array([grams[gram] for gram in grams], dtype=np.float32)[:, columns]
        self._log: npt.NDArray[np.float32] = np.log(table + SMOOTHING)

    def evidence(self, text: str) -> npt.NDArray[np.float64] | None:
        """Return the log-likelihood of each language, or None for a text without a known n-gram."""
        detector = self._factory.create()
        detector.append(text)
        detector.cleaning_text()
        rows = [self._rows[gram] for gram in detector._extract_ngrams()]
        if not rows:
            return None
        return np.asarray(self._log[rows].sum(axis=0), dtype=np.float64)


_lock = threading.Lock()
_loaded: list[_Model] = []


def _model() -> _Model:
    with _lock:
        if not _loaded:
            _loaded.append(_Model())
        return _loaded[0]
