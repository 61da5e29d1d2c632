"""An article as the queries see it: title and text as one string, with its words, lead and dateline."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from monitor.subjects.folding import fold

__all__ = ["Document", "Place"]

MAX_TEXT = 20_000
"""Characters of a text that are searched: what an article is about it says before that."""
LEAD_CHARACTERS = 350
"""Characters of the lead: the first two or three sentences of a report."""

Place = tuple[int, int]
"""Character offsets ``[start, end)`` into ``Document.whole``."""

_WORD = re.compile(r"\w+")
# "WASHINGTON, Feb 26 (Reuters) - ", "ANKARA — ", "BEIRUT (AP) - "
_DATELINE = re.compile(r"\s*[A-Z][^\n.?!]{0,15}[^\n?!]{0,60}?(?:\([^)\n]{1,30}\)\s*[-–—:]|\s[-–—]{1,2})\s")


class Document:
    """One article: ``whole`` is the title, a blank line and the text; offsets in this package are into ``whole``."""

    def __init__(self, title: str, text: str, language: str | None, furniture: Sequence[Place] = ()) -> None:
        title = title.strip()
        head = f"{title}\n\n" if title else ""
        self.whole = head + text[:MAX_TEXT]
        self.title_end = len(title)
        self.text_start = len(head)
        self.language = language
        self._furniture = tuple((start + len(head), end + len(head)) for start, end in furniture)

    @cached_property
    def folded(self) -> str:
        """``whole``, folded."""
        return fold(self.whole)

    @cached_property
    def dateline_end(self) -> int:
        """Where the dateline ends; ``text_start`` where there is none."""
        found = _DATELINE.match(self.whole, self.text_start, self.text_start + 120)
        if found is None or not found[0].strip()[:3].isupper():
            return self.text_start
        return found.end()

    @cached_property
    def lead_end(self) -> int:
        """Where the lead ends."""
        return min(len(self.whole), self.dateline_end + LEAD_CHARACTERS)

    def is_furniture(self, place: Place) -> bool:
        """Whether ``place`` is in page furniture, which says nothing of the subject."""
        return bool(self._furniture) and any(start <= place[0] < end for start, end in self._furniture)

    def word_at(self, offset: int) -> int:
        """Return the number of the word at ``offset``, for distances."""
        return bisect_right(self._word_starts, offset)

    @cached_property
    def _word_starts(self) -> list[int]:
        return [found.start() for found in _WORD.finditer(self.whole)]
