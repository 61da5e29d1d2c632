"""Credits: which news agencies a text names as its origin, by the conventions of datelines and tails."""

from __future__ import annotations

import re

__all__ = ["agencies"]

_AGENCIES: dict[str, str] = {
    # slug: how the agency is written, a regular expression
    "reuters": r"Reuters|REUTERS|Рейтер(?:с|а)?|رويترز",
    "ap": r"AP|Associated Press|The Associated Press",
    "afp": r"AFP|Agence France-Presse|АФП|فرانس برس|أ ?ف ?ب",
    "dpa": r"dpa|DPA|Deutsche Presse-Agentur",
    "tass": r"TASS|ITAR-TASS|Itar-Tass|ТАСС|ИТАР-ТАСС",
    "ria": r"RIA Novosti|RIA|РИА Новости|РИА «Новости»",
    "interfax": r"Interfax|Интерфакс(?:а|у|ом)?",
    "xinhua": r"Xinhua",
    "efe": r"EFE|Agencia EFE",
    "ansa": r"ANSA",
    "pa": r"Press Association|PA Media",
    "upi": r"UPI|United Press International",
    "sana": r"SANA|Syrian Arab News Agency|سانا",
    "irna": r"IRNA",
    "fars": r"Fars News Agency|Fars",
    "anadolu": r"Anadolu Agency|Anadolu|AA",
    "kyodo": r"Kyodo(?: News)?",
    "yonhap": r"Yonhap",
    "pti": r"PTI|Press Trust of India",
    "ukrinform": r"Ukrinform|Укринформ",
    "unian": r"UNIAN|УНИАН",
    "bloomberg": r"Bloomberg(?: News)?",
}

_SAYING = (
    r"reports?|reported|reporting|said|says|quoted|cites?|cited|learned|writes|"
    r"сообщает|сообщило|сообщил|передаёт|передает|пишет|rapporte|meldet|meldete|berichtet|berichtete|informa|informó|reporta"
)

_HEAD = 400
"""Characters of a text in which a dateline's credit stands: "BEIRUT (Reuters) - "."""

_AMBIGUOUS = {"ap", "ria", "aa", "pa", "anadolu", "bloomberg", "fars"}


def _compile(slug: str, names: str) -> re.Pattern[str]:
    forms = [
        rf"[(\[]\s*(?:[\w ]+/)?(?:{names})(?:/[\w ]+)?\s*[)\]]",  # (Reuters), [AFP], (AP/Name)
        rf"^\s*(?:[—–-]\s*)?(?:Source:\s*)?(?:{names})\s*\.?$",  # — AP, alone on its line
        rf"[—–-]{{1,2}}\s*(?:{names})\s*(?:$|\n)",  # end of a line: ... — AP
        rf"\b(?:Reporting by|Source:|Credit:|Quelle:|Источник:|Fuente:|Source :)\s*(?:{names})\b",
        rf"\b(?:via|with (?:reporting|files|agencies)?\s*(?:from|by)|avec|mit Material von|по данным|по сообщению|"
        rf"со ссылкой на|selon|laut|según|according to|told|quoted by|cited by)\s+(?:the\s+)?(?:{names})\b",
    ]
    if slug not in _AMBIGUOUS:
        forms.append(rf"\b(?:{names})(?: news agency)? (?:{_SAYING})\b")
        forms.append(rf"\b(?:{_SAYING}) (?:{names})\b")
    else:
        forms.append(
            rf"\b(?:сообщает|сообщило|передает|передаёт|rapporte|meldet|informa)(?: l['’]agence)? (?:{names})\b"
        )
        forms.append(
            rf"\b(?:{names})(?: news agency)? (?:reported|reports|сообщает|сообщило|meldete|rapporte|informó)\b"
        )
    return re.compile("|".join(forms), re.MULTILINE)


_NAMED = {slug: re.compile(names) for slug, names in _AGENCIES.items()}
_PATTERNS = {slug: _compile(slug, names) for slug, names in _AGENCIES.items()}


def agencies(text: str) -> tuple[str, ...]:
    """Return the slugs of the agencies that ``text`` credits, sorted; a mere mention (Reuters' building) is none."""
    # A plain name is found quickly; the forms of a credit are looked for only where there is one.
    return tuple(sorted(slug for slug, name in _NAMED.items() if name.search(text) and _PATTERNS[slug].search(text)))
