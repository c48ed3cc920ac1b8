"""Mentions as columns of numbers: what each says, coded, and mentions that say the same taken together as one form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Small = np.ndarray[tuple[int], np.dtype[np.int32]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
Reals = np.ndarray[tuple[int], np.dtype[np.float32]]

# A name all in kana is a reading: it says nothing of how the name is written.
_IS_KANA = "regexp_full_match(name_key, '[ァ-ヿぁ-ゟー・]+')"
NAME = f"CASE WHEN {_IS_KANA} THEN NULL ELSE name_key END"
_HIRAGANA = "".join(chr(code) for code in range(0x3041, 0x3097))
_KATAKANA = "".join(chr(code + 0x60) for code in range(0x3041, 0x3097))
KANA = f"coalesce(kana_key, CASE WHEN {_IS_KANA} THEN translate(name_key, '{_HIRAGANA}', '{_KATAKANA}') END)"
# What is compared, and the SQL over `mention` that gives it.
FIELDS = {
    "name": NAME,
    "kana": KANA,
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
    "kana": ("birth", "email", "phone", "name"),
    "birth": ("name",),
    "phone": ("name",),
    "email": ("name",),
    "address": ("name",),
    "postal": ("name",),
    "number": ("name",),
}
_DAY = "CASE WHEN birth_date SIMILAR TO '[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN CAST(replace(birth_date, '-', '') AS UBIGINT) ELSE 0 END"
_DIALLED = "coalesce(TRY_CAST(regexp_replace(phone_key, '[^0-9]', '', 'g') AS UBIGINT), 0)"
_MIX = np.uint64(0x9E3779B97F4A7C15)
NOTHING = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What is said of humans, each saying once.

    `of_mention` gives the form of each mention, `first` the first mention of each form. `code` has a number for each value of a
    field (0: not said), `day` the date of birth as YYYYMMDD and `dialled` the telephone number (0: none, or not whole), `registry`
    a number for whose number it is, `humans` of how many humans the case shows that they share the form's value, `rarity` how
    common a name (or reading) is by its parts: the share of its beginning times that of its rest. `place` numbers the sheet or
    entry a form was first found in, and `is_list` says of each place whether it is a sheet.
    """

    of_mention: Small
    first: Small
    code: dict[str, Ints]
    day: Small
    dialled: Ints
    registry: Ints
    place: Small
    is_list: Mask
    humans: dict[str, Small]
    rarity: dict[str, Reals]

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
        _mix_in(found, one)
    found[~is_whole] = NOTHING
    return found.astype(np.int64)


def _mix_in(found: np.ndarray[tuple[int], np.dtype[np.uint64]], one: Ints) -> None:
    found ^= one.astype(np.uint64) + _MIX + (found << np.uint64(6)) + (found >> np.uint64(2))
    found *= np.uint64(0xBF58476D1CE4E5B9)
    found ^= found >> np.uint64(31)


def read_forms(connection: duckdb.DuckDBPyConnection, alone: Sequence[int]) -> Forms:
    """The forms of the mentions in the table `numbered`; the mentions in `alone` are never taken together with others.

    A mention that says a name alone is a form of its own: the same name twice may be two humans.
    """
    asked = {field: _hashed(sql) for field, sql in FIELDS.items()} | {
        "day": _DAY,
        "dialled": _DIALLED,
        "registry": _hashed("split_part(number_key, ':', 1)"),
        "sheet": _hashed("coalesce(sheet_id, entry_id, '')"),
        "of_sheet": "CASE WHEN sheet_id IS NULL THEN 0 ELSE 1 END",
    }
    for field, sql, size in (("name", NAME, 2), ("kana", KANA, 3)):
        asked |= {
            f"{field}_head": _hashed(f"left({sql}, {size})"),
            f"{field}_rest": _hashed(f"substr({sql}, {size + 1})"),
        }
    told = _columns(connection, asked)
    values = {field: told.pop(field) for field in FIELDS}
    rarity = {
        field: _by_parts(told.pop(f"{field}_head"), told.pop(f"{field}_rest")) for field in ("name", "kana")
    }
    day, dialled, registry, sheet = (told.pop(name) for name in ("day", "dialled", "registry", "sheet"))
    of_sheet = told.pop("of_sheet") > 0
    whole = np.zeros(len(day), dtype=np.uint64)
    for one in values.values():
        _mix_in(whole, one)
    is_alone = ~_can_be_taken_together(values)
    is_alone[list(alone)] = True
    first, of_mention = _grouped(whole, is_alone)
    del whole, is_alone
    code = {field: one[first] for field, one in values.items()}
    del values
    registry = issuers(code, registry[first], sheet[first])
    _, seen, place = np.unique(sheet[first], return_index=True, return_inverse=True)
    code["number"] = mixed(code["number"], registry)
    return Forms(
        of_mention=of_mention,
        first=first,
        code=code,
        day=day[first].astype(np.int32),
        dialled=dialled[first],
        registry=registry,
        place=place.astype(np.int32),
        is_list=of_sheet[first][seen],
        humans={field: _humans(code, field) for field in FIELDS},
        rarity={field: one[first] for field, one in rarity.items()},
    )


