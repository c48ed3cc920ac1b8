"""Judges values: what a value must be to count as a date of birth, a card number, a telephone number ...

Each check takes a column of text whose width is folded (`fold.width`) and gives, in its place, the value in its one form, or
null where it is no such value. A quick look at the shape of a value (RE2) spares most columns the rest of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold, name_lists
from pipeline.match.personal_data.masks import (
    Check,
    Flags,
    among,
    filled,
    flags,
    letters,
    matches,
    only,
    where,
)
from pipeline.match.personal_data.place_values import (
    address,
    address_of_row,
    address_part,
    address_start,
    building,
    known_place,
    street,
)
from pipeline.match.personal_data.places import postal_codes

_Digits = np.ndarray[Any, np.dtype[np.uint8]]

# Eras with the Gregorian year before their first: Act on era names; Meiji 1868, Taisho 1912, Showa 1926, Heisei 1989, Reiwa 2019.
_ERAS = MappingProxyType(
    {"明治": 1867, "M": 1867, "大正": 1911, "T": 1911, "昭和": 1925, "S": 1925, "平成": 1988, "H": 1988,
     "令和": 2018, "R": 2018}
)  # fmt: skip
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_ERA = r"(?:(?P<era>明治|大正|昭和|平成|令和|[MTSHR])\.?)"
_MIDNIGHT = r"(?:[T ]?0{1,2}:00(?::00(?:\.0+)?)?Z?)?"
# Ways to write a day; the first that fits decides. Spaces are gone before.
_DAYS = (
    rf"^(?P<year>\d{{4}})(?:年|[./-])(?P<month>\d{{1,2}})(?:月|[./-])(?P<day>\d{{1,2}})日?{_MIDNIGHT}$",
    rf"^{_ERA}(?P<year>元|\d{{1,2}})(?:年|[./-])(?P<month>\d{{1,2}})(?:月|[./-])(?P<day>\d{{1,2}})日?$",
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})$",
    r"^(?P<era>[MTSHR])(?P<year>\d{2})(?P<month>\d{2})(?P<day>\d{2})$",
    r"^(?P<month>\d{1,2})[/-](?P<day>\d{1,2})[/-](?P<year>\d{4})$",
    r"^(?P<day>\d{1,2})-?(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*[-,.]?(?P<year>\d{4})$",
    r"^(?P<month>JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)[A-Z]*\.?(?P<day>\d{1,2}),(?P<year>\d{4})$",
)
# Two digits for a year: of the era or of the century, nobody knows. It counts as a date, it is no key (values.py keeps it short).
_SHORT_DAY = r"^(?P<year>\d{2})(?:年|[./-])(?P<month>\d{1,2})(?:月|[./-])(?P<day>\d{1,2})日?$"
_EARLIEST, _LATEST = 1880, 2100
_DAYS_OF_MONTH = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

_EMAIL = r"^[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$"
_NAME = r"^[^\d@/\\<>{}=+_#$%&*|\"\n]{1,40}$"
# A number written in Japan's own way: zero, area, number, with the usual marks between; words before, an extension behind.
_PHONE_WORDS = r"(?i)^(?:tel|電話|携帯|自宅|fax|mobile|phone)[.:：\s]*|\s*(?:\(?内線|ext\.?|x)\s*\d+\)?$|\((?:携帯|自宅|会社|勤務先)\)$"
_PHONE_MARKS = r"[ ()·-]|\b\.\b"
_PLAIN_PHONE = r"^0[1-9]\d{8,9}$"
_USUAL_PHONE = r"^0[1-9][\d-]{7,12}\d$"  # most are written so; nothing in it but hyphens has to go
_FOREIGN_PHONE = r"^(?:\+|00)[1-9][\d ().-]{5,21}$"  # no country begins with zero, numbers of members do
_SEXES = (
    "男", "女", "男性", "女性", "男子", "女子", "m", "f", "male", "female", "man", "woman", "1", "2", "9", "0",
    "その他", "不明", "未回答", "回答しない", "other", "unknown", "オトコ", "オンナ",
)  # fmt: skip
_CARD_BRANDS = (
    r"^(?:4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|3[47]\d{13}|30[0-5]\d{11}|3[689]\d{12}|6011\d{12}|64[4-9]\d{13}|65\d{14}|62\d{14,17})$"
)
_NO_VALUES = pa.array([], pa.string())
_MY_NUMBER_WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
_LICENCE_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])


@only(r"\d")
def birth_date(values: pa.Array) -> pa.Array:
    """A date of birth as YYYY-MM-DD, Gregorian or of a Japanese era; as YY-MM-DD where the century is not written."""
    folded = pc.utf8_upper(fold.without_spaces(fold.hyphens(values)))
    found = pa.nulls(len(values), pa.string())
    for pattern in (*_DAYS, _SHORT_DAY):
        parts = pc.extract_regex(folded, pattern)
        if parts.null_count < len(parts):
            found = pc.coalesce(found, _day(parts, is_short=pattern is _SHORT_DAY))
        if found.null_count == folded.null_count:
            break
    return found


@only(r"^[\d\s-]{13,30}$|^[\d‐‑‒–—―−－ ]{13,30}$")
def card(values: pa.Array) -> pa.Array:
    """A payment card number: Luhn and the ranges of the brands, digits only.

    Ranges: ISO/IEC 7812 as the brands publish them (Visa 4, Mastercard 51-55 and 2221-2720, JCB 3528-3589, Amex 34 and 37,
    Diners 300-305, 36, 38, 39, Discover 6011, 644-649, 65, UnionPay 62).
    """
    digits = fold.replaced(fold.hyphens(values), r"[\s-]", "")
    return where(digits, _by_digits(digits, _CARD_BRANDS, _luhn))


@only(r"^\d{4}.?\d{4}.?\d{4}$")
def my_number(values: pa.Array) -> pa.Array:
    """An individual number: twelve digits of which the last is the check digit (Cabinet order on My Number, Art. 8)."""
    digits = fold.replaced(fold.hyphens(values), r"[\s-]", "")
    return where(digits, _by_digits(digits, r"^\d{12}$", _my_number_check))


@only(r"\d{5}")
def insurer_number(values: pa.Array) -> pa.Array:
    """A number of a health insurer: eight digits, the last a check digit of weights 2 and 1; six digits for kokuho."""
    digits = fold.number(values)
    return where(digits, _by_digits(digits, r"^\d{8}$|^\d{6}$", _luhn))


@only(r"^\d{4}.?\d{4}.?\d{4}$")
def driving_licence(values: pa.Array) -> pa.Array:
    """A number of a driving licence: twelve digits, two of a commission first, the eleventh a check digit.

    The weights are public, not official (https://tetsutalow.github.io/driversnumbercheckdigit, http://jiko0.com/bangou.html).
    """
    digits = fold.replaced(fold.hyphens(values), r"[\s-]", "")
    return where(digits, _by_digits(digits, r"^(?:[1-8]\d|9[0-7])\d{10}$", _licence_check))


@only("@")
def email(values: pa.Array) -> pa.Array:
    """A mail address in lower case."""
    folded = fold.replaced(pc.utf8_lower(values), "^mailto:", "")
    return where(folded, matches(folded, _EMAIL))


def name(values: pa.Array) -> pa.Array:
    """What may be a name: some letters, no digits and no signs of other things."""
    return where(values, matches(values, _NAME) & matches(values, r"\p{L}"))


@only(r"^[\p{Han}\p{Hiragana}\p{Katakana}々ヶー]{1,6}\s*[\p{Han}\p{Hiragana}\p{Katakana}々ー]{1,6}$")
def known_name(values: pa.Array) -> pa.Array:
    """A name whose surname and given name stand in lists of names."""
    return where(values, flags(name_lists.is_person(values)))


@only(letters(5))
def known_surname(values: pa.Array) -> pa.Array:
    """A surname that stands in a list of names."""
    return where(values, flags(name_lists.is_surname(values)))


@only(letters(5))
def surname_of_no_place(values: pa.Array) -> pa.Array:
    """A surname that stands in a list of names, and no prefecture or municipality is called so."""
    return where(values, flags(name_lists.is_surname_of_no_place(values)))


@only(r"^[\p{Hiragana}\p{Katakana}ー]{1,8}$")
def known_surname_kana(values: pa.Array) -> pa.Array:
    """The reading of a listed surname, as katakana."""
    return where(fold.kana(values), flags(name_lists.is_surname_reading(values)))


@only(r"^[\p{Hiragana}\p{Katakana}ー]{1,9}$")
def known_given_kana(values: pa.Array) -> pa.Array:
    """The reading of a listed given name, as katakana."""
    return where(fold.kana(values), flags(name_lists.is_given_reading(values)))


@only(letters(6))
def known_given_name(values: pa.Array) -> pa.Array:
    """A given name that stands in a list of names."""
    return where(values, flags(name_lists.is_given_name(values)))


@only(r"^[\p{Hiragana}\p{Katakana}ー]{2,8}\s*[\p{Hiragana}\p{Katakana}ー]{2,9}$")
def known_kana(values: pa.Array) -> pa.Array:
    """A name in kana whose parts are readings of listed names, as katakana without spaces."""
    return where(fold.kana(values), flags(name_lists.is_reading(values)))


@only(r"^[A-Za-z]{2,12}[\s,]+[A-Za-z]{2,12}$")
def known_romaji(values: pa.Array) -> pa.Array:
    """A name in Latin letters whose parts are readings of listed names."""
    return where(values, flags(name_lists.is_romanised(values)))


@only(r"^[\p{Hiragana}\p{Katakana}ー・\s]+$")
def kana(values: pa.Array) -> pa.Array:
    """A name in kana, as katakana without spaces."""
    folded = fold.kana(values)
    return where(folded, matches(folded, "^[ァ-ヶー・]+$"))


def sex(values: pa.Array) -> pa.Array:
    """A word for a sex."""
    return among(pc.utf8_lower(values), _SEXES)


@only(r"\d.*\d.*\d.*\d.*\d.*\d.*\d")
def phone(values: pa.Array) -> pa.Array:
    """A telephone number in E.164, read as Japanese where it has no country."""
    plain = matches(values, _USUAL_PHONE)
    if plain.all():
        return _national(pc.replace_substring(values, "-", ""))
    if plain.any():
        usual = _national(pc.replace_substring(where(values, plain), "-", ""))
        return pc.coalesce(usual, _any_phone(where(values, ~plain)))
    return _any_phone(values)


def _national(digits: pa.Array) -> pa.Array:
    """Digits with their zero as E.164 where Japan has such a number."""
    mask = matches(digits, _PLAIN_PHONE) & matches(digits, _japanese())
    return where(pc.binary_join_element_wise("+81", pc.utf8_slice_codeunits(digits, 1), ""), mask)


def _any_phone(values: pa.Array) -> pa.Array:
    """A telephone number however it is written."""
    folded = fold.replaced(values, r"^(?:['’`]|=\")|\"$", "")  # signs that keep digits text in a sheet
    folded = fold.replaced(fold.replaced(folded, _HYPHEN_OF_PHONES, "-"), _PHONE_WORDS, "")
    folded = pc.utf8_trim_whitespace(fold.replaced(folded, r"\s*[/,;、].*$", ""))
    digits = fold.replaced(folded, _PHONE_MARKS, "")
    # The country may stand in front; a spreadsheet that took the number for a quantity lost its zero.
    digits = fold.replaced(digits, r"^(?:\+81|0081|81)?0?([1-9]\d{8,9})(?:\.0)?$", r"0\1")
    found = _national(digits)
    foreign = matches(folded, _FOREIGN_PHONE) & ~flags(pc.is_valid(found))
    if foreign.any():
        elsewhere = fold.each_distinct(where(folded, foreign), _foreign_phone)
        found = pc.coalesce(found, elsewhere)
    return found


@only(r"^(?:['’`]|=\")?〒?\s*\d{3}[-‐‑‒–—―−－ーｰ\s]?\d{2,4}\"?$")
def postal_code(values: pa.Array) -> pa.Array:
    """A Japanese postal code as seven digits; zeros a spreadsheet lost in front are given back where the code exists."""
    # Signs that keep digits text in a sheet go: '100-0001, ="100-0001".
    folded = fold.replaced(fold.replaced(values, _HYPHEN_OF_PHONES, "-"), r"^(?:['’`]|=\")|\"$|〒|\s", "")
    digits = fold.replaced(folded, r"^(\d{3})-(\d{4})$", r"\1\2")
    whole = where(digits, matches(digits, r"^\d{7}$"))
    short = matches(digits, r"^\d{5,6}$")
    if not short.any():
        return whole
    padded = pc.utf8_lpad(where(digits, short), 7, "0")
    return pc.coalesce(whole, where(padded, flags(postal_codes().holds(padded))))


@only(r"^〒?\s*\d{3}[-‐‑‒–—―−－ーｰ\s]?\d{4}$")
def existing_postal_code(values: pa.Array) -> pa.Array:
    """A postal code that Japan Post has."""
    found = postal_code(values)
    return where(found, flags(postal_codes().holds(found)))


@only(r"\d")
def number(values: pa.Array) -> pa.Array:
    """A number somebody gave to a person: short, with a digit."""
    folded = fold.number(values)
    return where(folded, matches(folded, "^[A-Z0-9._/]{1,32}$") & matches(folded, r"\d"))


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "name": name,
        "known_name": known_name,
        "known_surname": known_surname,
        "surname_of_no_place": surname_of_no_place,
        "known_given_name": known_given_name,
        "known_surname_kana": known_surname_kana,
        "known_given_kana": known_given_kana,
        "kana": kana,
        "known_kana": known_kana,
        "known_romaji": known_romaji,
        "birth_date": birth_date,
        "sex": sex,
        "postal_code": postal_code,
        "existing_postal_code": existing_postal_code,
        "address": address,
        "address_of_row": address_of_row,
        "address_start": address_start,
        "street": street,
        "building": building,
        "known_place": known_place,
        "address_part": address_part,
        "phone": phone,
        "email": email,
        "number": number,
        "card": card,
        "my_number": my_number,
        "insurer_number": insurer_number,
        "driving_licence": driving_licence,
        "filled": filled,
    }
)
# In a number the long vowel sign and the hyphen of kana stand for a hyphen, which in a name they do not.
_HYPHEN_OF_PHONES = r"[‐‑‒–—―−－ーｰ]"


def matching(pattern: str) -> Check:
    """A check by a pattern (RE2) that the whole value must match once its width is folded.

    Raises:
        pa.ArrowInvalid: the pattern is none.
    """
    whole = rf"^(?:{pattern})$"
    pc.match_substring_regex(_NO_VALUES, whole)

    def check(values: pa.Array) -> pa.Array:
        return where(values, matches(values, whole))

    return check


def containing(pattern: str) -> Check:
    """A check by words (RE2), one of which must stand in a value that is not a word for nothing.

    Raises:
        pa.ArrowInvalid: the pattern is none.
    """
    pc.match_substring_regex(_NO_VALUES, pattern)

    def check(values: pa.Array) -> pa.Array:
        folded = filled(values)
        return where(folded, matches(folded, pattern))

    return check


def one(check: Check, text: str) -> str | None:
    """A check on a single value."""
    return check(fold.width(pa.array([text], pa.string())))[0].as_py()  # type: ignore[no-any-return]


def _day(parts: pa.Array, *, is_short: bool) -> pa.Array:
    """Year, month and day as found, as a date, where there is such a day."""
    names = {field.name for field in parts.type}
    year = pc.if_else(pc.equal(pc.struct_field(parts, "year"), "元"), "1", pc.struct_field(parts, "year"))
    month = pc.struct_field(parts, "month")
    if pc.any(pc.match_substring_regex(month, "[A-Z]")).as_py():
        for index, word in enumerate(_MONTHS, 1):
            month = fold.replaced(month, f"^{word}$", str(index))
    day = pc.struct_field(parts, "day")
    y, m, d = (_numbers(part) for part in (year, month, day))
    if "era" in names:
        era = pc.struct_field(parts, "era")
        base = pa.array([_ERAS.get(word or "", 0) for word in era.dictionary_encode().dictionary.to_pylist()])
        y = y + _numbers_of(base.take(era.dictionary_encode().indices))
    leap = (y % 4 == 0) & ((y % 100 != 0) | (y % 400 == 0))
    most = _DAYS_OF_MONTH[np.clip(m, 0, 12)] - ((m == 2) & ~leap & (not is_short))
    is_year = np.ones(len(y), np.bool_) if is_short else (y >= _EARLIEST) & (y <= _LATEST)
    mask = is_year & (m >= 1) & (m <= 12) & (d >= 1) & (d <= most) & ~flags(pc.is_null(parts))
    written = [
        pc.utf8_lpad(pa.array(part).cast(pa.string()), size, "0")
        for part, size in ((y, 2 if is_short else 4), (m, 2), (d, 2))
    ]
    return where(pc.binary_join_element_wise(*written, "-"), mask)


def _numbers(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    return _numbers_of(values.cast(pa.int64()))


def _numbers_of(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(pc.fill_null(values, 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def _by_digits(values: pa.Array, pattern: str, judge: Callable[[_Digits], Flags]) -> Flags:
    """A judgement over the digits of each value that matches a pattern of digits, values of one length together."""
    result = np.zeros(len(values), np.bool_)
    lengths = np.where(matches(values, pattern), _numbers_of(pc.utf8_length(values)), 0)
    for length in np.unique(lengths[lengths > 0]):
        places = np.flatnonzero(lengths == length)
        taken = "".join(values.take(pa.array(places)).to_pylist())
        content = np.frombuffer(taken.encode("ascii"), np.uint8)
        result[places] = judge((content - ord("0")).reshape(len(places), length))
    return result


def _luhn(digits: _Digits) -> Flags:
    doubled = digits[:, -2::-2].astype(np.int64) * 2
    return np.asarray(
        (digits[:, -1::-2].sum(axis=1) + doubled.sum(axis=1) - 9 * (doubled > 9).sum(axis=1)) % 10 == 0
    )


def _my_number_check(digits: _Digits) -> Flags:
    left = (digits[:, :11].astype(np.int64) * _MY_NUMBER_WEIGHTS).sum(axis=1) % 11
    return np.asarray(np.where(left <= 1, 0, 11 - left) == digits[:, 11])


def _licence_check(digits: _Digits) -> Flags:
    left = (digits[:, :10].astype(np.int64) * _LICENCE_WEIGHTS).sum(axis=1) % 11
    return np.asarray((11 - left) % 10 == digits[:, 10])


def _foreign_phone(text: str) -> str | None:
    try:
        parsed = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


@cache
def _japanese() -> str:
    """Every kind of number of Japan, with its zero, as the metadata of phonenumbers has them: what that package calls valid."""
    told: Any = phonenumbers.PhoneMetadata.metadata_for_region("JP")
    kinds = (
        told.fixed_line, told.mobile, told.toll_free, told.premium_rate, told.shared_cost, told.personal_number,
        told.voip, told.pager, told.uan, told.voicemail,
    )  # fmt: skip
    patterns = [
        one.national_number_pattern for one in kinds if one is not None and one.national_number_pattern
    ]
    return f"^0(?:{'|'.join(f'(?:{one})' for one in patterns)})$"
