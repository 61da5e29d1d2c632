"""Figures in a statement: the range that a number allows, its unit, and what it counts. Rules; English number words.

"At least 30" is [30, open), "dozens" is [24, 99]: two figures conflict only when they count the same thing and their
ranges exclude each other.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Final

from monitor.claims.words import stem
from schemas import Figure

__all__ = ["conflict", "figures_of", "same_thing"]

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "mln": 1e6, "mn": 1e6, "billion": 1e9, "bln": 1e9, "bn": 1e9,
    "trillion": 1e12, "dozen": 12.0, "m": 1e6, "k": 1e3,
}  # fmt: skip
_VAGUE: Final = {
    "dozens": (24.0, 99.0), "scores": (40.0, 199.0), "hundreds": (200.0, 999.0), "thousands": (2000.0, 9999.0),
    "tens of thousands": (20_000.0, 99_999.0), "hundreds of thousands": (200_000.0, 999_999.0),
    "millions": (2e6, 999e6), "a handful": (2.0, 9.0), "several": (3.0, 19.0), "a couple": (2.0, 3.0),
    "a dozen": (12.0, 12.0),
}  # fmt: skip
"""What a vague number word allows: our reading; wide on purpose, as a conflict must not rest on it."""

_WORD: Final = "|".join([*_TENS, *_UNITS])
_NUMBER: Final = rf"\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_WORD})(?:[ -](?:{_WORD}))?"
_SCALE: Final = "hundred thousand|" + "|".join(sorted(_SCALES, key=len, reverse=True))
_VALUE: Final = (
    rf"(?:{_NUMBER})(?:(?:\s|-)?(?:{_SCALE})\b)?|\b(?:half\s+)?(?:a|an)\s+(?:hundred|thousand|million|billion|dozen)\b"
)
_MODIFIER: Final = (
    r"at least|no fewer than|no less than|not less than|a minimum of|more than|over|above|upwards of|as many as|up to|"
    r"at most|no more than|not more than|fewer than|less than|under|below|nearly|almost|close to|about|around|roughly|"
    r"some|approximately|an estimated|estimated|exactly"
)
_CURRENCY: Final = r"[$€£¥]|US\$|USD|EUR|GBP"
_FIGURE: Final = re.compile(
    rf"(?<![\w.,:-])(?:(?P<mod>{_MODIFIER})\s+)?(?:(?P<cur>{_CURRENCY})\s?)?"
    rf"(?:(?P<vague>{'|'.join(sorted(_VAGUE, key=len, reverse=True))})\b(?:\s+of\b)?"
    rf"|(?P<low>{_VALUE})(?:\s?(?P<joint>-|–|to|and)\s?(?P<high>{_VALUE}))?(?![\w]|,\d|\.\d|:\d))"
    r"(?P<pct>\s?%|[- ]per\s?cent\b|\s+percentage points?\b)?",
    re.IGNORECASE,
)
_BETWEEN: Final = re.compile(r"\bbetween\s*$|\bfrom\s*$", re.I)

_OPEN_ABOVE: Final = frozenset(
    {"at least", "no fewer than", "no less than", "not less than", "a minimum of", "more than", "over", "above",
     "upwards of"}
)  # fmt: skip
_OPEN_BELOW: Final = frozenset(
    {"at most", "no more than", "not more than", "fewer than", "less than", "under", "below", "up to", "as many as"}
)
_ROUGH: Final = frozenset(
    {"nearly", "almost", "close to", "about", "around", "roughly", "some", "approximately", "an estimated", "estimated"}
)
_ROUGH_SHARE: Final = 0.15
"""How far "about" reaches to each side."""
_ARTICLE_SHARE: Final = 0.1
"""How far "a million" and "half a million" reach."""

_MEASURES: Final = {
    "km": "km", "kilometre": "km", "kilometer": "km", "mile": "mile", "metre": "m", "meter": "m", "foot": "ft",
    "feet": "ft", "tonne": "tonne", "ton": "ton", "kilogram": "kg", "kg": "kg", "barrel": "barrel", "bpd": "bpd",
    "dollar": "USD", "dlr": "USD", "euro": "EUR", "pound": "GBP", "rouble": "RUB", "ruble": "RUB", "hour": "hour",
    "minute": "minute", "day": "day", "week": "week", "month": "month", "year": "year", "degree": "degree",
    "hectare": "hectare", "acre": "acre", "litre": "litre", "gallon": "gallon",
}  # fmt: skip
_MEASURE_OF: Final = {stem(word): unit for word, unit in _MEASURES.items()}
_SYMBOLS: Final = {
    "$": "USD",
    "us$": "USD",
    "usd": "USD",
    "€": "EUR",
    "eur": "EUR",
    "£": "GBP",
    "gbp": "GBP",
    "¥": "JPY",
}

_PEOPLE_WORDS: Final = """
    people person persons civilians men women children others soldiers troops fighters militants rebels
    passengers residents victims workers officers policemen members migrants refugees students pilgrims"""
_PEOPLE: Final = frozenset(stem(word) for word in _PEOPLE_WORDS.split())
_FATES: Final = {
    "killed": "kill killed kills killing dead died dies deaths death fatalities fatality lives toll bodies slain",
    "wounded": "wound wounded injure injured injuries injury hurt hospitalised hospitalized",
    "arrested": "arrest arrested detain detained arrests",
    "missing": "missing",
    "displaced": "displaced fled homeless evacuated",
    "captured": "captured hostages abducted kidnapped",
}
_FATE_OF: Final = {stem(word): fate for fate, words in _FATES.items() for word in words.split()}
_GROUPS: Final = {
    "civilian": "civilian civilians", "child": "child children boys girls", "woman": "woman women",
    "soldier": "soldier soldiers troops servicemen policemen officers",
    "prisoner": "prisoner prisoners inmates detainees",
    "fighter": "fighter fighters militants rebels insurgents gunmen jihadists terrorists militiamen",
}  # fmt: skip
_GROUP_OF: Final = {stem(word): group for group, words in _GROUPS.items() for word in words.split()}
"""Of whom a count is: so many children are not so many people. ``counts`` is then "killed-child"."""
_NEAR_WORDS: Final = 6
"""Words after the number, and half as many before it, in which what happened to the counted is looked for."""

_OBJECT_OPENERS: Final = frozenset({"at", "some", "about", "dozens", "scores", "hundreds", "several", *_UNITS, *_TENS})
"""Words after "killed" that begin the number of the killed: what stood before it is who killed."""
_PART: Final = re.compile(
    r"\b(?:another|an?\s+further|the\s+other|other|including|among(?:\s+(?:them|the\s+dead))?|while|of\s+them|of\s+whom)\s*,?\s*$",
    re.I,
)
_MONTH: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_MORE: Final = re.compile(
    r"^\s+(?:more|others?|additional)\b(?!\s+than)|^[^.;:!?]{0,40}?\b(?:was|were|are)\s+among\b", re.I
)
"""Behind a number: "five more were killed", "ten children were among the 48": another lot, or a part."""
_CUMULATIVE: Final = re.compile(
    r"\bsince\s+(?:its\b|\d{4}|(?:[\w'’]+\s+){0,5}?(?:start|beginning|outbreak|began|begun|started|erupted|conflict|war|"
    rf"uprising|revolt|crisis|campaign|intervention)\b|(?:early\s+|late\s+|mid-?)?{_MONTH}(?!\w))|"
    r"\bso\s+far\s+this\s+(?:week|month|year)\b|\b(?:over|in|during|within)\s+the\s+(?:past|last)\s+(?:\w+\s+)?"
    r"(?:weeks?|months?|years?|decades?)\b",
    re.I,
)
"""What makes a count one of a long time: it is never held against that of one event."""
_STOPPERS: Final = frozenset({"when", "as", "after", "while", "where", "by", "before", "and"})

_NOT_COUNT_BEFORE: Final = re.compile(
    rf"(?:\b{_MONTH}|\b(?:no|number|page|chapter|article|resolution|flight|route|highway|group|g|boeing|airbus|since|by|"
    r"of|in|year|aged?|at))\s*$",
    re.I,
)
_YEAR: Final = re.compile(r"(?:1[5-9]|20)\d{2}")
_AGE: Final = re.compile(r"^(?:-year-old|\s+years?\s+old)\b", re.I)


def figures_of(text: str) -> tuple[Figure, ...]:
    """Return the quantities in an English text, in order. Ordinals, years, dates, clock times and names are none."""
    return tuple(figure for match in _matches(text) if (figure := _figure(match, text)) is not None)


def same_thing(a: Figure, b: Figure) -> bool:
    """Tell whether two figures measure the same: the same unit, and the same thing counted (known on both sides)."""
    return a.unit == b.unit and a.counts is not None and a.counts == b.counts


def conflict(a: Figure, b: Figure) -> bool:
    """Tell whether two figures of the same thing exclude each other: their closed ranges do not meet."""
    if not same_thing(a, b):
        return False
    return _low(a) > _high(b) or _low(b) > _high(a)


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the numbers; "43 and 56" is one range only after "between", else two numbers."""
    at = 0
    while match := _FIGURE.search(text, at):
        if match["joint"] == "and" and not _BETWEEN.search(text[: match.start()]):
            match = _FIGURE.match(text[: match.end("low")], match.start()) or match
        yield match
        at = max(match.end(), at + 1)


