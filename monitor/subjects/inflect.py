"""Inflected forms of proper names in Russian, Ukrainian and German, by rule.

The rules cover the regular declensions of place names (Zaliznyak's "Grammatical dictionary of Russian", types 1, 2,
7 and 8); a name with an irregular form lists that form itself.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["forms"]

# Endings in the order nominative, genitive, dative, accusative, instrumental, prepositional; "" keeps the stem.
_RU_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ская", ("ская", "ской", "ской", "скую", "ской", "ской")),
    ("ая", ("ая", "ой", "ой", "ую", "ой", "ой")),
    ("ский", ("ский", "ского", "скому", "ский", "ским", "ском")),
    ("ый", ("ый", "ого", "ому", "ый", "ым", "ом")),
    ("ие", ("ие", "их", "им", "ие", "ими", "их")),
    ("ые", ("ые", "ых", "ым", "ые", "ыми", "ых")),
    ("ия", ("ия", "ии", "ии", "ию", "ией", "ии")),
    ("я", ("я", "и", "е", "ю", "ей", "е")),
    ("й", ("й", "я", "ю", "й", "ем", "е")),
    ("ь", ("ь", "я", "ю", "ь", "ем", "е")),
    ("ы", ("ы", "", "ам", "ы", "ами", "ах")),
)
_UK_ENDINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ська", ("ська", "ської", "ській", "ську", "ською", "ській")),
    ("ія", ("ія", "ії", "ії", "ію", "ією", "ії")),
    ("я", ("я", "ї", "ї", "ю", "єю", "ї")),
    ("й", ("й", "ю", "ю", "й", "єм", "ї")),
    ("ь", ("ь", "ю", "ю", "ь", "ем", "і")),
)
_HARD = ("", "а", "у", "", "ом", "е")
_UK_HARD = ("", "у", "у", "", "ом", "і")
_RU_INDECLINABLE = "оиуэеё"
_UK_INDECLINABLE = "оиуеєію"
_TAKES_I = "гкхжчшщ"
_TAKES_EM = "жчшщц"


def _russian(word: str) -> tuple[str, ...]:
    for ending, forms_ in _RU_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            return tuple(stem + form for form in forms_)
    if word[-1] in _RU_INDECLINABLE:
        return (word,) * 6
    if word.endswith("а"):
        stem = word[:-1]
        genitive = "и" if stem[-1:] in _TAKES_I else "ы"
        instrumental = "ей" if stem[-1:] in _TAKES_EM else "ой"
        return (word, stem + genitive, stem + "е", stem + "у", stem + instrumental, stem + "е")
    return tuple(word + form for form in _HARD)


def _ukrainian(word: str) -> tuple[str, ...]:
    for ending, forms_ in _UK_ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word[: -len(ending)]
            return tuple(stem + form for form in forms_)
    if word[-1] in _UK_INDECLINABLE:
        return (word,) * 6
    if word.endswith("а"):
        stem = word[:-1]
        return (word, stem + "и", stem + "і", stem + "у", stem + "ою", stem + "і")
    return tuple(word + form for form in _UK_HARD)


def _german(name: str) -> set[str]:
    """A genitive in -s, which names ending in a sibilant do not take."""
    return {name} if name[-1:] in "sxzß." else {name, name + "s"}


def _by_case(name: str, decline: Callable[[str], tuple[str, ...]]) -> set[str]:
    """Decline every word that could be a noun or adjective of the name, all in one case at a time."""
    paradigms = [decline(word) if word[:1].isupper() and len(word) > 2 else (word,) * 6 for word in name.split(" ")]
    return {" ".join(words) for words in zip(*paradigms, strict=True)}


def forms(name: str, language: str) -> set[str]:
    """Return ``name`` with its inflected forms in ``language`` (ISO 639-1); alone where the language needs none."""
    if not name or not name[-1].isalpha() or name.isupper():
        return {name}
    if language == "ru":
        return _by_case(name, _russian)
    if language == "uk":
        return _by_case(name, _ukrainian)
    if language == "de":
        return _german(name)
    return {name}
