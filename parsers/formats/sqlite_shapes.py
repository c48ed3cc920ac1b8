"""What the rows of an SQLite table can look like: how many values, of which kinds, by the affinities of its columns.

References:
    - SQLite, "Datatypes In SQLite", 3.1 Determination Of Column Affinity
    - SQLite, "Database File Format", 2.1 Record Format
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from parsers.formats.sqlite_pages import Cell, size_of, value_of

# A header of one byte of size; wider tables are looked for in whole pages alone.
MOST_CARVED_COLUMNS = 100
_GENERATED_VIRTUAL, _GENERATED_STORED = 2, 3
_NUMBER = re.compile(r"[-+]?\d+(\.\d*)?")
_CONTROL = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f]")
_ODD = "".join(f"\\x{one:02x}" for one in range(0x0D, 0x80, 2))
_ANY_ODD = "".join(f"\\x{one:02x}" for one in range(0x01, 0x80, 2))
# Serial types of one to three bytes: a text in a page is not longer.
_TEXT = f"[{_ODD}]|[\\x81-\\xff][\\x80-\\xff]?[{_ANY_ODD}]"
_LONG = "[\\x81-\\xff][\\x80-\\xff]?[\\x00-\\x7f]"
_PATTERNS = {
    "TEXT": _TEXT,
    "INTEGER": r"[\x01-\x06\x08\x09]",
    "REAL": r"[\x01-\x09]",
    "NUMERIC": rf"[\x01-\x09\x0c-\x7f]|{_LONG}",
    "BLOB": rf"[\x01-\x09\x0c-\x7f]|{_LONG}",
}
# The same for whole pages, where texts and blobs may be of any length.
_FITTING: dict[str, Callable[[int], bool]] = {
    "TEXT": lambda kind: kind >= 13 and kind % 2 == 1,
    "INTEGER": lambda kind: kind < 10 and kind != 7,
    "REAL": lambda kind: kind < 10,
    "NUMERIC": lambda kind: True,
    "BLOB": lambda kind: True,
}

Values = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A table as its rows are stored: names and affinities of the columns, which of them is the number of the row."""

    name: str
    columns: tuple[str, ...]
    affinities: tuple[str, ...]
    is_needed: tuple[bool, ...]
    defaults: tuple[Any, ...]
    alias: int | None
    # Places of the columns a query gives: what is generated from others stands in the record and is left out.
    shown: tuple[int, ...]
    pattern: re.Pattern[bytes] | None

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns shown."""
        return tuple(self.columns[one] for one in self.shown)

    def fits(self, types: Sequence[int], *, is_own: bool = False) -> bool:
        """Whether a record of these serial types can be of this table; with `is_own` its page is known to be of it."""
        count = len(types)
        if not 0 < count <= len(self.columns) or None in self.defaults[count:]:
            return False
        for place, kind in enumerate(types):
            if place == self.alias:
                if kind != 0:
                    return False
            elif kind == 0:
                if self.is_needed[place]:
                    return False
            elif not is_own and not _FITTING[self.affinities[place]](kind):
                return False
        return True

    def key(self, stored: Sequence[Any], rowid: int | None) -> Values:
        """The values as a query gives them, those a record from before a column was added does not have among them."""
        whole = [*stored, *(default[0] for default in self.defaults[len(stored) :])]
        for place, affinity in enumerate(self.affinities):
            if affinity == "REAL" and isinstance(whole[place], int):
                whole[place] = float(whole[place])
        if self.alias is not None:
            whole[self.alias] = rowid
        return tuple(whole[one] for one in self.shown)

    def without_number(self, key: Values) -> Values:
        """The same without the number of the row."""
        if self.alias is None or self.alias not in self.shown:
            return key
        place = self.shown.index(self.alias)
        return (*key[:place], None, *key[place + 1 :])


def shape_of(name: str, described: Sequence[tuple[Any, ...]]) -> Shape | None:
    """The shape of a table from what `table_xinfo` tells of its columns; None where it cannot be used."""
    stored = [one for one in described if one[6] != _GENERATED_VIRTUAL]
    if not stored:
        return None
    keys = [place for place, one in enumerate(stored) if one[5]]
    is_alias = len(keys) == 1 and str(stored[keys[0]][2]).strip().upper() == "INTEGER"
    alias = keys[0] if is_alias else None
    affinities = tuple(affinity_of(str(one[2] or "")) for one in stored)
    is_needed = tuple(bool(one[3]) for one in stored)
    return Shape(
        name=name,
        columns=tuple(str(one[1]) for one in stored),
        affinities=affinities,
        is_needed=is_needed,
        defaults=tuple(_default(one[4]) for one in stored),
        alias=alias,
        shown=tuple(place for place, one in enumerate(stored) if one[6] != _GENERATED_STORED),
        pattern=_pattern(affinities, is_needed, alias) if len(stored) <= MOST_CARVED_COLUMNS else None,
    )


def affinity_of(declared: str) -> str:
    """3.1: the rules in their order."""
    told = declared.upper()
    if "INT" in told:
        return "INTEGER"
    if any(one in told for one in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if "BLOB" in told or not told:
        return "BLOB"
    return "REAL" if any(one in told for one in ("REAL", "FLOA", "DOUB")) else "NUMERIC"


def values_of(page: bytes, cell: Cell, codec: str) -> list[Any] | None:
    """The values of a row; None where a text is none."""
    return values_at(page, cell.body, cell.types, codec)


def values_at(page: bytes, place: int, types: Sequence[int], codec: str) -> list[Any] | None:
    """Values that stand one behind the other; None where a text is not of the encoding or has control signs."""
    found = []
    for kind in types:
        size = size_of(kind)
        try:
            value = value_of(kind, page[place : place + size], codec)
        except UnicodeDecodeError:
            return None
        if isinstance(value, str) and _CONTROL.search(value):
            return None
        # SQLite reads what is no number as NULL.
        found.append(None if value != value else value)
        place += size
    return found


def is_telling(values: Sequence[Any]) -> bool:
    """Whether the values are more than chance would make of bytes: a text of some signs, or several numbers."""
    texts = [one for one in values if isinstance(one, str)]
    if any(sum(sign.isalnum() for sign in one) >= 2 for one in texts):
        return True
    return sum(one is not None and one not in (0, 1, "", b"") for one in values) >= 4


def _default(told: Any) -> tuple[Any] | None:
    """The default of a column where it is a plain value; None for an expression."""
    if told is None or str(told).upper() == "NULL":
        return (None,)
    text = str(told)
    if len(text) > 1 and text[0] == text[-1] == "'":
        return (text[1:-1].replace("''", "'"),)
    if _NUMBER.fullmatch(text):
        return (float(text) if "." in text else int(text),)
    return None


def _pattern(affinities: Sequence[str], is_needed: Sequence[bool], alias: int | None) -> re.Pattern[bytes]:
    """Headers of whole records: the size in one byte, then a serial type for each column; matches may overlap."""
    parts = []
    for place, affinity in enumerate(affinities):
        null = r"" if is_needed[place] else r"\x00|"
        parts.append(r"\x00" if place == alias else f"(?:{null}{_PATTERNS[affinity]})")
    least, most = len(affinities) + 1, min(127, 3 * len(affinities) + 1)
    size = f"[\\x{least:02x}-\\x{most:02x}]"
    return re.compile(f"(?=({size}{''.join(parts)}))".encode("ascii"), re.DOTALL)
