"""Folds what people write to one form for comparison, column by column: width, spaces, kana, names, addresses.

Every function takes a `pa.Array` of strings and gives one of the same length; null stays null. Nothing here judges: what is
no name comes back folded all the same (`values.py` judges). All but `width` and `header` take values whose width is folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Variation selectors say which drawing of a character is meant, never which name.
_SELECTORS = r"[\x{FE00}-\x{FE0F}\x{E0100}-\x{E01EF}]"
_SPACES = r"[\s\x{3000}]+"
_HYPHENS = r"[‐‑‒–—―−－]"
_TITLES = r"(様|さま|殿|先生|さん|御中)$"
_HIRAGANA = "[ぁ-ゖ]"
_TO_KATAKANA = {sign: sign + 0x60 for sign in range(0x3041, 0x3097)}
_KANJI_NUMBER = r"[〇一二三四五六七八九十](?:丁目|番|号)"
_KANJI_PARTS = r"^(?P<front>.*?)(?P<number>[〇一二三四五六七八九十]+)(?P<back>(?:丁目|番|号).*)$"
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
_BLOCK = r"-*(丁目|番地の|番地|番|号|の(\d)|-)-*"
_PLAIN_BLOCK = r"-*(?:丁目|番地の|番地|番|号|-)-*"  # where no branch of a block is written
_BRANCH = r"の\d"
_BLOCK_SIGNS = rf"丁目|番|号|--|{_BRANCH}"
# NFKC leaves these signs as they are: ASCII, kana that are whole, unified ideographs and their mark of repetition.
_UNFOLDED = r"[^\x00-\x7Fぁ-ゖァ-ヺー一-鿿々]"
# Bytes of which a value must have one for its pattern to match: where a whole column has none, nobody asks value by value.
_OF_SPACES = (b"\t", b"\n", b"\f", b"\r", "\u3000".encode())
_OF_HYPHENS = (b"\xe2", b"\xef")
_OF_TITLES = tuple(one.encode() for one in ("様", "さま", "殿", "先生", "さん", "御中"))
_OF_KANJI_NUMBERS = tuple(one.encode() for one in ("丁目", "番", "号"))
_OF_BLOCKS = (*_OF_KANJI_NUMBERS, b"--", "の".encode())
_GAP = r"([0-9])[\s\x{3000}]+([0-9])"
_ROOM = r"([0-9])号?室"
_FEW = 5_000  # Arrow makes its own table of the words for every question
_MOST_KANJI_NUMBERS = 4  # 丁目, 番, 号, and one in the name of a building


def width(values: pa.Array) -> pa.Array:
    """NFKC without variation selectors, ends trimmed."""
    if not pc.all(pc.string_is_ascii(values)).as_py():
        values = _where(values, _UNFOLDED, _normal)
    return pc.utf8_trim_whitespace(values)


def _normal(values: pa.Array) -> pa.Array:
    return pc.utf8_normalize(replaced(values, _SELECTORS, ""), form="NFKC")


def replaced(values: pa.Array, pattern: str, by: str, signs: Sequence[bytes] = ()) -> pa.Array:
    """Every match of a pattern (RE2) replaced; looking first is several times faster where there are few.

    `signs` are bytes of which every match has one, where that is known.
    """
    if signs and not has_any(values, signs):
        return values
    return _where(values, pattern, lambda those: pc.replace_substring_regex(those, pattern, by))


def has_any(values: pa.Array, signs: Sequence[bytes]) -> bool:
    """Whether any of these bytes may stand in a column: never false where they do. Looks at all values as one."""
    offsets, content = values.buffers()[1:]
    if content is None:
        return False
    ends = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    whole = content.slice(int(ends[0]), int(ends[-1] - ends[0])).to_pybytes()
    is_ascii = whole.isascii()
    return any(one in whole for one in signs if one.isascii() or not is_ascii)


def without_spaces(values: pa.Array) -> pa.Array:
    """Every space taken out, the wide one as well."""
    # The plain one without a pattern: it is in most names.
    plain = pc.replace_substring(values, " ", "") if has_any(values, (b" ",)) else values
    return replaced(plain, _SPACES, "", _OF_SPACES)


def hyphens(values: pa.Array) -> pa.Array:
    """Every kind of hyphen, dash and minus as the plain hyphen."""
    return replaced(values, _HYPHENS, "-", _OF_HYPHENS)


def kana(values: pa.Array) -> pa.Array:
    """Kana: hiragana as katakana, without spaces."""
    return katakana(without_spaces(values))


def katakana(values: pa.Array) -> pa.Array:
    """Hiragana as katakana."""
    return _translated(values, _HIRAGANA, _TO_KATAKANA)


def name(values: pa.Array, variants: Mapping[str, str]) -> pa.Array:
    """A name: variant kanji folded, without spaces, marks and titles; Latin letters in lower case."""
    folded = _translated(
        without_spaces(values),
        f"[{''.join(map(re.escape, variants))}]",
        {ord(sign): common for sign, common in variants.items()},
    )
    folded = replaced(folded, _TITLES, "", _OF_TITLES)
    return pc.utf8_lower(pc.utf8_trim(folded, characters="・.,、。"))


def address(values: pa.Array) -> pa.Array:
    """An address: no spaces, blocks and room as 1-2-3-405, kanji numbers before a block as digits."""
    gaps = (b" ", *_OF_SPACES)
    apart = replaced(
        values, _GAP, r"\1-\2", gaps
    )  # a gap between two numbers tells them apart, as a hyphen does
    if apart is not values:  # once more: matches do not overlap, and 1 2 3 has two gaps
        apart = replaced(apart, _GAP, r"\1-\2", gaps)
    folded = replaced(hyphens(without_spaces(apart)), _ROOM, r"\1", ("室".encode(),))
    if has_any(folded, _OF_KANJI_NUMBERS):
        folded = _where(folded, _KANJI_NUMBER, _kanji_numbers)
    if has_any(folded, _OF_BLOCKS):
        folded = _where(folded, _BLOCK_SIGNS, _blocks)
    return pc.utf8_lower(pc.utf8_trim(folded, characters="-"))


def _blocks(values: pa.Array) -> pa.Array:
    """Signs of blocks as hyphens; a pattern without a group to put back is several times faster."""
    rest = pc.replace_substring_regex(values, _PLAIN_BLOCK, "-")
    return _where(values, _BRANCH, lambda those: pc.replace_substring_regex(those, _BLOCK, r"-\2"), rest)


def number(values: pa.Array) -> pa.Array:
    """A number somebody was given: upper case, without spaces and hyphens."""
    return pc.utf8_upper(pc.replace_substring(without_spaces(hyphens(values)), "-", ""))


def header(text: str) -> str:
    """A header word: width folded, lower case, without spaces and the signs of brackets around notes."""
    folded = re.sub(
        r"[\s()\[\]【】「」『』:：*※_・]+", "", unicodedata.normalize("NFKC", text).strip().lower()
    )
    return folded.replace("さま", "様")


class Listed:
    """A list of words to look values up in: by a table made once for few values, by Arrow's for many."""

    def __init__(self, words: pa.Array) -> None:
        """Take the words."""
        self.words = words
        self._table = frozenset(words.to_pylist())

    def holds(self, values: pa.Array) -> pa.Array:
        """Whether each value is one of the words; null is none."""
        if len(values) > _FEW:
            return pc.is_in(values, value_set=self.words)
        return pa.array([one in self._table for one in values.to_pylist()], pa.bool_())


