"""How wide signs are in a table of fixed columns: as a screen or a record in cp932 shows them, each as one, or as UTF-8 stores them.

References:
    - Unicode Standard Annex #11, East Asian Width: wide, full-width and ambiguous signs take two columns in Japanese text
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate


class _Widths(dict[str, int]):
    """Width of a sign, found out once; in cp932 a sign of two bytes takes two columns, so bytes and columns are the same."""

    def __missing__(self, sign: str) -> int:
        try:
            width = len(sign.encode("cp932"))
        except UnicodeEncodeError:
            width = 0 if unicodedata.combining(sign) else 1 + (unicodedata.east_asian_width(sign) in "WFA")
        self[sign] = width
        return width


class _Stored(dict[str, int]):
    def __missing__(self, sign: str) -> int:
        self[sign] = width = len(sign.encode("utf-8", "surrogatepass"))
        return width


class _One(dict[str, int]):
    def __missing__(self, sign: str) -> int:
        return 1


# In the order they are tried.
MEASURES: dict[str, dict[str, int]] = {"columns": _Widths(), "signs": _One(), "bytes": _Stored()}


def starts(line: str, measure: str) -> Sequence[int]:
    """The place at which each sign begins, and behind the last where the line ends."""
    if measure == "signs" or line.isascii():
        return range(len(line) + 1)
    return list(accumulate(map(MEASURES[measure].__getitem__, line), initial=0))


def index_at(places: Sequence[int], place: int) -> int | None:
    """Which sign begins at a place, the number of signs where the line ends before it; None where a sign stands across it."""
    if place >= places[-1]:
        return len(places) - 1
    index = place if isinstance(places, range) else bisect_left(places, place)
    return index if places[index] == place else None
