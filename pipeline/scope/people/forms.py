"""Mentions as columns of numbers: what each says, coded, and mentions that say the same taken together as one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Small = np.ndarray[tuple[int], np.dtype[np.int32]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Reals = np.ndarray[tuple[int], np.dtype[np.float32]]

# What is compared, and the SQL over `mention` that gives it.
FIELDS = {
    "name": "name_key",
    "kana": "kana_key",
    "birth": "birth_date",
    "phone": "phone_key",
    "email": "email_key",
    "address": "address_key",
    "postal": "postal_code",
    "number": "number_key",
}
# What tells one human from another by itself: a mention with none of these is weak.
STRONG = ("birth", "phone", "email", "address", "number")
# Where the values of the one field show how many humans share a value of the other.
_TOLD_APART_BY = {
    "name": ("birth", "email", "phone"),
    "kana": ("birth", "email", "phone"),
    "birth": ("name",),
    "phone": ("name",),
    "email": ("name",),
    "address": ("name",),
    "postal": ("name",),
    "number": ("name",),
}
_MIX = np.uint64(0x9E3779B97F4A7C15)
NOTHING = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What is said of humans, each saying once.

    `of_mention` gives the form of each mention, `first` the first mention of each form. `code` has a number for each value of a
    field (0: not said), `day` the date of birth as YYYYMMDD (0: none, or not whole), `registry` a number for whose number it is,
    `humans` of how many humans the case shows that they share the form's value.
    """

    of_mention: Small
    first: Small
    code: dict[str, Ints]
    day: Small
    registry: Ints
    humans: dict[str, Small]

    def __len__(self) -> int:
        return len(self.first)

    def says(self, field: str) -> Mask:
        """Whether each form says anything of a field."""
        known: Mask = self.code[field] != NOTHING
        return known

    def is_weak(self) -> Mask:
        """Forms that say nothing but a name, a reading or a postal code."""
        weak = np.ones(len(self), dtype=bool)
        for field in STRONG:
            weak &= ~self.says(field)
        return weak


def mixed(*codes: Ints) -> Ints:
    """One number for several, 0 where any of them is 0."""
    found = codes[0].astype(np.uint64)
    is_whole = codes[0] != NOTHING
    for one in codes[1:]:
        is_whole &= one != NOTHING
        found ^= one.astype(np.uint64) + _MIX + (found << np.uint64(6)) + (found >> np.uint64(2))
        found *= np.uint64(0xBF58476D1CE4E5B9)
        found ^= found >> np.uint64(31)
    found[~is_whole] = NOTHING
    return found.astype(np.int64)


def read_forms(connection: duckdb.DuckDBPyConnection, alone: Sequence[int]) -> Forms:
    """The forms of the mentions in the table `numbered`; the mentions in `alone` are never taken together with others.

    A mention that says a name alone is a form of its own: the same name twice may be two humans.
    """
    values = {field: _column(connection, _hashed(sql), np.int64) for field, sql in FIELDS.items()}
    day = _column(
        connection,
        "CASE WHEN birth_date SIMILAR TO '[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN CAST(replace(birth_date, '-', '') AS INTEGER) ELSE 0 END",
        np.int32,
    )
    registry = _column(connection, _hashed("split_part(number_key, ':', 1)"), np.int64)
    count = len(day)
    whole = np.zeros(count, dtype=np.uint64)
    for one in values.values():
        whole ^= one.astype(np.uint64) + _MIX + (whole << np.uint64(6)) + (whole >> np.uint64(2))
        whole *= np.uint64(0xBF58476D1CE4E5B9)
        whole ^= whole >> np.uint64(31)
    is_alone = ~_can_be_taken_together(values)
    is_alone[list(alone)] = True
    first, of_mention = _grouped(whole, is_alone)
    del whole, is_alone
    code = {field: one[first] for field, one in values.items()}
    del values
    return Forms(
        of_mention=of_mention,
        first=first,
        code=code,
        day=day[first].astype(np.int32),
        registry=registry[first],
        humans={field: _humans(code, field) for field in FIELDS},
    )


def _hashed(sql: str) -> str:
    # The engine hashes null to a number like any other.
    return f"CASE WHEN {sql} IS NULL THEN 0 ELSE hash({sql}) END"


def _column(connection: duckdb.DuckDBPyConnection, sql: str, kind: type[np.generic]) -> Ints:
    """One expression over `numbered`, in the order of `n`, batch by batch: the whole stands in memory as numbers only."""
    cast = "UBIGINT" if kind is np.int64 else "INTEGER"
    reader = connection.sql(f"SELECT CAST({sql} AS {cast}) AS v FROM numbered ORDER BY n").to_arrow_reader(  # noqa: S608
        1 << 20
    )
    parts = [batch.column(0).to_numpy().view(np.int64 if kind is np.int64 else np.int32) for batch in reader]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=kind)


def _can_be_taken_together(values: dict[str, Ints]) -> Mask:
    said = {field: one != NOTHING for field, one in values.items()}
    has_name = said["name"] | said["kana"]
    beside = said["birth"] | said["phone"] | said["email"] | said["address"] | said["number"]
    together: Mask = has_name & beside | said["number"] & said["email"]
    return together


def _grouped(whole: np.ndarray[tuple[int], np.dtype[np.uint64]], is_alone: Mask) -> tuple[Small, Small]:
    """The first mention of each form, in rising order, and the form of each mention."""
    count = len(whole)
    order = np.argsort(whole, kind="stable")
    ordered = whole[order]
    starts = np.ones(count, dtype=bool)
    starts[1:] = (ordered[1:] != ordered[:-1]) | is_alone[order][1:] | is_alone[order][:-1]
    # The sort is stable, so the first of a run is the lowest mention.
    leader = np.empty(count, dtype=np.int32)
    leader[order] = order[np.maximum.accumulate(np.where(starts, np.arange(count), 0))]
    first = np.flatnonzero(leader == np.arange(count)).astype(np.int32)
    number = np.zeros(count, dtype=np.int32)
    number[first] = np.arange(len(first), dtype=np.int32)
    return first, number[leader]


def _humans(code: dict[str, Ints], field: str) -> Small:
    """How many humans share the value of each form, as far as the case tells them apart; 0 where nothing is said."""
    own = code[field]
    found = np.zeros(len(own), dtype=np.int32)
    known = np.flatnonzero(own != NOTHING)
    if not len(known):
        return found
    order = known[np.argsort(own[known], kind="stable")]
    values = own[order]
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    lengths = np.diff(np.append(starts, len(values)))
    most = np.ones(len(starts), dtype=np.int32)
    several = lengths > 1
    if several.any():
        inside = np.repeat(several, lengths)
        group = np.repeat(np.arange(len(starts)), lengths)[inside]
        rows = order[inside]
        for other in _TOLD_APART_BY[field]:
            theirs = code[other][rows]
            said = theirs != NOTHING
            if said.any():
                most = np.maximum(most, _distinct(group[said], theirs[said], len(starts)))
    found[order] = np.repeat(most, lengths)
    return found


def _distinct(group: Ints, values: Ints, count: int) -> Small:
    """How many different values each group has."""
    order = np.lexsort((values, group))
    group, values = group[order], values[order]
    is_new = np.ones(len(group), dtype=bool)
    is_new[1:] = (group[1:] != group[:-1]) | (values[1:] != values[:-1])
    return np.bincount(group[is_new], minlength=count).astype(np.int32)
