"""Japanese surnames and given names with their readings (japanese-personal-name-dataset): which values are names of persons."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.fold import Listed
from pipeline.match.personal_data.places import place_names, seats

_PACKAGE = "japanese_personal_name_dataset"
_LONGEST_SURNAME = 4
_LONGEST_READING = 7
_SHAPE = r"^[\p{Han}\p{Hiragana}\p{Katakana}々ヶー]{1,6} ?[\p{Han}\p{Hiragana}\p{Katakana}々ー]{1,6}$"
_READING = r"^[ァ-ヶー]{2,8} ?[ァ-ヶー]{2,9}$"
# What ends like a place, a firm or an office is none of a person, whatever it begins with.
_NO_PERSON = r"(?:[都道府県市区町村郡駅店部課係室局署所院園館寺社港島線号]|会社|法人|組合|銀行|支店|大学|学校|センター|工場|製作所|商事|事務所|様)$"


def is_person(values: pa.Array) -> pa.Array:
    """Whether each value is a Japanese name of a person with kanji: a surname of the list and a given name behind it.

    With a space between them the given name is enough: lists of names know no rare surnames, and much that is none of a person
    begins with a surname and goes on behind a space (石川 物産).
    """
    folded = fold.replaced(values, r"\s+", " ")
    shaped = pc.and_(
        pc.and_(pc.match_substring_regex(folded, _SHAPE), pc.match_substring_regex(folded, r"\p{Han}")),
        pc.invert(pc.match_substring_regex(folded, _NO_PERSON)),
    )
    parts = pc.extract_regex(folded, r"^(?P<surname>[^ ]+) (?P<given>[^ ]+)$")
    found = pc.and_(pc.is_valid(parts), given_names().holds(pc.struct_field(parts, "given")))
    for length in range(1, _LONGEST_SURNAME + 1):
        front = pc.utf8_slice_codeunits(folded, 0, length)
        rest = pc.utf8_slice_codeunits(folded, length)
        both = pc.and_(surnames().holds(front), given_names().holds(rest))
        found = pc.or_(found, both)
    found = pc.and_(found, pc.invert(place_names().holds(folded)))
    return pc.and_(pc.fill_null(shaped, False), pc.fill_null(found, False))


def is_reading(values: pa.Array) -> pa.Array:
    """Whether each value is the reading of a surname of the list with one of a given name behind it, in any kana.

    With a space between them one of both is enough.
    """
    spaced = fold.replaced(values, r"\s+", " ")
    shaped = pc.match_substring_regex(fold.katakana(spaced), _READING)
    folded = fold.kana(values)
    parts = pc.extract_regex(fold.katakana(spaced), r"^(?P<surname>[^ ]+) (?P<given>[^ ]+)$")
    one_known = pc.or_kleene(
        surname_readings().holds(pc.struct_field(parts, "surname")),
        given_readings().holds(pc.struct_field(parts, "given")),
    )
    found = pc.and_(pc.is_valid(parts), pc.fill_null(one_known, False))
    for length in range(1, _LONGEST_READING + 1):
        front = pc.utf8_slice_codeunits(folded, 0, length)
        rest = pc.utf8_slice_codeunits(folded, length)
        both = pc.and_(surname_readings().holds(front), given_readings().holds(rest))
        found = pc.or_(found, both)
    return pc.and_(pc.fill_null(shaped, False), pc.fill_null(found, False))


def is_romanised(values: pa.Array) -> pa.Array:
    """Whether each value is a Japanese surname and given name in Latin letters, in either order."""
    folded = pc.utf8_lower(fold.replaced(values, r"[\s,]+", " "))
    parts = pc.extract_regex(folded, r"^(?P<one>[a-z]{2,12}) (?P<other>[a-z]{2,12})$")
    one, other = pc.struct_field(parts, "one"), pc.struct_field(parts, "other")
    last, first = _romanised()
    found = pc.or_(
        pc.and_(last.holds(one), first.holds(other)),
        pc.and_(last.holds(other), first.holds(one)),
    )
    return pc.and_(pc.is_valid(parts), pc.fill_null(found, False))


def is_surname(values: pa.Array) -> pa.Array:
    """Whether each value is a surname of the list."""
    return surnames().holds(values)


def is_surname_of_no_place(values: pa.Array) -> pa.Array:
    """Whether each value is a surname of the list that no prefecture and no municipality is called by."""
    return pc.and_(surnames().holds(values), pc.invert(seats().holds(values)))


def is_surname_reading(values: pa.Array) -> pa.Array:
    """Whether each value is the reading of a surname of the list, in any kana."""
    return surname_readings().holds(fold.kana(values))


def is_given_reading(values: pa.Array) -> pa.Array:
    """Whether each value is the reading of a given name of the list, in any kana."""
    return given_readings().holds(fold.kana(values))


def is_given_name(values: pa.Array) -> pa.Array:
    """Whether each value is a given name of the list."""
    return given_names().holds(values)


@cache
def surnames() -> Listed:
    """The surnames of the list as written, most frequent first."""
    return Listed(pa.array([row[0] for row in surname_rows()]))


@cache
def given_names() -> Listed:
    """The given names as written, and their readings in kana, which are written as names too."""
    written = {name for row in given_rows() for name in row[2:] if name}
    readings = {row[0] for row in given_rows()}
    return Listed(pa.array(sorted({*written, *readings, *given_readings().words.to_pylist()})))


@cache
def surname_readings() -> Listed:
    """The readings of the surnames in katakana."""
    return Listed(fold.kana(pa.array(sorted({row[2] for row in surname_rows()}))))


@cache
def given_readings() -> Listed:
    """The readings of the given names in katakana."""
    return Listed(fold.kana(pa.array(sorted({row[0] for row in given_rows()}))))


@cache
def _romanised() -> tuple[Listed, Listed]:
    last = {row[3] for row in surname_rows()}
    first = {row[1] for row in given_rows()}
    # Long vowels are mostly left out on forms: Sato, not Satou.
    return _with_short_vowels(last), _with_short_vowels(first)


def _with_short_vowels(named: set[str]) -> Listed:
    return Listed(pa.array(sorted({*named, *(one.replace("ou", "o").replace("uu", "u") for one in named)})))


@cache
def surname_rows() -> tuple[tuple[str, ...], ...]:
    """The surnames, most frequent first: as written, bearers, reading in hiragana, in Latin letters."""
    return tuple(_rows("last_name_org.csv"))


@cache
def given_rows() -> tuple[tuple[str, ...], ...]:
    """The given names by reading: in hiragana, in Latin letters, then each way it is written."""
    return tuple(row for sex in ("man", "woman") for row in _rows(f"first_name_{sex}_org.csv"))


def _rows(name: str) -> Iterator[tuple[str, ...]]:
    with files(_PACKAGE).joinpath("dataset", name).open(encoding="utf-8-sig") as stream:
        yield from (tuple(row) for row in csv.reader(stream) if len(row) > 1)
