"""Judges values that say where somebody lives: whole addresses, and parts of them that stand in columns of their own."""

from __future__ import annotations

import pyarrow as pa

from pipeline.match.personal_data import fold
from pipeline.match.personal_data.masks import filled, flags, matches, only, where
from pipeline.match.personal_data.places import begins_as_address, begins_with_town, place_names

_PLACE = r"(?i)[都道府県市区町村郡]|\d+-\d+|丁目|番地|\b(?:street|st\.|road|rd\.|avenue|ave\.|lane|drive|blvd|apt)(?:\b|\s)|-(?:ku|shi|cho|machi)\b"
# A number of a plot, in digits or in kanji.
_NUMBERED = r"(?:\d|[〇一二三四五六七八九十](?:丁目|番|号))"
# Towns are called by eras as well, and a year behind them makes a date; on the plates of cars kana stand behind the number.
_NO_STREET = r"^(?:明治|大正|昭和|平成|令和)(?:\d{1,2}|元)[年./]|^\D{1,4}\d{2,3}\p{Hiragana}-?[\d・-]{1,5}$"
_BUILDING = (
    r"(?:ハイツ|コーポ|マンション|アパート|メゾン|ハイム|レジデンス|パレス|コート|ヴィラ|ビラ|シャトー|シティ|タワー|ハウス|ガーデン|テラス|プラザ|"
    r"ドーム|カーサ|ビル|団地|住宅|[荘寮棟]).*\d|\p{L}\s?\d{1,4}\s?号室?$|\p{L}\s?(?:[a-zA-Z]?-?\d{3,4})\s?号室$"
)


def address(values: pa.Array) -> pa.Array:
    """What may be a postal address, folded."""
    return where(fold.address(values), matches(values, _PLACE) & ~matches(values, "@"))


def address_of_row(values: pa.Array) -> pa.Array:
    """An address below a word for addresses, or among others: a number or a sign of a place is enough."""
    return where(fold.address(values), matches(values, rf"{_PLACE}|{_NUMBERED}") & ~matches(values, "@"))


@only(rf"^(?:〒?\s*\d{{3}}-?\d{{4}}\s*)?[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}].*(?:[都道府県].|{_NUMBERED})")
def address_start(values: pa.Array) -> pa.Array:
    """A value that begins as addresses do: a prefecture, or a municipality with a number behind it."""
    folded = fold.address(values)
    return where(folded, flags(begins_as_address(folded)))


@only(rf"^\p{{L}}.*{_NUMBERED}")
def street(values: pa.Array) -> pa.Array:
    """A town of Japan with a number behind it, as an address goes on behind the municipality."""
    folded = fold.address(values)
    return where(folded, flags(begins_with_town(folded)) & ~matches(folded, _NO_STREET))


@only(r"\p{L}.*\d")
def building(values: pa.Array) -> pa.Array:
    """A building of flats or offices, by its usual words, with a number of a room or a house."""
    return where(fold.address(values), matches(values, _BUILDING))


@only(r"^\p{Han}.*[都道府県市区町村郡]$")
def known_place(values: pa.Array) -> pa.Array:
    """A prefecture, a municipality or a town of Japan by its whole name, folded as addresses are."""
    return where(fold.address(values), flags(place_names().holds(values)))


def address_part(values: pa.Array) -> pa.Array:
    """A part of an address that stands in a column of its own: a prefecture, a town, a block, a building."""
    return where(fold.address(filled(values)), matches(values, r"[\p{L}\d]") & ~matches(values, "@"))
