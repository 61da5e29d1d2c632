"""Language detection on labelled sentences, whole and cut short, against plain langdetect."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from monitor.errors import InputError
from monitor.evaluation.report import Cell, Report, open_text
from monitor.text.language import UNKNOWN, detect

__all__ = ["LENGTHS", "evaluate", "is_held_out"]

LENGTHS: Final = (0, 100, 50, 25)
"""Characters of a sentence that are shown to the detector; 0: all of them."""
PLAIN_EVERY: Final = 10
"""Every n-th sentence is also given to plain langdetect, which takes some milliseconds for each."""

Sentence = tuple[str, str]
"""Language and text."""


def is_held_out(number: int) -> bool:
    """Whether the sentence on this line (from 0) is of the half that no weight was chosen on."""
    return number % 2 == 1


def evaluate(path: Path) -> Report:
    """Score detection on the odd lines of ``sentences.tsv.gz`` (header; language, tab, sentence).

    Raises:
        InputError: the file cannot be read, or a line has no tab.
    """
    sentences = [sentence for number, sentence in enumerate(_read(path)) if is_held_out(number)]
    by_length = {length: _answers(sentences, length, _ours) for length in LENGTHS}
    plain_sample = sentences[::PLAIN_EVERY]
    languages = sorted({language for language, _ in sentences})
    rows: list[tuple[Cell, ...]] = []
    for language in languages:
        shares = [_accuracy(by_length[length], language) for length in LENGTHS]
        rows.append((language, sum(code == language for code, _ in sentences), *shares, _confused(by_length, language)))
    overall = [_accuracy(by_length[length]) for length in LENGTHS]
    rows.append(("all", len(sentences), *overall, f"und {_unknown(by_length[25]):.1%} at 25"))
    plain = [_accuracy(_answers(plain_sample, length, _plain)) for length in LENGTHS]
    ours = [_accuracy(_answers(plain_sample, length, _ours)) for length in LENGTHS]
    rows.append((f"every {PLAIN_EVERY}th sentence", len(plain_sample), *ours, ""))
    rows.append(("the same, plain langdetect", len(plain_sample), *plain, ""))
    return Report(
        title=f"Language on {path.name}: accuracy by length",
        columns=(
            "language",
            "sentences",
            *(f"{length} characters" if length else "whole" for length in LENGTHS),
            "taken for",
        ),
        rows=tuple(rows),
        notes=(
            "Odd lines. The weights were chosen on 1,500 sentences drawn from all lines: not wholly held out.",
            "'und' counts as wrong. 'taken for': the wrong answers at 50 characters, most frequent first.",
            "Plain langdetect: seed 0, zh-cn and zh-tw counted as zh.",
        ),
    )


def _read(path: Path) -> Iterable[Sentence]:
    with open_text(path) as lines:
        for number, line in enumerate(lines, 1):
            language, tab, sentence = line.rstrip("\r\n").partition("\t")
            if not tab:
                raise InputError("has no tab between language and sentence", path=str(path), line=number)
            if number > 1 or language != "lang":
                yield language, sentence


def _answers(sentences: Iterable[Sentence], length: int, detector: Callable[[str], str]) -> dict[str, Counter[str]]:
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for language, sentence in sentences:
        answers[language][detector(sentence[:length] if length else sentence)] += 1
    return answers


def _ours(text: str) -> str:
    return detect(text).code


def _plain(text: str) -> str:
    from langdetect import DetectorFactory, LangDetectException
    from langdetect import detect as langdetect

    DetectorFactory.seed = 0
    try:
        return str(langdetect(text)).split("-", 1)[0]
    except LangDetectException:
        return UNKNOWN


def _accuracy(answers: dict[str, Counter[str]], language: str | None = None) -> float:
    chosen = [language] if language else list(answers)
    right = sum(answers[code][code] for code in chosen)
    return right / max(1, sum(answers[code].total() for code in chosen))


def _unknown(answers: dict[str, Counter[str]]) -> float:
    return sum(counter[UNKNOWN] for counter in answers.values()) / max(1, sum(c.total() for c in answers.values()))


def _confused(by_length: dict[int, dict[str, Counter[str]]], language: str) -> str:
    wrong = Counter({code: count for code, count in by_length[50][language].items() if code != language})
    return ", ".join(f"{code} {count}" for code, count in wrong.most_common(4))
