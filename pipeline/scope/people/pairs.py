"""Pairs of forms that share a key, and what agrees in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people.forms import KANA, NAME, NOTHING, Forms, Ints, Mask, Small, mixed

# Two forms are compared where they share one of these. What identifies little is taken with something else, and names last.
KEYS = (
    ("number",),
    ("email",),
    ("phone",),
    ("name", "birth"),
    ("name", "address"),
    ("name", "postal"),
    ("kana", "birth"),
    ("birth", "address"),
    ("birth", "postal"),
    ("name",),
    ("kana",),
)
# Of a key shared by more forms, each is compared with the first and with its neighbour: so many pairs as forms, not their square.
MOST_COMPARED = 24

# Levels of agreement; 0 says that one of the two says nothing.
EXACT = 1
NAME_LEVELS = ("", "exact", "kana_alone", "kana", "reading_differs", "edit", "changed", "part", "differ")
BIRTH_LEVELS = ("", "exact", "near", "differ")
PLACE_LEVELS = ("", "exact", "postal", "differ")
PHONE_LEVELS = ("", "exact", "near", "differ")
PLAIN_LEVELS = ("", "exact", "differ")
LEVELS = {
    "name": NAME_LEVELS,
    "birth_date": BIRTH_LEVELS,
    "phone": PHONE_LEVELS,
    "email": PLAIN_LEVELS,
    "place": PLACE_LEVELS,
    "number": PLAIN_LEVELS,
}
_SHIFT = {"name": 0, "birth_date": 4, "phone": 6, "email": 8, "place": 10, "number": 12}
_WIDTH = {"name": 15, "birth_date": 3, "phone": 3, "email": 3, "place": 3, "number": 3}
_CHUNK = 1 << 22
Patterns = np.ndarray[tuple[int], np.dtype[np.int16]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Two forms each, the lower number first, and what agrees between them (`level` reads it)."""

    left: Small
    right: Small
    pattern: Patterns

    def __len__(self) -> int:
        return len(self.left)

    def take(self, which: Mask | Ints) -> Pairs:
        """Some of the pairs."""
        return Pairs(left=self.left[which], right=self.right[which], pattern=self.pattern[which])


def level(pattern: Patterns, field: str) -> Patterns:
    """The level of agreement of a field, an index into its `LEVELS`."""
    found: Patterns = (pattern >> _SHIFT[field]) & _WIDTH[field]
    return found


def pattern_of(levels: dict[str, np.ndarray[tuple[int], np.dtype[np.int8]]]) -> Patterns:
    """Levels of all fields as one number."""
    found = np.zeros(len(next(iter(levels.values()))), dtype=np.int16)
    for field, own in levels.items():
        found |= own.astype(np.int16) << _SHIFT[field]
    return found


def compared(connection: duckdb.DuckDBPyConnection, forms: Forms) -> Pairs:
    """Every pair of forms that shares a key, once, with what agrees."""
    packed = np.unique(np.concatenate([np.zeros(0, np.int64), *_packed(forms)]))
    left = (packed >> 32).astype(np.int32)
    right = (packed & 0xFFFFFFFF).astype(np.int32)
    del packed
    pattern = np.empty(len(left), dtype=np.int16)
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        pattern[part] = _pattern(connection, forms, left[part], right[part])
    return Pairs(left=left, right=right, pattern=pattern)


def key_codes(forms: Forms, key: tuple[str, ...]) -> Ints:
    """The codes of a key, 0 where a part of it is not said."""
    return mixed(*(forms.code[field] for field in key)) if len(key) > 1 else forms.code[key[0]]


def _packed(forms: Forms) -> Iterator[Ints]:
    for key in KEYS:
        codes = key_codes(forms, key)
        known = np.flatnonzero(codes != NOTHING)
        order = known[np.argsort(codes[known], kind="stable")]
        values = codes[order]
        if len(values) < 2:
            continue
        starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
        lengths = np.diff(np.append(starts, len(values)))
        yield from _in_runs(order, starts[lengths > 1], lengths[lengths > 1])


def _in_runs(order: Ints, starts: Ints, lengths: Ints) -> Iterator[Ints]:
    few = lengths <= MOST_COMPARED
    own, own_lengths = starts[few], lengths[few]
    distance = 1
    while len(own):  # pairs of forms so far apart in their run, run after run at once
        yield _pack(*_apart(order, own, own_lengths, distance))
        distance += 1
        own, own_lengths = own[own_lengths > distance], own_lengths[own_lengths > distance]
    many, many_lengths = starts[~few], lengths[~few]
    if len(many):
        yield _pack(*_apart(order, many, many_lengths, 1))
        first = np.repeat(many, many_lengths - 1)
        yield _pack(order[first], order[first + _counted(many_lengths - 1) + 1])


def _apart(order: Ints, starts: Ints, lengths: Ints, distance: int) -> tuple[Ints, Ints]:
    each = lengths - distance
    places = np.repeat(starts, each) + _counted(each)
    return order[places], order[places + distance]


