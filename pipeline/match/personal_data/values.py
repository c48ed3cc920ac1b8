"""Judges values: what a value must be to count as a date of birth, a card number, a telephone number ...

Each check takes a column of text whose width is folded (`fold.width`) and gives, in its place, the value in its one form, or
null where it is no such value. A quick look at the shape of a value (RE2) spares most columns the rest of a check.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from types import MappingProxyType
from typing import Any

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.match.personal_data import fold, name_lists
from pipeline.match.personal_data.places import begins_as_address, place_names, postal_codes

Check = Callable[[pa.Array], pa.Array]
_Flags = np.ndarray[Any, np.dtype[np.bool_]]
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
_PLACE = r"(?i)[都道府県市区町村郡]|\d+-\d+|丁目|番地|\b(?:street|st\.|road|rd\.|avenue|ave\.|lane|drive|blvd|apt)(?:\b|\s)|-(?:ku|shi|cho|machi)\b"
# A number written in Japan's own way: zero, area, number, with the usual marks between; words before, an extension behind.
_PHONE_WORDS = r"(?i)^(?:tel|電話|携帯|自宅|fax|mobile|phone)[.:：\s]*|\s*(?:\(?内線|ext\.?|x)\s*\d+\)?$|\((?:携帯|自宅|会社|勤務先)\)$"
_PHONE_MARKS = r"[ ()·-]|\b\.\b"
_PLAIN_PHONE = r"^0[1-9]\d{8,9}$"
_USUAL_PHONE = r"^0[1-9][\d-]{7,12}\d$"  # most are written so; nothing in it but hyphens has to go
_FOREIGN_PHONE = r"^(?:\+[1-9]|00)[\d ().-]{6,22}$"
_SEXES = (
    "男", "女", "男性", "女性", "男子", "女子", "m", "f", "male", "female", "man", "woman", "1", "2", "9", "0",
    "その他", "不明", "未回答", "回答しない", "other", "unknown", "オトコ", "オンナ",
)  # fmt: skip
_NOTHING = (
    "", "-", "--", "ー", "なし", "無し", "無", "ナシ", "ない", "無い", "n/a", "na", "no", "none", "null", "nil", "該当なし", "該当無し",
    "非該当", "特になし", "特に無し", "特記なし", "特記事項なし", "いいえ", "×", "✕", "未登録", "未記入", "未回答", "不明", "false",
)  # fmt: skip
_CARD_BRANDS = (
    r"^(?:4\d{12}|4\d{15}|4\d{18}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|35(?:2[89]|[3-8]\d)\d{12}"
    r"|3[47]\d{13}|30[0-5]\d{11}|3[689]\d{12}|6011\d{12}|64[4-9]\d{13}|65\d{14}|62\d{14,17})$"
)
_NO_VALUES = pa.array([], pa.string())
_MY_NUMBER_WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2])


def _only(shape: str) -> Callable[[Check], Check]:
    """A check that looks at the values of a shape (RE2) alone; all others are none."""

    def of(check: Check) -> Check:
        @wraps(check)
        def quick(values: pa.Array) -> pa.Array:
            mask = pc.fill_null(pc.match_substring_regex(values, shape), False)
            count = pc.sum(mask).as_py() or 0
            if count == len(values):
                return check(values)
            empty = pa.nulls(len(values), pa.string())
            return pc.replace_with_mask(empty, mask, check(values.filter(mask))) if count else empty

        return quick

    return of


@_only(r"\d")
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


@_only(r"^[\d\s-]{13,30}$|^[\d‐‑‒–—―−－ ]{13,30}$")
def card(values: pa.Array) -> pa.Array:
    """A payment card number: Luhn and the ranges of the brands, digits only.

    Ranges: ISO/IEC 7812 as the brands publish them (Visa 4, Mastercard 51-55 and 2221-2720, JCB 3528-3589, Amex 34 and 37,
    Diners 300-305, 36, 38, 39, Discover 6011, 644-649, 65, UnionPay 62).
    """
    digits = fold.replaced(fold.hyphens(values), r"[\s-]", "")
    return _where(digits, _by_digits(digits, _CARD_BRANDS, _luhn))


@_only(r"^\d{4}.?\d{4}.?\d{4}$")
def my_number(values: pa.Array) -> pa.Array:
    """An individual number: twelve digits of which the last is the check digit (Cabinet order on My Number, Art. 8)."""
    digits = fold.replaced(fold.hyphens(values), r"[\s-]", "")
    return _where(digits, _by_digits(digits, r"^\d{12}$", _my_number_check))


@_only(r"\d{5}")
def insurer_number(values: pa.Array) -> pa.Array:
    """A number of a health insurer: eight digits, the last a check digit of weights 2 and 1; six digits for kokuho."""
    digits = fold.number(values)
    return _where(digits, _by_digits(digits, r"^\d{8}$|^\d{6}$", _luhn))


@_only("@")
def email(values: pa.Array) -> pa.Array:
    """A mail address in lower case."""
    folded = fold.replaced(pc.utf8_lower(values), "^mailto:", "")
    return _where(folded, _matching(folded, _EMAIL))


def name(values: pa.Array) -> pa.Array:
    """What may be a name: some letters, no digits and no signs of other things."""
    return _where(values, _matching(values, _NAME) & _matching(values, r"\p{L}"))


@_only(r"^[\p{Han}\p{Hiragana}\p{Katakana}々ヶー]{1,6}\s*[\p{Han}\p{Hiragana}\p{Katakana}々ー]{1,6}$")
def known_name(values: pa.Array) -> pa.Array:
    """A name whose surname and given name stand in lists of names."""
    return _where(values, _flags(name_lists.is_person(values)))


@_only(r"^\p{L}{1,5}$")
def known_surname(values: pa.Array) -> pa.Array:
    """A surname that stands in a list of names."""
    return _where(values, _flags(name_lists.is_surname(values)))


@_only(r"^\p{L}{1,6}$")
def known_given_name(values: pa.Array) -> pa.Array:
    """A given name that stands in a list of names."""
    return _where(values, _flags(name_lists.is_given_name(values)))


@_only(r"^[\p{Hiragana}\p{Katakana}ー]{2,8}\s*[\p{Hiragana}\p{Katakana}ー]{2,9}$")
def known_kana(values: pa.Array) -> pa.Array:
    """A name in kana whose parts are readings of listed names, as katakana without spaces."""
    return _where(fold.kana(values), _flags(name_lists.is_reading(values)))


@_only(r"^[A-Za-z]{2,12}[\s,]+[A-Za-z]{2,12}$")
def known_romaji(values: pa.Array) -> pa.Array:
    """A name in Latin letters whose parts are readings of listed names."""
    return _where(values, _flags(name_lists.is_romanised(values)))


@_only(r"^[\p{Hiragana}\p{Katakana}ー・\s]+$")
def kana(values: pa.Array) -> pa.Array:
    """A name in kana, as katakana without spaces."""
    folded = fold.kana(values)
    return _where(folded, _matching(folded, "^[ァ-ヶー・]+$"))


def address(values: pa.Array) -> pa.Array:
    """What may be a postal address, folded."""
    return _where(fold.address(values), _matching(values, _PLACE) & ~_matching(values, "@"))


@_only(r"^(?:〒?\s*\d{3}-?\d{4}\s*)?\p{Han}.*(?:[都道府県].|\d)")
def address_start(values: pa.Array) -> pa.Array:
    """A value that begins as addresses do: a prefecture, or a municipality with a number behind it."""
    return _where(fold.address(values), _flags(begins_as_address(values)))


@_only(r"^\p{Han}.*[都道府県市区町村郡]$")
def known_place(values: pa.Array) -> pa.Array:
    """A prefecture, a municipality or a town of Japan by its whole name, folded as addresses are."""
    return _where(fold.address(values), _flags(place_names().holds(values)))


def address_part(values: pa.Array) -> pa.Array:
    """A part of an address that stands in a column of its own: a prefecture, a town, a block, a building."""
    return _where(fold.address(values), _matching(values, r"[\p{L}\d]") & ~_matching(values, "@"))


def sex(values: pa.Array) -> pa.Array:
    """A word for a sex."""
    return _among(pc.utf8_lower(values), _SEXES)


@_only(r"\d.*\d.*\d.*\d.*\d.*\d.*\d")
def phone(values: pa.Array) -> pa.Array:
    """A telephone number in E.164, read as Japanese where it has no country."""
    plain = _matching(values, _USUAL_PHONE)
    if plain.all():
        return _national(pc.replace_substring(values, "-", ""))
    if plain.any():
        usual = _national(pc.replace_substring(_where(values, plain), "-", ""))
        return pc.coalesce(usual, _any_phone(_where(values, ~plain)))
    return _any_phone(values)


def _national(digits: pa.Array) -> pa.Array:
    """Digits with their zero as E.164 where Japan has such a number."""
    mask = _matching(digits, _PLAIN_PHONE) & _matching(digits, _japanese())
    return _where(pc.binary_join_element_wise("+81", pc.utf8_slice_codeunits(digits, 1), ""), mask)


def _any_phone(values: pa.Array) -> pa.Array:
    """A telephone number however it is written."""
    folded = fold.replaced(fold.replaced(values, f"{_HYPHEN_OF_PHONES}", "-"), _PHONE_WORDS, "")
    folded = pc.utf8_trim_whitespace(fold.replaced(folded, r"\s*[/,;、].*$", ""))
    digits = fold.replaced(folded, _PHONE_MARKS, "")
    # The country may stand in front; a spreadsheet that took the number for a quantity lost its zero.
    digits = fold.replaced(digits, r"^(?:\+81|0081|81)?0?([1-9]\d{8,9})(?:\.0)?$", r"0\1")
    found = _national(digits)
    foreign = _matching(folded, _FOREIGN_PHONE) & ~_flags(pc.is_valid(found))
    if foreign.any():
        elsewhere = fold.each_distinct(_where(folded, foreign), _foreign_phone)
        found = pc.coalesce(found, elsewhere)
    return found


@_only(r"^〒?\s*\d{3}[-‐‑‒–—―−－ーｰ\s]?\d{2,4}$")
def postal_code(values: pa.Array) -> pa.Array:
    """A Japanese postal code as seven digits; zeros a spreadsheet lost in front are given back where the code exists."""
    folded = fold.replaced(fold.replaced(values, _HYPHEN_OF_PHONES, "-"), r"^〒\s*|\s", "")
    digits = fold.replaced(folded, r"^(\d{3})-(\d{4})$", r"\1\2")
    whole = _where(digits, _matching(digits, r"^\d{7}$"))
    short = _matching(digits, r"^\d{5,6}$")
    if not short.any():
        return whole
    padded = pc.utf8_lpad(_where(digits, short), 7, "0")
    return pc.coalesce(whole, _where(padded, _flags(postal_codes().holds(padded))))


@_only(r"^〒?\s*\d{3}[-‐‑‒–—―−－ーｰ\s]?\d{4}$")
def existing_postal_code(values: pa.Array) -> pa.Array:
    """A postal code that Japan Post has."""
    found = postal_code(values)
    return _where(found, _flags(postal_codes().holds(found)))


@_only(r"\d")
def number(values: pa.Array) -> pa.Array:
    """A number somebody gave to a person: short, with a digit."""
    folded = fold.number(values)
    return _where(folded, _matching(folded, "^[A-Z0-9._/]{1,32}$") & _matching(folded, r"\d"))


def filled(values: pa.Array) -> pa.Array:
    """Anything that is not a word for nothing."""
    return _where(values, ~_flags(pc.is_in(pc.utf8_lower(values), value_set=pa.array(_NOTHING))))


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "name": name,
        "known_name": known_name,
        "known_surname": known_surname,
        "known_given_name": known_given_name,
        "kana": kana,
        "known_kana": known_kana,
        "known_romaji": known_romaji,
        "birth_date": birth_date,
        "sex": sex,
        "postal_code": postal_code,
        "existing_postal_code": existing_postal_code,
        "address": address,
        "address_start": address_start,
        "known_place": known_place,
        "address_part": address_part,
        "phone": phone,
        "email": email,
        "number": number,
        "card": card,
        "my_number": my_number,
        "insurer_number": insurer_number,
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
        return _where(values, _matching(values, whole))

    return check


def containing(pattern: str) -> Check:
    """A check by words (RE2), one of which must stand in a value that is not a word for nothing.

    Raises:
        pa.ArrowInvalid: the pattern is none.
    """
    pc.match_substring_regex(_NO_VALUES, pattern)

    def check(values: pa.Array) -> pa.Array:
        folded = filled(values)
        return _where(folded, _matching(folded, pattern))

    return check


def one(check: Check, text: str) -> str | None:
    """A check on a single value."""
    return check(fold.width(pa.array([text], pa.string())))[0].as_py()  # type: ignore[no-any-return]


def _where(values: pa.Array, mask: _Flags) -> pa.Array:
    return pc.if_else(pa.array(mask), values, pa.scalar(None, pa.string()))


def _flags(mask: pa.Array) -> _Flags:
    return np.asarray(pc.fill_null(mask, False).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _matching(values: pa.Array, pattern: str) -> _Flags:
    return _flags(pc.match_substring_regex(values, pattern))


def _among(values: pa.Array, words: tuple[str, ...]) -> pa.Array:
    return _where(values, _flags(pc.is_in(values, value_set=pa.array(words))))


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
    mask = is_year & (m >= 1) & (m <= 12) & (d >= 1) & (d <= most) & ~_flags(pc.is_null(parts))
    written = [
        pc.utf8_lpad(pa.array(part).cast(pa.string()), size, "0")
        for part, size in ((y, 2 if is_short else 4), (m, 2), (d, 2))
    ]
    return _where(pc.binary_join_element_wise(*written, "-"), mask)


def _numbers(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    return _numbers_of(values.cast(pa.int64()))


def _numbers_of(values: pa.Array) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.asarray(pc.fill_null(values, 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def _by_digits(values: pa.Array, pattern: str, judge: Callable[[_Digits], _Flags]) -> _Flags:
    """A judgement over the digits of each value that matches a pattern of digits, values of one length together."""
    result = np.zeros(len(values), np.bool_)
    lengths = np.where(_matching(values, pattern), _numbers_of(pc.utf8_length(values)), 0)
    for length in np.unique(lengths[lengths > 0]):
        places = np.flatnonzero(lengths == length)
        taken = "".join(values.take(pa.array(places)).to_pylist())
        content = np.frombuffer(taken.encode("ascii"), np.uint8)
        result[places] = judge((content - ord("0")).reshape(len(places), length))
    return result


def _luhn(digits: _Digits) -> _Flags:
    doubled = digits[:, -2::-2].astype(np.int64) * 2
    return np.asarray(
        (digits[:, -1::-2].sum(axis=1) + doubled.sum(axis=1) - 9 * (doubled > 9).sum(axis=1)) % 10 == 0
    )


def _my_number_check(digits: _Digits) -> _Flags:
    left = (digits[:, :11].astype(np.int64) * _MY_NUMBER_WEIGHTS).sum(axis=1) % 11
    return np.asarray(np.where(left <= 1, 0, 11 - left) == digits[:, 11])


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