def _low(figure: Figure) -> float:
    return -math.inf if figure.low is None else figure.low


def _high(figure: Figure) -> float:
    return math.inf if figure.high is None else figure.high


def _figure(match: re.Match[str], text: str) -> Figure | None:
    if _is_label(match, text):
        return None
    bounds = _VAGUE[match["vague"].lower()] if match["vague"] else _range(match)
    if bounds is None:
        return None
    unit, counts = _counted(match, text)
    if _PART.search(text, 0, match.start()) or _MORE.search(text[match.end() :]):
        counts = None  # a part, or another lot: it says nothing of the whole
    elif counts is not None and _CUMULATIVE.search(_sentence_around(text, match.start())):
        counts = f"{counts}-in-all"
    low, high = bounds
    return Figure(text=match.group().strip(), low=low, high=high, unit=unit, counts=counts)


def _is_label(match: re.Match[str], text: str) -> bool:
    """A year, a day of a month, an age, a flight number: digits that count nothing."""
    if match["vague"] or match["cur"] or match["pct"] or match["high"]:
        return False
    before, after, value = text[: match.start("low")], text[match.end() :], match["low"]
    if re.search(r",\s$", before) and re.match(r"\s*(?:,|and\b)", after):
        return True  # "Ilse Brandt, 43, said"
    if _AGE.match(after) or re.match(rf"\s+{_MONTH}\b", after, re.I):
        return True
    if re.fullmatch(r"one", value, re.I):
        return (
            match["mod"] is None
            and re.match(r"\s+(?:of|another|in|day|more|that|who|side|hand)\b", after, re.I) is not None
        )
    if _YEAR.fullmatch(value):
        return re.match(r"\s+[a-z]{3,}", after) is None or _NOT_COUNT_BEFORE.search(before) is not None
    return (
        re.search(
            rf"(?:\b{_MONTH}|\b(?:no\.?|number|page|resolution|flight|group|boeing|airbus|aged?))\s*$", before, re.I
        )
        is not None
    )


