"""Judges single values: what a value must be to count as a date of birth, a card number, a telephone number ...

Each check takes text and gives the value in its one form, or None where it is not such a value.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from stdnum import luhn
from stdnum.exceptions import ValidationError
from stdnum.jp import in_ as individual_number

from pipeline.match import fold

# Eras with the Gregorian year before their first: Act on era names; Meiji 1868, Taisho 1912, Showa 1926, Heisei 1989, Reiwa 2019.
_ERAS = {
    "明治": 1867,
    "大正": 1911,
    "昭和": 1925,
    "平成": 1988,
    "令和": 2018,
    "M": 1867,
    "T": 1911,
    "S": 1925,
    "H": 1988,
    "R": 2018,
}
_ERA_DATE = re.compile(
    r"(明治|大正|昭和|平成|令和|[MTSHR])\.?(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?", re.IGNORECASE
)
_DATE = re.compile(r"(\d{4})(?:年|[./-])(\d{1,2})(?:月|[./-])(\d{1,2})日?(?:[ T]00:00(?::00)?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_NAME = re.compile(r"[^\d@/\\<>{}=+_#$%&*|\"]{1,40}")
_PLACE = re.compile(r"[都道府県市区町村郡]|\d+-\d+|丁目|番地")
_EARLIEST = date(1880, 1, 1)


def birth_date(text: str) -> str | None:
    """A date of birth as YYYY-MM-DD, Gregorian or of a Japanese era."""
    folded = fold.width(text).replace(" 00:00:00", "")
    if found := _ERA_DATE.fullmatch(folded.replace(" ", "")):
        era, year, month, day = found.groups()
        base = _ERAS[era.upper() if era.isascii() else era]
        return _date(base + (1 if year == "元" else int(year)), int(month), int(day))
    if found := (_DATE.fullmatch(folded) or _COMPACT.fullmatch(folded)):
        year, month, day = (int(part) for part in found.groups())
        return _date(year, month, day)
    return None


def card(text: str) -> str | None:
    """A payment card number: Luhn and the ranges of the brands, digits only.

    Ranges: ISO/IEC 7812 as the brands publish them (Visa 4, Mastercard 51-55 and 2221-2720, JCB 3528-3589, Amex 34 and 37,
    Diners 300-305, 36, 38, 39, Discover 6011, 644-649, 65, UnionPay 62).
    """
    digits = re.sub(r"[\s-]", "", fold.width(text))
    if not re.fullmatch(r"\d{13,19}", digits) or not luhn.is_valid(digits) or not _is_brand(digits):
        return None
    return digits


def my_number(text: str) -> str | None:
    """An individual number (12 digits) whose check digit holds."""
    digits = re.sub(r"[\s-]", "", fold.width(text))
    if not re.fullmatch(r"\d{12}", digits):
        return None
    try:
        return str(individual_number.validate(digits))
    except ValidationError:
        return None


def email(text: str) -> str | None:
    """A mail address."""
    folded = fold.email(text)
    return folded if _EMAIL.fullmatch(folded) else None


def name(text: str) -> str | None:
    """What may be a name: some letters, no digits and no signs of other things."""
    folded = fold.width(text)
    return folded if _NAME.fullmatch(folded) and any(sign.isalpha() for sign in folded) else None


def kana(text: str) -> str | None:
    """A name in kana."""
    return fold.kana(text) if fold.is_kana(text) else None


def address(text: str) -> str | None:
    """What may be a postal address."""
    folded = fold.width(text)
    return fold.address(text) if _PLACE.search(folded) and "@" not in folded else None


def sex(text: str) -> str | None:
    """A word for a sex."""
    folded = fold.width(text).lower()
    return (
        folded
        if folded
        in {"男", "女", "男性", "女性", "m", "f", "male", "female", "1", "2", "その他", "不明", "未回答"}
        else None
    )


def last4(text: str) -> str | None:
    """Four digits, stars before them allowed."""
    found = re.fullmatch(r"[*xX-]*(\d{4})", fold.width(text))
    return found.group(1) if found else None


def expiry(text: str) -> str | None:
    """A card's expiry, month and year."""
    folded = fold.width(text)
    return (
        folded
        if re.fullmatch(r"(0?[1-9]|1[0-2])[/-](\d{2}|20\d{2})|20\d{2}[/-](0?[1-9]|1[0-2])", folded)
        else None
    )


def account(text: str) -> str | None:
    """A bank account number: seven or eight digits."""
    folded = fold.number(text)
    return folded if re.fullmatch(r"\d{6,8}", folded) else None


def number(text: str) -> str | None:
    """A number somebody gave to a person: short, with a digit."""
    folded = fold.number(text)
    return (
        folded
        if re.fullmatch(r"[A-Z0-9._/]{1,32}", folded) and any(sign.isdigit() for sign in folded)
        else None
    )


def filled(text: str) -> str | None:
    """Anything that is not a word for nothing."""
    folded = fold.width(text)
    return (
        None
        if folded.lower()
        in {"", "-", "なし", "無し", "無", "n/a", "na", "none", "null", "該当なし", "特になし"}
        else folded
    )


CHECKS: dict[str, Callable[[str], str | None]] = {
    "name": name,
    "kana": kana,
    "birth_date": birth_date,
    "sex": sex,
    "postal_code": fold.postal_code,
    "address": address,
    "phone": fold.phone,
    "email": email,
    "number": number,
    "card": card,
    "last4": last4,
    "expiry": expiry,
    "account": account,
    "my_number": my_number,
    "filled": filled,
}


def _date(year: int, month: int, day: int) -> str | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found.isoformat() if found >= _EARLIEST else None


def _is_brand(digits: str) -> bool:
    two, three, four, size = int(digits[:2]), int(digits[:3]), int(digits[:4]), len(digits)
    return (
        (digits[0] == "4" and size in (13, 16, 19))
        or ((51 <= two <= 55 or 2221 <= four <= 2720) and size == 16)
        or (3528 <= four <= 3589 and size == 16)
        or (two in (34, 37) and size == 15)
        or ((300 <= three <= 305 or two in (36, 38, 39)) and size == 14)
        or ((four == 6011 or 644 <= three <= 649 or two == 65) and size == 16)
        or (two == 62 and 16 <= size <= 19)
    )