def _by_parts(*parts: Ints) -> Reals:
    """How common each name is by its parts, as if surnames and given names met by chance; 1 where there is no name."""
    found: Reals = np.ones(len(parts[0]), dtype=np.float32)
    for code in parts:
        _, place, counts = np.unique(code, return_inverse=True, return_counts=True)
        known = max(int((code != NOTHING).sum()), 1)
        found *= (counts[place] / known).astype(np.float32)
        found[code == NOTHING] = 1.0
    return found


def issuers(code: dict[str, Ints], kind: Ints, sheet: Ints) -> Ints:
    """For each form a number for who issued its number: the kind of number, and which lists share an issuer.

    Lists whose humans (told by name and mail, telephone or date of birth) bear other numbers in the one than in the other have
    two issuers. Where no list contradicts another all are taken for one issuer's.
    """
    asked = np.flatnonzero(code["number"] != NOTHING)
    seen: dict[tuple[int, int, int], list[int]] = {}
    for key in (("name", "email"), ("name", "phone"), ("name", "birth"), ("kana", "phone")):
        codes = mixed(*(code[field][asked] for field in key))
        known = asked[codes != NOTHING]
        order = known[np.lexsort((sheet[known], codes[codes != NOTHING]))]
        values = mixed(*(code[field][order] for field in key))
        one, other = order[:-1], order[1:]
        both = (values[1:] == values[:-1]) & (kind[one] == kind[other]) & (sheet[one] != sheet[other])
        one, other = one[both], other[both]
        least, most = np.minimum(sheet[one], sheet[other]), np.maximum(sheet[one], sheet[other])
        same = code["number"][one] == code["number"][other]
        triples, place = np.unique(np.stack([kind[one], least, most], axis=1), axis=0, return_inverse=True)
        counts = np.zeros((len(triples), 2), dtype=np.int64)
        np.add.at(counts, (place.reshape(-1), same.astype(np.int64)), 1)
        for (what, first, second), (differ, agree) in zip(triples.tolist(), counts.tolist(), strict=True):
            told = seen.setdefault((what, first, second), [0, 0])
            told[0] += differ
            told[1] += agree
    of_list: dict[tuple[int, int], int] = {}
    for what in {what for (what, _, _), (differ, agree) in seen.items() if differ > agree}:
        # Two issuers at least: lists belong together only where they say so.
        lists = np.unique(sheet[asked[kind[asked] == what]]).tolist()
        leader = {one: one for one in lists}
        for (kind_of, first, second), (differ, agree) in sorted(seen.items()):
            if kind_of == what and agree >= differ:
                a, b = _leader(leader, first), _leader(leader, second)
                leader[max(a, b)] = min(a, b)
        of_list |= {(what, one): _leader(leader, one) for one in lists}
    issuer = kind.copy()
    for (what, one), named in of_list.items():
        own = (kind == what) & (sheet == one)
        issuer[own] = mixed(kind[own], np.full(int(own.sum()), named, dtype=np.int64))
    return issuer


def _leader(leader: dict[int, int], one: int) -> int:
    while leader[one] != one:
        one = leader[one]
    return one


def _hashed(sql: str) -> str:
    # The engine hashes null to a number like any other.
    return f"CASE WHEN {sql} IS NULL THEN 0 ELSE hash({sql}) END"


def _columns(connection: duckdb.DuckDBPyConnection, asked: Mapping[str, str]) -> dict[str, Ints]:
    """Expressions over `numbered`, each in the order of `n`, read in one pass: the whole stands in memory as numbers only."""
    count = int(connection.sql("SELECT count(*) FROM numbered").fetchall()[0][0])
    found = {name: np.zeros(count, dtype=np.int64) for name in asked}
    listed = ", ".join(f"CAST({sql} AS UBIGINT)" for sql in asked.values())
    reader = connection.sql(f"SELECT n, {listed} FROM numbered").to_arrow_reader(1 << 18)  # noqa: S608
    for batch in reader:
        place = batch.column(0).to_numpy()
        for number, column in enumerate(found.values(), start=1):
            column[place] = batch.column(number).to_numpy().view(np.int64)
    return found


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
