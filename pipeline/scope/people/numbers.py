"""Columns of numbers: the types of what persons are made from, and values taken together or ranked."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

_Value = TypeVar("_Value", bound=np.integer)

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Small = np.ndarray[tuple[int], np.dtype[np.int32]]
Few = np.ndarray[tuple[int], np.dtype[np.uint16]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Reals = np.ndarray[tuple[int], np.dtype[np.float32]]
_MIX = np.uint64(0x9E3779B97F4A7C15)
NOTHING = 0


def unique(values: np.ndarray[tuple[int], np.dtype[_Value]]) -> np.ndarray[tuple[int], np.dtype[_Value]]:
    """The different values in rising order. Sorting millions of numbers is many times as fast as the hash table of `numpy.unique`."""
    ordered = np.sort(values)
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_new]


def mixed(*codes: Ints | Small) -> Ints:
    """One number for several, 0 where any of them is 0."""
    found = codes[0].astype(np.uint64)
    is_whole = codes[0] != NOTHING
    for one in codes[1:]:
        is_whole &= one != NOTHING
        mix_in(found, one)
    found[~is_whole] = NOTHING
    return found.view(np.int64)


def mix_in(found: np.ndarray[tuple[int], np.dtype[np.uint64]], one: Ints | Small) -> None:
    """Mix a column of numbers into another, in place."""
    found ^= one.astype(np.uint64) + _MIX + (found << np.uint64(6)) + (found >> np.uint64(2))
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(31)


def ranked(values: Ints) -> Small:
    """Numbers of 64 bits as ranks of 32, 0 staying 0: half the memory, and they compare as well."""
    known = np.flatnonzero(values != NOTHING)
    found = np.zeros(len(values), dtype=np.int32)
    _, place = np.unique(values[known], return_inverse=True)
    found[known] = place.astype(np.int32) + 1
    return found