def _range(match: re.Match[str]) -> tuple[float | None, float | None] | None:
    first, last = _value(match["low"]), _value(match["high"]) if match["high"] else None
    if first is None:
        return None
    if last is not None:
        scale = _scale_of(match["high"])
        if scale > 1 and _scale_of(match["low"]) == 1 and first < last / scale * 10:
            first *= scale  # "two to three million"
        return (first, last) if first <= last else (last, first)
    modifier = (match["mod"] or "").lower()
    if modifier in _OPEN_ABOVE:
        return first, None
    if modifier in _OPEN_BELOW:
        return None, first
    spread = max(first * _ROUGH_SHARE if modifier in _ROUGH else 0.0, _rounding(match["low"]))
    return round(first - spread, 6), round(first + spread, 6)


def _rounding(value: str) -> float:
    """Half the last digit of a number with a scale word: "1.2 million" was rounded to the nearest 100,000."""
    scale = _scale_of(value)
    if scale in (1.0, _SCALES["dozen"]):
        return 0.0
    if re.match(r"(?:half\s+)?an?\s", value, re.I):
        return (_value(value) or 0.0) * _ARTICLE_SHARE
    return float(
        scale * 0.5 / 10 ** len(value.partition(".")[2].split()[0].rstrip("mkbnl")) if "." in value else scale * 0.5
    )


