"""What is folded for comparison, and that the short way to a telephone number is the long one."""

from __future__ import annotations

import random

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.match.personal_data import masks, name_lists, values
from pipeline.match.personal_data.places import place_names


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
    texts = []
    for _ in range(4000):
        first = chance.choice(
            ["090", "080", "070", "060", "050", "020", "0120", "0800", "03", "06", "011", "0", "04", "0990"]
        )
        length = chance.choice((10, 11))
        text = first + "".join(chance.choice("0123456789") for _ in range(length - len(first)))
        texts.append(text)
    for text, found in zip(texts, values.phone(pa.array(texts)).to_pylist(), strict=True):
        assert found == the_long_way(text), f"seed {seed}: {text}"


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
    assert values.one(values.phone, text) == wanted


@pytest.mark.parametrize(
    ("check", "value", "wanted"),
    [
        ("card", "4111-1111-1111-1111", "4111111111111111"),
        ("card", "4111-1111-1111-1112", None),
        ("card", "1234567890123452", None),
        ("my_number", "123456789018", "123456789018"),
        ("my_number", "123456789012", None),
        ("birth_date", "令和元年5月1日", "2019-05-01"),
        ("birth_date", "S50.1.2", "1975-01-02"),
        ("birth_date", "1990/02/30", None),
        ("phone", "０９０－１２３４－５６７８", "+819012345678"),
        ("phone", "12345", None),
        ("postal_code", "〒100-0013", "1000013"),
        ("email", "A@Mail.Example", "a@mail.example"),
        ("email", "a@b", None),
    ],
)
def test_values_have_one_form_or_none(check: str, value: str, wanted: str | None) -> None:
    assert values.one(values.CHECKS[check], value) == wanted


def test_a_driving_licence_holds_by_its_check_digit() -> None:
    assert values.one(values.driving_licence, "301234567810") == "301234567810"
    assert values.one(values.driving_licence, "3012-3456-7810") == "301234567810"
    assert values.one(values.driving_licence, "301234567820") is None
    assert values.one(values.driving_licence, "001234567810") is None


def test_signs_that_keep_digits_text_in_a_sheet_go() -> None:
    assert values.one(values.postal_code, "'100-0001") == "1000001"
    assert values.one(values.postal_code, '="100-0001"') == "1000001"
    assert values.one(values.phone, '="03-1234-5678"') == "+81312345678"
    assert values.one(values.phone, "00012345678901") is None


@pytest.mark.parametrize("most", [5, 6])
def test_letters_are_those_of_the_pattern_in_every_word_of_the_lists(most: int) -> None:
    listed = (name_lists.surnames(), name_lists.given_names(), place_names())
    words = pa.concat_arrays([one.words for one in listed])
    more = pa.array([None, "", "山", "山" * most, "山" * (most + 1), "山 田", "山1", "a\n", "々木", "髙ヶ"])
    for column in (words, more):
        wanted = pc.match_substring_regex(column, rf"^\p{{L}}{{1,{most}}}$")
        assert masks.letters(most)(column).equals(wanted)