def each_distinct(values: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """A Python function over the distinct values, put back by index: for kinds of which a column has few, or none faster."""
    encoded = values.dictionary_encode()
    made = [None if one is None else change(one) for one in encoded.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(encoded.indices)


def _translated(values: pa.Array, having: str, table: Mapping[int, str | int | None]) -> pa.Array:
    """Signs replaced by a table, in the values that have one of them."""

    def changed(those: pa.Array) -> pa.Array:
        return pa.array([one.translate(table) for one in those.to_pylist()], pa.string())

    return _where(values, having, changed)


def _where(
    values: pa.Array, pattern: str, change: Callable[[pa.Array], pa.Array], others: pa.Array | None = None
) -> pa.Array:
    """Those values that a pattern (RE2) matches, changed, among all others as they are or as given."""
    mask = pc.fill_null(pc.match_substring_regex(values, pattern), False)
    count = pc.sum(mask).as_py() or 0
    rest = values if others is None else others
    if not count:
        return rest
    return (
        change(values)
        if count == len(values)
        else pc.replace_with_mask(rest, mask, change(values.filter(mask)))
    )


def _kanji_numbers(values: pa.Array) -> pa.Array:
    """Numbers of blocks written in kanji as digits, from the front on."""
    for _ in range(_MOST_KANJI_NUMBERS):
        parts = pc.extract_regex(values, _KANJI_PARTS)
        if not pc.any(pc.is_valid(parts)).as_py():
            break
        numbers = each_distinct(pc.struct_field(parts, "number"), _number)
        front, back = pc.struct_field(parts, "front"), pc.struct_field(parts, "back")
        values = pc.coalesce(pc.binary_join_element_wise(front, numbers, back, ""), values)
    return values


def _number(text: str) -> str:
    """A Japanese number below a hundred, or digits in a row, as digits."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return text.translate(_KANJI_DIGITS)
    return f"{(tens or '一').translate(_KANJI_DIGITS)}{(ones or '〇').translate(_KANJI_DIGITS)}"
