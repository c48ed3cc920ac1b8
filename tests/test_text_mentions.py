"""Mentions in running text: a labelled name with the telephone that is its own, each person once."""

from __future__ import annotations

from typing import Any

from fixtures.persons import persons
from pipeline.match import items
from pipeline.match.personal_data import mentions_of_text

ITEMS = items.read_items()
ONE, TWO = ("-".join(one.phone) for one in persons(2, seed=79))


def found(*segments: str) -> list[tuple[Any, Any]]:
    """Name and telephone of each mention with a name."""
    told = mentions_of_text(
        "entry", [(f"line:{number}", one) for number, one in enumerate(segments, 1)], ITEMS
    )
    return [(one["full_name"], one["phone_key"]) for one in told.to_pylist() if one["full_name"]]


def test_a_telephone_is_that_of_the_name_in_front_of_it() -> None:
    assert found(f"氏名:見本 太郎\n氏名:例示 花子\n電話:{ONE}") == [
        ("見本 太郎", None),
        ("例示 花子", found(f"氏名:例示 花子\n電話:{ONE}")[0][1]),
    ]


def test_a_name_that_stands_again_with_its_telephone_has_it() -> None:
    ((name, number),) = found("氏名:見本 太郎 様", f"氏名:見本 太郎\n電話:{ONE}")
    assert (name, number is not None) == ("見本 太郎", True)


def test_the_same_name_with_another_telephone_is_a_mention_of_its_own() -> None:
    told = found(f"氏名:見本 太郎\n電話:{ONE}\n氏名:見本 太郎\n電話:{TWO}")
    assert [name for name, _ in told] == ["見本 太郎", "見本 太郎"]
    assert len({number for _, number in told}) == 2


def test_text_without_a_label_names_nobody() -> None:
    assert found("本日は晴天なり。", "") == []
