"""What is known to be a surname, a given name, a reading: Sudachi's dictionary and a list of names by population.

The list (japanese-personal-name-dataset, MIT) is there for given names, of which the dictionary has about half, and for readings.
"""

from __future__ import annotations

from functools import lru_cache

import sudachipy

from pipeline.match.personal_data.name_lists import given_rows, surname_rows

_ROWS = {
    "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと", "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも",
    "r": "らりるれろ", "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ", "p": "ぱぴぷぺぽ",
}  # fmt: skip
_ODD = {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "ji", "づ": "zu", "や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa",
        "を": "o", "ん": "n", "ー": ""}  # fmt: skip
_KANA = {one: head + "aiueo"[at] for head, row in _ROWS.items() for at, one in enumerate(row)} | _ODD
_SMALL = {"ゃ": "ya", "ゅ": "yu", "ょ": "yo"}
_LONGEST = 12


@lru_cache(maxsize=1)
def dictionary() -> sudachipy.Dictionary:
    """Sudachi's core dictionary, opened once in a process."""
    return sudachipy.Dictionary(dict="core")


@lru_cache(maxsize=1)
def _listed() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Surnames and given names as written, then their readings in hiragana."""
    readings = frozenset(row[0] for row in given_rows())
    return (
        frozenset(row[0] for row in surname_rows()),
        frozenset(name for row in given_rows() for name in row[2:] if name) | readings,
        frozenset(row[2] for row in surname_rows()),
        readings,
    )


@lru_cache(maxsize=1)
def _romanised() -> tuple[frozenset[str], frozenset[str]]:
    """Surnames and given names in small Latin letters, in the spellings in use."""
    _, _, surnames, given = _listed()
    return (
        frozenset(one for reading in surnames for one in spellings(reading)),
        frozenset(one for reading in given for one in spellings(reading)),
    )


def spellings(reading: str) -> set[str]:
    """A reading in Hepburn letters: long vowels written out, left out, and with h."""
    told, at = "", 0
    while at < len(reading):
        one, after = reading[at], reading[at + 1 : at + 2]
        if one == "っ":
            head = _KANA.get(after, "")[:1]
            told += "t" if head == "c" else head
        elif after in _SMALL and after:
            stem = _KANA.get(one, "").removesuffix("i")
            told += stem + (_SMALL[after][1:] if one in "しちじ" else _SMALL[after])
            at += 1
        else:
            told += _KANA.get(one, "")
        at += 1
    short = told.replace("ou", "o").replace("oo", "o").replace("uu", "u")
    return {told, short, told.replace("ou", "oh").replace("oo", "oh")} - {""}


@lru_cache(maxsize=65_536)
def kinds(word: str) -> frozenset[str]:
    """The kinds of a word in the dictionary: 姓, 名, 一般 of persons, 地名, 普通名詞 and so on."""
    found = set()
    if 0 < len(word) <= _LONGEST:
        for morpheme in dictionary().lookup(word):
            part = morpheme.part_of_speech()
            found.add(part[3] if part[2] == "人名" else part[2] if part[1] == "固有名詞" else part[1])
            if part[2] == "人名":
                found.add("人名")
    return frozenset(found)


@lru_cache(maxsize=65_536)
def is_surname(word: str) -> bool:
    """Whether a folded word can be a surname."""
    return word in _listed()[0] or "姓" in kinds(word)


@lru_cache(maxsize=65_536)
def is_given(word: str) -> bool:
    """Whether a folded word can be a given name."""
    return word in _listed()[1] or "名" in kinds(word)


def is_common_surname(word: str) -> bool:
    """Whether a word is among the two thousand most frequent surnames."""
    return word in _listed()[0]


def is_surname_reading(reading: str) -> bool:
    """Whether hiragana reads as a surname of the list."""
    return reading in _listed()[2]


def is_given_reading(reading: str) -> bool:
    """Whether hiragana reads as a given name of the list."""
    return reading in _listed()[3]


def is_roman_surname(word: str) -> bool:
    """Whether small Latin letters spell a surname of the list."""
    return word in _romanised()[0]


def is_roman_given(word: str) -> bool:
    """Whether small Latin letters spell a given name of the list."""
    return word in _romanised()[1]


@lru_cache(maxsize=65_536)
def parted(name: str) -> tuple[str, str] | None:
    """Surname and given name of a folded name without space: both known, the frequent surname and the longer one first."""
    best: tuple[tuple[bool, bool, int], str, str] | None = None
    for at in range(1, min(len(name), _LONGEST)):
        surname, given = name[:at], name[at:]
        if len(given) > _LONGEST or not is_surname(surname) or not is_given(given):
            continue
        rank = ("名" in kinds(given), is_common_surname(surname), at)
        if best is None or rank > best[0]:
            best = (rank, surname, given)
    return best and (best[1], best[2])


def split_name(name: str) -> tuple[str, str] | None:
    """Surname and given name of a name as written; None where nothing tells them apart."""
    parts = name.split()
    if len(parts) == 2:
        return parts[0], parts[1]
    if len(parts) != 1:
        return None
    known = parted(name)
    if known:
        return known
    for at in range(min(len(name) - 1, _LONGEST), 0, -1):
        if is_surname(name[:at]):
            return name[:at], name[at:]
    return None
