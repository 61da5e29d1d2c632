"""Which texts hold a shingle: postings that take eight bytes each and are searched in logarithmic time.

New texts stand in a dictionary; when it is full it becomes a sorted array, and arrays of like size are merged, as in a
log-structured merge tree (O'Neil et al., 1996).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Postings"]

FRESH = 40_000
"""Postings in the dictionary before they become an array."""
MOST_TEXTS = 100
"""Texts that may hold a shingle; one in more of them is a phrase that everybody writes and says nothing."""

Keys = NDArray[np.uint64]
_LOW = np.uint64(32)
_ONE = np.uint64(1)


class Postings:
    """Shingles (32-bit hashes) to the numbers (32 bits, rising) of the texts that were kept with them."""

    def __init__(self) -> None:
        self._fresh: dict[int, list[int]] = {}
        self._count = 0
        self._arrays: list[Keys] = []
        self._gone: set[int] = set()

    def add(self, number: int, shingles: Sequence[int]) -> None:
        """Keep a text's shingles."""
        for shingle in shingles:
            self._fresh.setdefault(shingle, []).append(number)
        self._count += len(shingles)
        if self._count >= FRESH:
            self._seal()

    def remove(self, number: int) -> None:
        """Forget a text; its postings go when their array is merged."""
        self._gone.add(number)

    def find(self, shingles: Sequence[int]) -> tuple[dict[int, int], int]:
        """Return how many of the shingles each text holds, and how many of them are too common to count."""
        if not shingles:
            return {}, 0
        fresh = [self._fresh.get(shingle, ()) for shingle in shingles]
        lows = np.array(shingles, dtype=np.uint64) << _LOW
        highs = lows + (_ONE << _LOW)
        spans = [(np.searchsorted(array, lows), np.searchsorted(array, highs)) for array in self._arrays]
        totals = np.array([len(each) for each in fresh])
        for low, high in spans:
            totals = totals + (high - low)
        common = totals > MOST_TEXTS
        counts: dict[int, int] = {}
        for index in np.flatnonzero((totals > 0) & ~common):
            for number in fresh[index]:
                counts[number] = counts.get(number, 0) + 1
            for array, (low, high) in zip(self._arrays, spans, strict=True):
                if low[index] < high[index]:
                    for number in (array[low[index] : high[index]] & np.uint64(0xFFFFFFFF)).tolist():
                        counts[number] = counts.get(number, 0) + 1
        return {number: count for number, count in counts.items() if number not in self._gone}, int(common.sum())

    def _seal(self) -> None:
        pairs = [(shingle << 32) | number for shingle, numbers in self._fresh.items() for number in numbers]
        self._fresh, self._count = {}, 0
        gone = np.array(sorted(self._gone), dtype=np.uint64)
        array = _without(np.sort(np.array(pairs, dtype=np.uint64)), gone)
        while self._arrays and len(self._arrays[-1]) <= 2 * len(array):
            # A stable sort merges two sorted runs in linear time.
            array = _without(np.sort(np.concatenate([self._arrays.pop(), array]), kind="stable"), gone)
        self._arrays.append(array)
        if len(self._arrays) == 1:
            self._gone.clear()


def _without(array: Keys, gone: Keys) -> Keys:
    return array[~np.isin(array & np.uint64(0xFFFFFFFF), gone)] if len(gone) else array
