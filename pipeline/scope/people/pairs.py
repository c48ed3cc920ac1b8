"""Pairs of forms that share a key, and what agrees in each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people.forms import KANA, NAME, Forms
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Small, mixed, unique

# Two forms are compared where they share one of these. What identifies little is taken with something else, and names last.
KEYS = (
    ("number",),
    ("email",),
    ("phone",),
    ("address",),
    ("name", "birth"),
    ("name", "postal"),
    ("kana", "birth"),
    ("birth", "postal"),
    ("birth", "given"),
    ("name",),
    ("kana",),
)
# Of a key shared by more forms, each is compared with the first and with its neighbour: so many pairs as forms, not their square.
MOST_COMPARED = 24

# Levels of agreement; 0 says that one of the two says nothing.
EXACT = 1
NAME_LEVELS = (
    "", "exact", "kana_alone", "kana", "reading_differs", "edit", "edits", "changed", "part", "surname", "part_differs", "differ",
)  # fmt: skip
# Names that two mentions of one human have only where something went wrong: they stand against a join that nothing overrules.
CONTRADICTING = ("surname", "part_differs", "differ")
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
_ASKED = 1 << 24  # pairs whose names are compared in one question
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
    """Every pair of forms that shares a key, once, with what agrees.

    Key after key and part after part: a pair that shares an earlier key has been compared there already.
    """
    sides: tuple[list[Small], list[Small]] = ([], [])
    spread: list[Ints] = []
    done: list[tuple[tuple[str, ...], Mask]] = []

    def keep(packed: Ints) -> None:
        for start in range(0, len(packed), _CHUNK):
            left, right = _unpacked(packed[start : start + _CHUNK])
            is_new = ~_shared_earlier(forms, done, left, right)
            sides[0].append(left[is_new])
            sides[1].append(right[is_new])

    for key in KEYS:
        is_whole = np.zeros(len(forms), dtype=bool)
        order, starts, lengths = _runs(key_codes(forms, key))
        few = lengths <= MOST_COMPARED
        is_whole[order[_members(starts[few], lengths[few])]] = True
        for packed in _in_runs(order, starts[few], lengths[few]):
            keep(packed)
        spread.append(_in_long_runs(order, starts[~few], lengths[~few]))
        done.append((key, is_whole))
    keep(unique(np.concatenate(spread)))
    left, right = (_whole(one) for one in sides)
    pattern = np.empty(len(left), dtype=np.int16)
    by_signs: list[Ints] = []
    for start in range(0, len(left), _CHUNK):
        part = slice(start, start + _CHUNK)
        pattern[part], unsettled = _pattern(forms, left[part], right[part])
        by_signs.append(start + unsettled)
    asked = np.concatenate([np.zeros(0, np.int64), *by_signs])
    for start in range(0, len(asked), _ASKED):
        _settle_names(connection, forms, left, right, pattern, asked[start : start + _ASKED])
    return Pairs(left=left, right=right, pattern=pattern)


def _whole(parts: list[Small]) -> Small:
    """The parts as one, each given up once it is copied."""
    found = np.empty(sum(map(len, parts)), dtype=np.int32)
    start = 0
    for number, one in enumerate(parts):
        found[start : start + len(one)] = one
        start += len(one)
        parts[number] = one[:0]
    return found


def key_codes(forms: Forms, key: tuple[str, ...]) -> Ints | Small:
    """The codes of a key, 0 where a part of it is not said."""
    codes = [forms.given if field == "given" else forms.code[field] for field in key]
    return mixed(*codes) if len(key) > 1 else codes[0]


def _runs(codes: Ints | Small) -> tuple[Small, Ints, Ints]:
    """Forms in the order of their codes, and where those that share one begin and how many they are: two at least."""
    known = np.flatnonzero(codes != NOTHING).astype(np.int32)
    order = known[np.argsort(codes[known], kind="stable")]
    values = codes[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(values), 1), bool), values[1:] != values[:-1]]))
    lengths = np.diff(np.append(starts, len(values)))
    return order, starts[lengths > 1], lengths[lengths > 1]


def _shared_earlier(
    forms: Forms, done: list[tuple[tuple[str, ...], Mask]], left: Small, right: Small
) -> Mask:
    """Whether two forms share a key all of whose forms have been compared with one another."""
    found = np.zeros(len(left), dtype=bool)
    for key, is_whole in done:
        same = is_whole[left]
        for field in key:
            code = forms.given if field == "given" else forms.code[field]
            same &= (code[left] == code[right]) & (code[left] != NOTHING)
        found |= same
    return found


def _in_runs(order: Small, starts: Ints, lengths: Ints) -> Iterator[Ints]:
    """Pairs of forms so far apart in their run, run after run at once."""
    distance = 1
    while len(starts):
        yield _pack(*_apart(order, starts, lengths, distance))
        distance += 1
        starts, lengths = starts[lengths > distance], lengths[lengths > distance]


def _in_long_runs(order: Small, starts: Ints, lengths: Ints) -> Ints:
    """Each form of a run with its neighbour, and with the first."""
    first = np.repeat(starts, lengths - 1)
    with_first = _pack(order[first], order[first + _counted(lengths - 1) + 1])
    return unique(np.concatenate([_pack(*_apart(order, starts, lengths, 1)), with_first]))


def _members(starts: Ints, lengths: Ints) -> Ints:
    return np.repeat(starts, lengths) + _counted(lengths)


def _apart(order: Small, starts: Ints, lengths: Ints, distance: int) -> tuple[Small, Small]:
    each = lengths - distance
    places = np.repeat(starts, each) + _counted(each)
    return order[places], order[places + distance]


def _counted(lengths: Ints) -> Ints:
    """0, 1, ... for each length, one after another."""
    ends = np.cumsum(lengths)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - lengths, lengths)


def _pack(one: Small, other: Small) -> Ints:
    packed: Ints = (np.minimum(one, other).astype(np.int64) << 32) | np.maximum(one, other)
    return packed


def _unpacked(packed: Ints) -> tuple[Small, Small]:
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def _pattern(forms: Forms, left: Small, right: Small) -> tuple[Patterns, Ints]:
    """What agrees, and in which of the pairs the names are still to be compared by their signs."""

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
    name, by_signs = _names(both("name"), both("kana"))
    found = pattern_of(
        {
            "name": name,
            "birth_date": birth.astype(np.int8),
            "phone": phone.astype(np.int8),
            "email": plain("email"),
            "place": place.astype(np.int8),
            "number": number,
        }
    )
    return found, by_signs


def _names(
    name: tuple[Mask, Mask], kana: tuple[Mask, Mask]
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int8]], Ints]:
    (is_known, is_same), (is_read, reads_same) = name, kana
    found = np.zeros(len(is_known), dtype=np.int8)
    found[is_same] = NAME_LEVELS.index("exact")
    found[is_same & is_read & ~reads_same] = NAME_LEVELS.index("reading_differs")
    found[is_known & ~is_same & reads_same] = NAME_LEVELS.index("kana")
    found[~is_known & reads_same] = NAME_LEVELS.index("kana_alone")
    return found, np.flatnonzero(~is_same & ~reads_same & (is_known | is_read))


def _settle_names(
    connection: duckdb.DuckDBPyConnection,
    forms: Forms,
    left: Small,
    right: Small,
    pattern: Patterns,
    asked: Ints,
) -> None:
    """Write into patterns how close names are by their signs: names that differ, and readings where that is all there is."""
    level_of = {one: NAME_LEVELS.index(one) for one in NAME_LEVELS}
    one, other = left[asked], right[asked]
    is_read = forms.says("kana")[one] & forms.says("kana")[other]
    table = pa.table(
        {
            "k": np.arange(len(asked)),
            "a": forms.first[one].astype(np.int64),
            "b": forms.first[other].astype(np.int64),
            "by_name": forms.says("name")[one] & forms.says("name")[other],
        }
    )
    connection.register("asked", table)
    reader = connection.sql(
        f"WITH w AS (SELECT k, CASE WHEN by_name THEN x.{NAME} ELSE x.{KANA} END AS one, "  # noqa: S608
        f"CASE WHEN by_name THEN y.{NAME} ELSE y.{KANA} END AS other, by_name "
        f"FROM asked JOIN numbered x ON x.n = a JOIN numbered y ON y.n = b) SELECT k, {closeness('one', 'other')} AS level FROM w"
    ).to_arrow_reader(1 << 20)
    found = np.zeros(len(asked), dtype=np.int16)
    for batch in reader:
        found[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
    connection.unregister("asked")
    short = forms.is_part[one] | forms.is_part[other]
    found[short & (found == level_of["differ"])] = level_of["part_differs"]
    # A name converted wrongly keeps its reading: where both are read, and otherwise, they are two given names.
    found[is_read & (found == level_of["surname"])] = level_of["differ"]
    pattern[asked] |= found << _SHIFT["name"]


def closeness(one: str, other: str) -> str:
    """SQL: how close two names are that are not the same, as a level; `merging.is_close_name` says it of few names."""
    level_of = {name: number for number, name in enumerate(NAME_LEVELS)}
    least, most = f"least(length({one}), length({other}))", f"greatest(length({one}), length({other}))"
    is_latin = f"regexp_full_match({one}, '[a-z]+')"
    half = f"greatest(1, {least} // 2)"
    return (
        # Family name first or last.
        f"CASE WHEN length({one}) = length({other}) AND length({one}) >= 3 AND contains(concat({one}, {one}), {other}) THEN {level_of['kana']} "
        f"WHEN {least} >= 3 AND damerau_levenshtein({one}, {other}) <= 1 THEN {level_of['edit']} "
        # In Latin letters a name has more signs, and more slips.
        f"WHEN {is_latin} AND {least} >= 6 AND damerau_levenshtein({one}, {other}) <= {most} // 4 THEN {level_of['edits']} "
        f"WHEN starts_with({one}, {other}) OR starts_with({other}, {one}) THEN {level_of['part']} "
        f"WHEN right({one}, {half}) = right({other}, {half}) THEN {level_of['changed']} "
        f"WHEN {least} >= 3 AND left({one}, ({least} + 1) // 2) = left({other}, ({least} + 1) // 2) THEN {level_of['surname']} "
        f"ELSE {level_of['differ']} END"
    )


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
