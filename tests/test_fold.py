"""What is folded for comparison, and that the short way to a telephone number is the long one."""

from __future__ import annotations

import random

import phonenumbers
import pytest

from pipeline.match import fold


def the_long_way(text: str) -> str | None:
    """A number as phonenumbers judges it."""
    try:
        parsed = phonenumbers.parse(text, "JP")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def test_numbers_written_plainly_are_judged_as_phonenumbers_judges_them() -> None:
    seed = 20261125
    chance = random.Random(seed)
    for _ in range(4000):
        first = chance.choice(
            ["090", "080", "070", "060", "050", "020", "0120", "0800", "03", "06", "011", "0", "04", "0990"]
        )
        length = chance.choice((10, 11))
        text = first + "".join(chance.choice("0123456789") for _ in range(length - len(first)))
        assert fold.phone(text) == the_long_way(text), f"seed {seed}: {text}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("03-1234-5678", "+81312345678"),
        ("（03）1234‐5678", "+81312345678"),
        ("９０-1111-2222", "+819011112222"),
        ("9011112222", "+819011112222"),
        ("+81 90 1111 2222", "+819011112222"),
        ("+1 650-253-0000", "+16502530000"),
        ("090-1111-222", None),
        ("内線 123", None),
    ],
)
def test_a_telephone_number_has_one_form(text: str, wanted: str | None) -> None:
    assert fold.phone(text) == wanted
