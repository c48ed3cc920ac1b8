"""Each rule of personal data and of exposure holds its examples and refuses its near misses."""

from __future__ import annotations

import pytest

from pipeline.decide.vocabulary import CATEGORIES
from pipeline.match.items import read_items
from pipeline.scope.exposure import GRADES, rules

ITEMS = read_items()


@pytest.mark.parametrize("item", ITEMS.items, ids=lambda one: one.name)
def test_an_item_is_proposed_by_its_examples_and_not_by_its_near_misses(item) -> None:
    assert item.examples
    assert item.near_misses
    for word in item.examples:
        assert ITEMS.proposed(word) is item, word
    for word in item.near_misses:
        assert ITEMS.proposed(word) is not item, word


def test_categories_are_words_of_the_decision() -> None:
    assert {one.category for one in ITEMS.items} <= set(CATEGORIES)


def test_a_header_belongs_to_one_item() -> None:
    listed = [word for one in ITEMS.items for word in one.headers]
    assert len(listed) == len(set(listed))
    assert not set(listed) & ITEMS.refused


def test_each_exposure_rule_says_what_it_shows_and_does_not_show() -> None:
    found = rules()
    assert {one.stated["name"] for one in found} == {
        "leaked_medium",
        "copied_to_device",
        "sent_outside",
        "sent_outside_in_store",
    }
    for one in found:
        assert one.file.name == f"{one.stated['name']}.sql"
        assert one.stated["grade"] in GRADES
        assert one.stated["example"] != one.stated["near_miss"]
