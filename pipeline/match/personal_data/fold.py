"""Folds what people write to one form for comparison, column by column: width, spaces, kana, names, addresses.

Every function takes a `pa.Array` of strings and gives one of the same length; null stays null. Nothing here judges: what is
no name comes back folded all the same (`values.py` judges). All but `width` and `header` take values whose width is folded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

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
_MOST_KANJI_NUMBERS = 4  # 丁目, 番, 号, and one in the name of a building


def width(values: pa.Array) -> pa.Array:
    """NFKC without variation selectors, ends trimmed."""
    if not pc.all(pc.string_is_ascii(values)).as_py():
        values = pc.utf8_normalize(replaced(values, _SELECTORS, ""), form="NFKC")
    return pc.utf8_trim_whitespace(values)


def replaced(values: pa.Array, pattern: str, by: str) -> pa.Array:
    """Every match of a pattern (RE2) replaced; looking first is several times faster where there is none."""
    if not pc.any(pc.match_substring_regex(values, pattern)).as_py():
        return values
    return pc.replace_substring_regex(values, pattern, by)


def without_spaces(values: pa.Array) -> pa.Array:
    """Every space taken out, the wide one as well."""
    return replaced(values, _SPACES, "")


def hyphens(values: pa.Array) -> pa.Array:
    """Every kind of hyphen, dash and minus as the plain hyphen."""
    return replaced(values, _HYPHENS, "-")


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
    folded = replaced(folded, _TITLES, "")
    return pc.utf8_lower(pc.utf8_trim(folded, characters="・.,、。"))


def address(values: pa.Array) -> pa.Array:
    """An address: no spaces, blocks as 1-2-3, kanji numbers before a block as digits."""
    folded = hyphens(without_spaces(values))
    mask = pc.fill_null(pc.match_substring_regex(folded, _KANJI_NUMBER), False)
    if pc.any(mask).as_py():
        folded = pc.replace_with_mask(folded, mask, _kanji_numbers(folded.filter(mask)))
    folded = pc.replace_substring_regex(folded, _BLOCK, r"-\2")
    return pc.utf8_lower(pc.utf8_trim(folded, characters="-"))


def number(values: pa.Array) -> pa.Array:
    """A number somebody was given: upper case, without spaces and hyphens."""
    return pc.utf8_upper(replaced(without_spaces(hyphens(values)), "-", ""))


def header(text: str) -> str:
    """A header word: width folded, lower case, without spaces and the signs of brackets around notes."""
    folded = re.sub(
        r"[\s()\[\]【】「」『』:：*※_・]+", "", unicodedata.normalize("NFKC", text).strip().lower()
    )
    return folded.replace("さま", "様")


def each_distinct(values: pa.Array, change: Callable[[str], str | None]) -> pa.Array:
    """A Python function over the distinct values, put back by index: for kinds of which a column has few, or none faster."""
    encoded = values.dictionary_encode()
    made = [None if one is None else change(one) for one in encoded.dictionary.to_pylist()]
    return pa.array(made, pa.string()).take(encoded.indices)


def _translated(values: pa.Array, having: str, table: Mapping[int, str | int | None]) -> pa.Array:
    """Signs replaced by a table, in the values that have one of them."""
    mask = pc.fill_null(pc.match_substring_regex(values, having), False)
    if not pc.any(mask).as_py():
        return values
    changed = [one.translate(table) for one in values.filter(mask).to_pylist()]
    return pc.replace_with_mask(values, mask, pa.array(changed, pa.string()))


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
