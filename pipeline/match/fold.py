"""Folds what people write of a person to one form for comparison: names, kana, addresses, mail, numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import phonenumbers

_SPACES = re.compile(r"[\s　]+")
_TITLES = re.compile(r"(様|さま|殿|先生|さん|御中)$")
_SELECTORS = re.compile("[︀-️\U000e0100-\U000e01ef]")
_KANA = re.compile(r"[ァ-ヶー・]+")
_HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—―−－ｰ", "-"))
_KANJI_DIGITS = str.maketrans("〇一二三四五六七八九", "0123456789")
# A number written in Japan's own way: zero, area, number, with the usual marks between.
_PHONE_MARKS = re.compile(r"[ ()-]")
_PLAIN_PHONE = re.compile(r"0[1-9]\d{8,9}")
_BLOCK = re.compile(r"(丁目|番地の|番地|番|号|の(?=\d))")


def width(text: str) -> str:
    """NFKC without variation selectors, ends trimmed."""
    return unicodedata.normalize("NFKC", _SELECTORS.sub("", text)).strip()


def header(text: str) -> str:
    """A header word: width folded, lower case, without spaces and brackets around notes."""
    folded = width(text).lower()
    return re.sub(r"[\s()\[\]【】「」『』:：*※_]+", "", folded)


def name(text: str, variants: Mapping[str, str]) -> str:
    """A name: width and variant kanji folded, without spaces, marks and titles; Latin names in lower case."""
    folded = _SPACES.sub("", width(text))
    folded = "".join(variants.get(sign, sign) for sign in folded)
    return _TITLES.sub("", folded).strip("・.,、。").lower()


def kana(text: str) -> str:
    """Kana: width folded, hiragana as katakana, without spaces."""
    folded = _SPACES.sub("", width(text))
    return "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in folded)


def is_kana(text: str) -> bool:
    """Whether a text is kana only."""
    return _KANA.fullmatch(kana(text)) is not None


def email(text: str) -> str:
    """A mail address in lower case, width folded."""
    return width(text).lower().removeprefix("mailto:")


def phone(text: str) -> str | None:
    """A telephone number in E.164, read as Japanese where it has no country; None where it is none."""
    folded = width(text).translate(_HYPHENS)
    # A number lost its leading zero where a spreadsheet took it for a quantity.
    if re.fullmatch(r"[1-9]\d{8,9}", folded):
        folded = "0" + folded
    digits = _PHONE_MARKS.sub("", folded)
    if _PLAIN_PHONE.fullmatch(digits):
        return f"+81{digits[1:]}" if _japanese().fullmatch(digits[1:]) else None
    try:
        parsed = phonenumbers.parse(folded, "JP")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@cache
def _japanese() -> re.Pattern[str]:
    """Every kind of national number of Japan as the metadata of phonenumbers has them: what it calls valid, many times faster."""
    told: Any = phonenumbers.PhoneMetadata.metadata_for_region("JP")
    kinds = (
        told.fixed_line, told.mobile, told.toll_free, told.premium_rate, told.shared_cost, told.personal_number,
        told.voip, told.pager, told.uan, told.voicemail,
    )  # fmt: skip
    patterns = [
        one.national_number_pattern for one in kinds if one is not None and one.national_number_pattern
    ]
    return re.compile("|".join(f"(?:{one})" for one in patterns))


def postal_code(text: str) -> str | None:
    """A Japanese postal code as seven digits; None where it is none."""
    folded = width(text).translate(_HYPHENS).removeprefix("〒").replace("-", "").strip()
    return folded if re.fullmatch(r"\d{7}", folded) else None


def address(text: str) -> str:
    """An address: width folded, no spaces, blocks as 1-2-3, kanji digits before a block as digits."""
    folded = _SPACES.sub("", width(text).translate(_HYPHENS))
    folded = re.sub(
        r"[〇一二三四五六七八九]+(?=丁目|番|号)", lambda found: found.group().translate(_KANJI_DIGITS), folded
    )
    folded = re.sub(r"十(?=丁目)", "10", folded)
    folded = _BLOCK.sub("-", folded)
    return re.sub(r"-+", "-", folded).strip("-").lower()


def number(text: str) -> str:
    """A customer or employee number: width folded, upper case, without spaces and hyphens."""
    return _SPACES.sub("", width(text).translate(_HYPHENS)).replace("-", "").upper()