def _counted(lengths: Ints) -> Ints:
    """0, 1, ... for each length, one after another."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def _pack(one: Ints, other: Ints) -> Ints:
    return (np.minimum(one, other) << 32) | np.maximum(one, other)


def _pattern(connection: duckdb.DuckDBPyConnection, forms: Forms, left: Small, right: Small) -> Patterns:
    def both(field: str) -> tuple[Mask, Mask]:
        one, other = forms.code[field][left], forms.code[field][right]
        known = (one != NOTHING) & (other != NOTHING)
        return known, known & (one == other)

    def plain(field: str) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
        known, same = both(field)
        return np.where(same, 1, np.where(known, 2, 0)).astype(np.int8)

    is_postal_known, is_postal = both("postal")
    is_place_known, is_place = both("address")
    place = np.where(is_place, 1, np.where(is_postal, 2, np.where(is_place_known | is_postal_known, 3, 0)))
    known, same = both("birth")
    near = known & ~same & is_near_day(forms.day[left], forms.day[right])
    birth = np.where(same, 1, np.where(near, 2, np.where(known, 3, 0)))
    known, same = both("phone")
    near = known & ~same & _is_one_digit(forms.dialled[left], forms.dialled[right], 15)
    phone = np.where(same, 1, np.where(near, 2, np.where(known, 3, 0)))
    number = plain("number")
    number[(number == 2) & (forms.registry[left] != forms.registry[right])] = 0
    return pattern_of(
        {
            "name": _names(connection, forms, left, right, both("name"), both("kana")),
            "birth_date": birth.astype(np.int8),
            "phone": phone.astype(np.int8),
            "email": plain("email"),
            "place": place.astype(np.int8),
            "number": number,
        }
    )


def _names(
    connection: duckdb.DuckDBPyConnection,
    forms: Forms,
    left: Small,
    right: Small,
    name: tuple[Mask, Mask],
    kana: tuple[Mask, Mask],
) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    (is_known, is_same), (is_read, reads_same) = name, kana
    found = np.zeros(len(left), dtype=np.int8)
    found[is_same] = NAME_LEVELS.index("exact")
    found[is_same & is_read & ~reads_same] = NAME_LEVELS.index("reading_differs")
    found[is_known & ~is_same & reads_same] = NAME_LEVELS.index("kana")
    found[~is_known & reads_same] = NAME_LEVELS.index("kana_alone")
    # By their signs: names that differ, and readings where that is all there is.
    by_signs = np.flatnonzero(~is_same & ~reads_same & (is_known | is_read))
    if len(by_signs):
        asked = pa.table(
            {
                "k": by_signs,
                "a": forms.first[left[by_signs]].astype(np.int64),
                "b": forms.first[right[by_signs]].astype(np.int64),
                "by_name": is_known[by_signs],
            }
        )
        connection.register("asked", asked)
        reader = connection.sql(
            f"WITH w AS (SELECT k, CASE WHEN by_name THEN {_of('x', NAME)} ELSE {_of('x', KANA)} END AS one, "  # noqa: S608
            f"CASE WHEN by_name THEN {_of('y', NAME)} ELSE {_of('y', KANA)} END AS other "
            "FROM asked JOIN numbered x ON x.n = a JOIN numbered y ON y.n = b) "
            # Family name first or last; and in Latin letters, of which a name has more, more slips.
            "SELECT k, CASE WHEN length(one) = length(other) AND length(one) >= 3 AND contains(concat(one, one), other) THEN 3 "
            "WHEN least(length(one), length(other)) >= 3 AND damerau_levenshtein(one, other) "
            "<= CASE WHEN regexp_full_match(one, '[a-z]+') THEN greatest(1, least(length(one), length(other)) // 5) ELSE 1 END THEN 5 "
            "WHEN starts_with(one, other) OR starts_with(other, one) THEN 7 "
            "WHEN right(one, greatest(1, least(length(one), length(other)) // 2)) "
            "= right(other, greatest(1, least(length(one), length(other)) // 2)) THEN 6 ELSE 8 END AS level FROM w"
        ).to_arrow_reader(1 << 20)
        for batch in reader:
            found[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
        connection.unregister("asked")
    return found


def _of(table: str, sql: str) -> str:
    return sql.replace("name_key", f"{table}.name_key").replace("kana_key", f"{table}.kana_key")


def is_near_day(one: Small, other: Small) -> Mask:
    """Two dates as YYYYMMDD that differ in one digit, or in the order of month and day."""
    month_one, day_one = one // 100 % 100, one % 100
    month_other, day_other = other // 100 % 100, other % 100
    turned = (one // 10000 == other // 10000) & (month_one == day_other) & (day_one == month_other)
    near: Mask = _is_one_digit(one, other, 8) | ((one > 0) & (other > 0) & turned)
    return near


def _is_one_digit(one: Ints | Small, other: Ints | Small, places: int) -> Mask:
    """Two numbers above zero that differ in one digit, or by two neighbours turned round."""
    one, other = one.astype(np.int64), other.astype(np.int64)
    apart = np.abs(one - other)
    found = np.zeros(len(one), dtype=bool)
    for place in range(places):
        power = 10**place
        # One digit apart: the difference is a single digit there and no digit was carried.
        found |= (apart % power == 0) & (apart // power <= 9) & (one // (power * 10) == other // (power * 10))
        if place + 1 < places:
            tens, units = one // power // 10 % 10, one // power % 10
            turned = one + ((units - tens) * 10 + (tens - units)) * power
            found |= turned == other
    close: Mask = found & (one > 0) & (other > 0)
    return close
