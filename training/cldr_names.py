"""Write ``monitor/subjects/names/cldr.tsv``: what the countries are called in the languages of the roster.

Source: the Unicode Common Locale Data Repository as packed in Babel (Unicode License v3). Run it from the project root
after a new Babel: ``python training/cldr_names.py``.
"""

from __future__ import annotations

import re
from pathlib import Path

from babel import Locale
from babel import __version__ as babel_version

LANGUAGES = (  # noqa: SIM905 - a list of 32 strings is no easier to read
    "en ru uk fr de es it pt nl sv pl cs ro tr az ar fa ur he hi bn id zh ja ko el bg sr hu fi da nb"
).split()  # fmt: skip
TABLES = Path(__file__).parents[1] / "monitor" / "subjects" / "names"
HEADER = f"""# Names of countries in {len(LANGUAGES)} languages, from CLDR (Babel {babel_version}).
# Made by training/cldr_names.py.
# Copyright 1991-2026 Unicode, Inc. and others. Unicode License v3: see LICENSE.unicode beside this file.
# The format is described in __init__.py beside this file.
"""
# Names that mean something else oftener than the country, in the language itself or a neighbour.
LEFT_OUT = {"Jersey", "Turks", "Man", "Fas", "Kongo", "Guinea"}
# CLDR's names for these are administrative ("Hong Kong SAR China"); countries.tsv has what is written in the news.
LISTED_BY_HAND = {"CD", "CG", "HK", "MO", "PS"}
MIN_LETTERS = {"zh": 2, "ja": 2, "ko": 2}


def variants(name: str, code: str) -> list[str]:
    """Split "Myanmar (Burma)" into what is written in running text."""
    inside = re.search(r"[（(](.+?)[)）]", name)
    outside = re.sub(r"\s*[（(].+?[)）]", "", name).strip()
    names = [outside] + ([inside.group(1)] if inside and code == "MM" else [])
    return [part for part in names if "&" not in part]


def main() -> None:
    """Read the slugs of ``countries.tsv`` and write one line a country."""
    rows = []
    for line in (TABLES / "countries.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        slug, code = line.split("\t")[:2]
        cells = [f"{language}={'|'.join(found)}" for language in LANGUAGES if (found := names_in(code, language))]
        rows.append("\t".join((slug, code, *cells)))
    (TABLES / "cldr.tsv").write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")


def names_in(code: str, language: str) -> list[str]:
    """Return the usable names of a territory in one language."""
    name = Locale(language).territories.get(code, "")
    if code in LISTED_BY_HAND or not name:
        return []
    shortest = MIN_LETTERS.get(language, 3)
    return [v for v in variants(name, code) if len(v) >= shortest and v not in LEFT_OUT]


if __name__ == "__main__":
    main()