def _scale_of(value: str) -> float:
    found = re.search(rf"({_SCALE})$", value, re.I)
    if not found or not re.search(r"[\d\s-]$", value[: found.start()] + " "):
        return 1.0
    word = found[1].lower()
    return 1e5 if word == "hundred thousand" else _SCALES[word]


def _value(text: str) -> float | None:
    text = text.lower().strip()
    article = re.fullmatch(r"(half\s+)?(?:a|an)\s+(\w+)", text)
    if article:
        return _SCALES[article[2]] / (2 if article[1] else 1)
    found = re.fullmatch(rf"(?P<number>{_NUMBER})(?:[\s-]?(?P<scale>{_SCALE}))?", text)
    if not found:
        return None
    number = found["number"].replace(",", "")
    scale = 1e5 if found["scale"] == "hundred thousand" else _SCALES[found["scale"]] if found["scale"] else 1.0
    if number[0].isdigit():
        return float(number) * scale
    return float(sum(_TENS.get(word) or _UNITS.get(word, 0) for word in re.split(r"[ -]", number))) * scale


def _counted(match: re.Match[str], text: str) -> tuple[str | None, str | None]:
    """Return (unit, what is counted): the fate of people ("killed") before the noun ("bridge")."""
    after = [stem(word) for word in re.findall(r"[^\W\d_]+", _clause(text[match.end() :]))][:_NEAR_WORDS]
    before = [stem(word) for word in re.findall(r"[^\W\d_]+", text[: match.start()])][-_NEAR_WORDS // 2 :]
    unit = "percent" if match["pct"] else _SYMBOLS.get((match["cur"] or "").lower())
    if unit is None and after and after[0] in _MEASURE_OF:
        unit, after = _MEASURE_OF[after[0]], after[1:]
    if unit == "percent" or unit in _SYMBOLS.values():
        return unit, _subject(after, before)
    fate = _fate(match, text)
    if fate is not None and unit is None:
        group = next((name for word in after if (name := _GROUP_OF.get(word))), None)
        return None, f"{fate}-{group}" if group else fate
    noun = next((word for word in after if word not in _FILLERS), None)
    return unit, "people" if noun in _PEOPLE else noun


_FILLER_WORDS: Final = "of the a an its their his her other more new such and or in on at for to"
_FILLERS: Final = frozenset(stem(word) for word in _FILLER_WORDS.split())


def _fate(match: re.Match[str], text: str) -> str | None:
    """Return what happened to the counted: "34 people were killed", "killed 34"; not "two men have killed 34"."""
    after = re.findall(r"[^\W_]+", _clause(text[match.end() :]).lower())[: _NEAR_WORDS + 1]
    for index, word in enumerate(after[:_NEAR_WORDS]):
        found = _FATE_OF.get(stem(word))
        if found is None:
            continue
        helper, following = after[index - 1] if index else "", after[index + 1] if index + 1 < len(after) else ""
        acts = helper in ("have", "has", "had") or following[:1].isdigit() or following in _OBJECT_OPENERS
        if acts and found in ("killed", "wounded", "arrested", "captured") and word not in ("dead", "died"):
            return None
        return found
    before = re.findall(r"[^\W\d_]+", text[: match.start()].lower())[-_NEAR_WORDS // 2 :]
    for word in reversed(before):
        if word in _STOPPERS:
            return None
        if stem(word) in _FATE_OF:
            return _FATE_OF[stem(word)]
    return None


def _subject(after: list[str], before: list[str]) -> str | None:
    return next((word for word in (*after, *reversed(before)) if word not in _FILLERS), None)


def _sentence_around(text: str, at: int) -> str:
    start = max((text.rfind(mark, 0, at) for mark in (". ", "! ", "? ")), default=-1)
    return text[start + 1 : at] + re.split(r"[.!?]\s", text[at:], maxsplit=1)[0]


def _clause(text: str) -> str:
    return re.split(r"[.;:!?]\s|, and \d|\band\s+\d", text, maxsplit=1)[0]
