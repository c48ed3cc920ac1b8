"""What can be a person's name where it stands: at a word, in front of a word, in a stretch of katakana."""

from __future__ import annotations

import re

from pipeline.match.personal_data.names.kana import (
    KATAKANA,
    KATAKANA_BEFORE,
    READING,
    foreign_before,
    foreign_name,
)
from pipeline.match.personal_data.names.lexicon import (
    is_common_surname,
    is_given,
    is_surname,
    kinds,
    parted,
)
from pipeline.match.personal_data.names.words import Shape, Words

IN_NAMES = frozenset("SGPLKNdzxv")
_MOST_WORDS = 5
_KANJI = re.compile(r"[\u3400-\u9fff々〆ヶ\U00020000-\U0003ffff]+")
_RANK = re.compile(r"[初二三四五六七八九十][段級世代位軍塁]")
_HIRAGANA = re.compile(r"[ぁ-ゖー]+")


def can_be_surname(words: Words, index: int) -> bool:
    """Whether a word is a surname or a word that is one as well: a place, 林, 関."""
    return words.surnames[index]


def name_from(words: Words, index: int) -> Shape | None:
    """The name that begins at a word: full, a foreign one in katakana, or a surname."""
    if index >= len(words.surfaces):
        return None
    start = words.starts[index]
    foreign = KATAKANA.match(words.text, start)
    if foreign:
        return foreign_name(words, foreign.start(), foreign.end())
    return full_from(words, index) or surname_from(words, index)


def with_unlisted_given(words: Words, shape: Shape) -> Shape:
    """A surname behind a label or a title with the kanji behind a space that nothing lists: 増田 緯稚子 印."""
    gap = words.index_of(shape.end)
    if shape.made != "surname" or gap is None or not _is_gap(words, gap):
        return shape
    last = gap + 1
    while words.parts[last : last + 1] and words.parts[last] in IN_NAMES:
        last += 1
    given = words.text[words.starts[gap + 1] : words.starts[last]]
    is_end = (words.parts[last : last + 1] or "_") in "_c(.):HDp"
    if not 1 <= len(given) <= 4 or not is_end or not _KANJI.fullmatch(given) or is_surname(given):
        return shape
    return Shape(shape.start, words.starts[last], "full", shape.surname)


def surname_from(words: Words, index: int) -> Shape | None:
    """A surname of one word, or of a few that are one only together."""
    start = words.starts[index]
    for last in range(min(index + 3, len(words.surfaces)), index, -1):
        if any(part not in IN_NAMES for part in words.parts[index:last]):
            continue
        surname = words.text[start : words.starts[last]]
        if (last == index + 1 and can_be_surname(words, index)) or (
            last > index + 1 and (is_surname(surname) if len(surname) > 2 else is_common_surname(surname))
        ):
            return Shape(start, words.starts[last], "surname", surname)
    return None


def full_from(words: Words, index: int) -> Shape | None:
    """A surname and a given name that begin at a word: joined, with a space, or with the reading of the surname between."""
    start = words.starts[index]
    best: Shape | None = None
    for middle in range(index + 1, min(index + 4, len(words.surfaces))):
        if words.parts[middle - 1] not in IN_NAMES:
            break
        surname = words.text[start : words.starts[middle]]
        if not (can_be_surname(words, index) if middle == index + 1 else is_surname(surname)):
            continue
        gap = words.parts[middle]
        after = middle
        if gap == "_" and len(words.surfaces[middle]) == 1:
            after = middle + 1
        elif gap == "(":
            reading = READING.match(words.text, words.starts[middle])
            after = (reading and words.index_of(reading.end())) or middle
        end = _given_end(words, after, is_parted=after != middle)
        if end and (best is None or end >= best.end):
            best = Shape(start, end, "full", surname)
    return best or _one_run(words, index)


def _one_run(words: Words, index: int) -> Shape | None:
    """A full name whose two parts the tokenizer cut elsewhere."""
    last = index
    while last < len(words.surfaces) and last - index < _MOST_WORDS and words.parts[last] in "SGPLKNzd":
        last += 1
    run = words.text[words.starts[index] : words.starts[last]]
    if last - index < 2 or not 3 <= len(run) <= 6 or not _KANJI.fullmatch(run):
        return None
    found = parted(run)
    if found is None or not is_common_surname(found[0]) or len(found[1]) < 2 or not _ends_well(words, last):
        return None
    return Shape(words.starts[index], words.starts[last], "full", found[0])


def _given_end(words: Words, index: int, *, is_parted: bool) -> int | None:
    """Where a given name that begins at a word ends; the longest."""
    if index >= len(words.surfaces):
        return None
    start, found = words.starts[index], None
    for last in range(index + 1, min(index + 4, len(words.surfaces)) + 1):
        part = words.parts[last - 1]
        surface = words.surfaces[last - 1]
        if part not in IN_NAMES and not (part in "BTXZERCD" and is_given(surface) and is_parted):
            break
        given = words.text[start : words.starts[last]]
        if len(given) > 5:
            break
        is_name = part == "G" and last == index + 1
        if (is_name or is_given(given) or _is_odd(words, index, last)) and _fits(
            words, index, last, is_name=is_name, is_parted=is_parted
        ):
            found = words.starts[last]
    return found


def _is_odd(words: Words, index: int, last: int) -> bool:
    """Whether two or three kanji, one of them a name by itself, are a given name nobody has listed: 叶夢, 心結, 那央衣."""
    given = words.text[words.starts[index] : words.starts[last]]
    parts = words.parts[index:last]
    return (
        2 <= len(given) <= 3
        and len(parts) > 1
        and _KANJI.fullmatch(given) is not None
        and set(parts) <= set("SGNLKvzdx")
        and all(
            len(one) == 1 or part in "SG" for one, part in zip(words.surfaces[index:last], parts, strict=True)
        )
        and ("G" in parts or "S" in parts or any(map(is_given, given)))
        and not kinds(given)
        and _RANK.fullmatch(given) is None
    )


