"""Mentions as columns of numbers: what each says, coded, and mentions that say the same taken together as one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from pipeline.scope.people.issuers import Repeated, issuers
from pipeline.scope.people.numbers import (
    NOTHING,
    Few,
    Ints,
    Mask,
    Reals,
    Small,
    mix_in,
    mixed,
    ranked,
    unique,
)

# A name all in kana is a reading: it says nothing of how the name is written. People leave the prefecture out: the municipality says
# it, and nearly always alone. Made once for each mention (`PREPARED`), and asked for by these names.
_IS_KANA = "regexp_full_match(name_key, '[ァ-ヿぁ-ゟー・]+')"
_HIRAGANA = "".join(chr(code) for code in range(0x3041, 0x3097))
_KATAKANA = "".join(chr(code + 0x60) for code in range(0x3041, 0x3097))
NAME, KANA, ADDRESS = "written_name", "read_name", "local_address"
PREPARED = {
    NAME: f"CASE WHEN {_IS_KANA} THEN NULL ELSE name_key END",
    KANA: f"coalesce(kana_key, CASE WHEN {_IS_KANA} THEN translate(name_key, '{_HIRAGANA}', '{_KATAKANA}') END)",
    ADDRESS: "regexp_replace(address_key, '^(北海道|東京都|京都府|大阪府|[^市区町村]{2,3}県)', '')",
}
# What is compared, and the SQL over `mention` that gives it.
FIELDS = {
    "name": NAME,
    "kana": KANA,
    "birth": "birth_date",
    "phone": "phone_key",
    "email": "email_key",
    "address": ADDRESS,
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
# Too short for surname and given name: kanji of two signs at most, kana of four.
_IS_PART = f"CASE WHEN length({NAME}) <= 2 OR ({NAME} IS NULL AND length({KANA}) <= 4) THEN 1 ELSE 0 END"
_DIALLED = "coalesce(TRY_CAST(regexp_replace(phone_key, '[^0-9]', '', 'g') AS UBIGINT), 0)"
_AT_ONCE = 4  # columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """What is said of humans, each saying once.

    `of_mention` gives the form of each mention, `first` the first mention of each form. `code` has a number for each value of a
    field (0: not said) and `given` one for what of a name stands behind its surname; `day` is the date of birth as YYYYMMDD and
    `dialled` the telephone number (0: none, or not whole), `registry` a number for whose number it is. `humans` says of how many
    humans the case shows that they share the form's value, `rarity` how common a name (or reading) is by its parts: the share of its
    beginning times that of its rest, and `is_part` where a name is too short to be a whole one. `place` numbers the sheet or entry
    a form was first found in, and `is_list` says of each place whether it is a sheet.
    """

    of_mention: Small
    first: Small
    code: dict[str, Small]
    given: Small
    day: Small
    dialled: Ints
    registry: Small
    place: Small
    is_list: Mask
    is_part: Mask
    humans: dict[str, Few]
    rarity: dict[str, Reals]

    def __len__(self) -> int:
        return len(self.first)

    def says(self, field: str) -> Mask:
        """Whether each form says anything of a field."""
        known: Mask = self.code[field] != NOTHING
        return known

    def only(self, some: Ints) -> Forms:
        """Some forms, as if each had been said once."""
        return Forms(
            of_mention=np.arange(len(some), dtype=np.int32),
            first=self.first[some],
            code={field: code[some] for field, code in self.code.items()},
            given=self.given[some],
            day=self.day[some],
            dialled=self.dialled[some],
            registry=self.registry[some],
            place=self.place[some],
            is_list=self.is_list,
            is_part=self.is_part[some],
            humans={field: humans[some] for field, humans in self.humans.items()},
            rarity={field: rarity[some] for field, rarity in self.rarity.items()},
        )

    def is_weak(self) -> Mask:
        """Forms that say nothing but a name, a reading or a postal code."""
        weak = np.ones(len(self), dtype=bool)
        for field in STRONG:
            weak &= ~self.says(field)
        return weak


def read_forms(connection: duckdb.DuckDBPyConnection, alone: Sequence[int]) -> Forms:
    """The forms of the mentions in the table `numbered`; the mentions in `alone` are never taken together with others.

    A mention that says a name alone is a form of its own: the same name twice may be two humans.
    """
    first, of_mention = _same_sayings(connection, alone)

    def read(*asked: str) -> list[Ints]:
        return _of_first(connection, first, of_mention, asked)

    code: dict[str, Small] = {}
    names = list(FIELDS)
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        told = read(*(_hashed(FIELDS[field]) for field in some))
        code |= {field: ranked(values) for field, values in zip(some, told, strict=True)}
    told = read(
        _hashed("coalesce(sheet_id, entry_id, '')"),
        "CASE WHEN sheet_id IS NULL THEN 0 ELSE 1 END",
        _hashed("split_part(number_key, ':', 1)"),
        _hashed(f"nullif(substr({NAME}, 3), '')"),
    )
    sheet, of_sheet, kind, given = ranked(told[0]), told[1] > 0, ranked(told[2]), ranked(told[3])
    registry = issuers(
        code, kind, sheet, _repeated(connection, of_mention, told[0], code["number"] != NOTHING)
    )
    code["number"] = ranked(mixed(code["number"], registry))
    _, seen, place = np.unique(sheet, return_index=True, return_inverse=True)
    del told, sheet, kind
    day, dialled, is_part = read(_DAY, _DIALLED, _IS_PART)
    rarity = {
        field: _by_parts(*read(_hashed(f"left({sql}, {size})"), _hashed(f"substr({sql}, {size + 1})")))
        for field, sql, size in (("name", NAME, 2), ("kana", KANA, 3))
    }
    return Forms(
        of_mention=of_mention,
        first=first,
        code=code,
        given=given,
        day=day.astype(np.int32),
        dialled=dialled,
        registry=registry,
        place=place.astype(np.int32),
        is_list=of_sheet[seen],
        is_part=is_part > 0,
        humans={field: _humans(code, field) for field in FIELDS},
        rarity=rarity,
    )


def _same_sayings(connection: duckdb.DuckDBPyConnection, alone: Sequence[int]) -> tuple[Small, Small]:
    """The first mention of each form, in rising order, and the form of each mention."""
    count = int(connection.sql("SELECT count(*) FROM numbered").fetchall()[0][0])
    whole = np.zeros(count, dtype=np.uint64)
    is_alone = np.zeros(count, dtype=bool)
    listed = ", ".join(f"CAST({_hashed(sql)} AS UBIGINT)" for sql in FIELDS.values())
    reader = connection.sql(f"SELECT n, {listed} FROM numbered").to_arrow_reader(1 << 18)  # noqa: S608
    for batch in reader:
        place = batch.column(0).to_numpy()
        values = {
            field: batch.column(number).to_numpy().view(np.int64)
            for number, field in enumerate(FIELDS, start=1)
        }
        own = np.zeros(len(place), dtype=np.uint64)
        for one in values.values():
            mix_in(own, one)
        whole[place] = own
        is_alone[place] = ~_can_be_taken_together(values)
    is_alone[list(alone)] = True
    return _grouped(whole, is_alone)


def _of_first(
    connection: duckdb.DuckDBPyConnection, first: Small, of_mention: Small, asked: Sequence[str]
) -> list[Ints]:
    """Expressions over the first mention of each form: no more stand in memory than are asked for at a time."""
    found = [np.zeros(len(first), dtype=np.int64) for _ in asked]
    is_first = np.zeros(len(of_mention), dtype=bool)
    is_first[first] = True
    listed = ", ".join(f"CAST({sql} AS UBIGINT)" for sql in asked)
    reader = connection.sql(f"SELECT n, {listed} FROM numbered").to_arrow_reader(1 << 18)  # noqa: S608
    for batch in reader:
        n = batch.column(0).to_numpy()
        own = is_first[n]
        form = of_mention[n[own]]
        for number, column in enumerate(found, start=1):
            column[form] = batch.column(number).to_numpy().view(np.int64)[own]
    return found


def _repeated(
    connection: duckdb.DuckDBPyConnection, of_mention: Small, sheets: Ints, asked: Mask
) -> Repeated:
    """Which of the forms asked for stand in further sheets than the one they were first found in, whose hashes are `sheets`."""
    known = unique(sheets)
    found = [np.zeros(0, dtype=np.int64)]
    sql = _hashed("coalesce(sheet_id, entry_id, '')")
    reader = connection.sql(
        f"SELECT n, CAST({sql} AS UBIGINT) FROM numbered WHERE number_key IS NOT NULL"
    ).to_arrow_reader(1 << 18)  # noqa: S608
    for batch in reader:
        form = of_mention[batch.column(0).to_numpy()]
        sheet = batch.column(1).to_numpy().view(np.int64)
        other = np.flatnonzero(asked[form] & (sheet != sheets[form]))
        # A sheet in which no form was first found has no rank and none of its own.
        place = np.minimum(np.searchsorted(known, sheet[other]), len(known) - 1)
        is_known = known[place] == sheet[other]
        packed = (form[other].astype(np.int64) << 32) | (place + 1)
        found.append(unique(packed[is_known]))
    packed = unique(np.concatenate(found))
    return Repeated(form=packed >> 32, sheet=packed & 0xFFFFFFFF)


def _by_parts(*parts: Ints | Small) -> Reals:
    """How common each name is by its parts, as if surnames and given names met by chance; 1 where there is no name."""
    found: Reals = np.ones(len(parts[0]), dtype=np.float32)
    for code in parts:
        _, place, counts = np.unique(code, return_inverse=True, return_counts=True)
        known = max(int((code != NOTHING).sum()), 1)
        found *= (counts[place] / known).astype(np.float32)
        found[code == NOTHING] = 1.0
    return found


def _hashed(sql: str) -> str:
    # The engine hashes null to a number like any other.
    return f"CASE WHEN {sql} IS NULL THEN 0 ELSE hash({sql}) END"


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


def _humans(code: dict[str, Small], field: str) -> Few:
    """How many humans share the value of each form, as far as the case tells them apart; 0 where nothing is said."""
    own = code[field]
    found = np.zeros(len(own), dtype=np.uint16)
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
    found[order] = np.repeat(np.minimum(most, np.iinfo(np.uint16).max).astype(np.uint16), lengths)
    return found


def _distinct(group: Ints, values: Small, count: int) -> Small:
    """How many different values each group has."""
    order = np.lexsort((values, group))
    group, values = group[order], values[order]
    is_new = np.ones(len(group), dtype=bool)
    is_new[1:] = (group[1:] != group[:-1]) | (values[1:] != values[:-1])
    return np.bincount(group[is_new], minlength=count).astype(np.int32)
