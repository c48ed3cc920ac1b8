"""How pairs are shown without their values: what differs is told, and no sign of a value is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.shown import AGREEMENT, FIELDS, compared
from pipeline.scope.people.pairs import LEVELS

# Signs that stand in none of our words.
_SIGNS = st.text(alphabet="鑑甕黛轟朧ヰヱヲ", min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("field", "one", "other", "told"),
    [
        ("name", "山田太郎", "山田太郎", "equal (4 signs)"),
        ("name", "山田太郎", "山田次郎", "sign 3 of 4 differs"),
        ("name", "山田太郎", "山田", "one is the beginning of the other (4 and 2 signs)"),
        ("name", "太郎", "山田太郎", "one is the end of the other (2 and 4 signs)"),
        ("name", "山田太郎", "田山太郎", "signs 1 and 2 of 4 change places"),
        ("name", "山田太郎", None, "the left one alone says it"),
        ("phone", "+819012345678", "+819012345679", "sign 13 of 13 differs"),
        (
            "birth_date",
            "1980-02-03",
            "1980-03-02",
            "year equal; month: sign 2 of 2 differs; day: sign 2 of 2 differs",
        ),
        ("email", "taro@a.example", "taro@b.example", "before the @ equal; domain: sign 1 of 9 differs"),
        ("number", "customer:A001", "customer:A001", "equal (4 signs)"),
        ("number", "customer:A001", "member:A001", "numbers of two kinds"),
        (
            "place",
            "東京都港区一",
            "東京都千代田区一",
            "differ (6 and 8 signs; the first 3 and the last 2 are equal)",
        ),
    ],
)
def test_what_differs_is_told(field: str, one: str, other: str | None, told: str) -> None:
    assert compared(field, one, other)[1] == told


@given(field=st.sampled_from(sorted(FIELDS)), one=_SIGNS, other=_SIGNS)
def test_no_sign_of_a_value_is_told(field: str, one: str, other: str) -> None:
    words = "".join(compared(field, one, other)) + "".join(
        compared(field, f"{one}@{other}", f"{other}@{one}")
    )
    assert not set(words) & set(one + other)


def test_every_level_of_agreement_has_words() -> None:
    for field, levels in LEVELS.items():
        assert set(AGREEMENT[field]) == set(levels) - {""}