def _fits(words: Words, index: int, last: int, *, is_name: bool, is_parted: bool) -> bool:
    """Whether what stands around a given name leaves it one."""
    given = words.text[words.starts[index] : words.starts[last]]
    if not is_parted and _RANK.fullmatch(given):
        return False
    if is_name:
        return is_parted or words.parts[last : last + 1] not in ("X", "Z")
    if not _ends_well(words, last):
        return False
    if _HIRAGANA.fullmatch(given):
        return is_parted or (len(given) > 1 and words.parts[index] in "GSN" and last == index + 1)
    return True


def _ends_well(words: Words, last: int) -> bool:
    """Whether no noun follows that would make a longer word of a name."""
    return last >= len(words.surfaces) or words.parts[last] not in "NXZKLSGPERzd"


def name_before(words: Words, index: int) -> Shape | None:
    """The name that ends right in front of a word, a space between or not: full, surname, given name, foreign, or unknown kanji."""
    last = index
    if last and words.parts[last - 1] == "_" and len(words.surfaces[last - 1]) == 1:
        last -= 1
    end = words.starts[last]
    reading = last and words.parts[last - 1] == ")" and _reading_before(words, last)
    if reading:
        last, end = reading, words.starts[reading]
    first = last
    while (
        first
        and last - first < _MOST_WORDS + 1
        and (words.parts[first - 1] in IN_NAMES or _is_gap(words, first - 1))
    ):
        first -= 1
    best: Shape | None = None
    for start in range(first, last):
        found = full_from(words, start)
        if found and found.end == end:
            return found
    unlisted = _unlisted_before(words, first, last)
    if unlisted:
        return unlisted
    foreign = KATAKANA_BEFORE.search(words.text, max(0, end - 60), end)
    if foreign:
        return foreign_before(foreign)
    for start in range(last - 1, first - 1, -1):
        shape = _ending(words, start, last)
        if shape:
            best = shape
        if "_" in words.parts[start:last]:
            break
    if best and best.made == "given":
        best = _with_unknown_surname(words, first, last) or best
    return best or _unknown(words, first, last)


def _unlisted_before(words: Words, first: int, last: int) -> Shape | None:
    """A surname and kanji that nothing lists, up to an honorific: 湯川 閑人 殿, 永野身衣子さん."""
    for start in range(first, last - 1):
        if words.parts[start] != "S":
            continue
        after = start + 2 if _is_gap(words, start + 1) else start + 1
        given = words.text[words.starts[after] : words.starts[last]]
        is_parted = after > start + 1
        inner = words.parts[after:last]
        if not given or len(given) > 4 or not _KANJI.fullmatch(given) or "_" in inner or "S" in inner[:1]:
            continue
        if is_parted or all(
            len(one) == 1 or part == "G" for one, part in zip(words.surfaces[after:last], inner, strict=True)
        ):
            return Shape(words.starts[start], words.starts[last], "full", words.surfaces[start])
    return None


def _with_unknown_surname(words: Words, first: int, last: int) -> Shape | None:
    """A given name with a few kanji in front, cut off from what stands before, that nothing knows as a surname."""
    start = last - 1
    while start > first and words.parts[start - 1] in "NdzLK" and _KANJI.fullmatch(words.surfaces[start - 1]):
        start -= 1
    surname = words.text[words.starts[start] : words.starts[last - 1]]
    if not 1 <= len(surname) <= 4 or (start and words.parts[start - 1] in IN_NAMES):
        return None
    return Shape(words.starts[start], words.starts[last], "unknown", surname)


def _is_gap(words: Words, index: int) -> bool:
    """Whether a word is one space, as between surname and given name."""
    return words.parts[index : index + 1] == "_" and len(words.surfaces[index]) == 1


def _reading_before(words: Words, last: int) -> int:
    """The word at which a reading in brackets that ends in front of a word begins; 0 where none does."""
    opened = words.parts.rfind("(", 0, last)
    found = opened > 0 and READING.fullmatch(words.text[words.starts[opened] : words.starts[last]])
    return opened if found else 0


def _ending(words: Words, start: int, last: int) -> Shape | None:
    """A name of the words up to a place: one word that is a name, or some that are a surname together."""
    part, text = words.parts[start], words.text[words.starts[start] : words.starts[last]]
    made = ""
    if (
        last - start == 1
        and can_be_surname(words, start)
        or last - start > 1
        and (is_surname(text) if len(text) > 2 else is_common_surname(text))
    ):
        made = "surname"
    elif last - start == 1 and part == "G":
        made = "given"
    elif last - start == 1 and part == "P":
        made = "full"
    return Shape(words.starts[start], words.starts[last], made, text) if made else None


def _unknown(words: Words, first: int, last: int) -> Shape | None:
    """Kanji the dictionary does not have as a word, cut into single characters or behind a surname."""
    space = words.parts.rfind("_", first, last)
    start = space + 1 if space >= 0 else first
    text = words.text[words.starts[start] : words.starts[last]]
    if not 2 <= len(text) <= 5 or not _KANJI.fullmatch(text) or kinds(text):
        return None
    singles = sum(len(one) == 1 for one in words.surfaces[start:last])
    if singles < last - start and not can_be_surname(words, start):
        return None
    return Shape(words.starts[start], words.starts[last], "unknown", text)
