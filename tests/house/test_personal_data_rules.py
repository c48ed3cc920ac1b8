"""Each rule of personal data holds its examples and refuses its near misses."""

from __future__ import annotations

import pytest

from pipeline.decide.vocabulary import CATEGORIES
from pipeline.match.personal_data import fold, texts, values
from pipeline.match.personal_data.items import read_items
from pipeline.match.personal_data.passages import SURNAME_ALONE, UNSURE_NAME
from pipeline.match.personal_data.rows import COMPANY, SAMPLE, SHARED_MAILBOX
from pipeline.report import words as report_words
from pipeline.tables.catalogue import DECEASED

ITEMS = read_items()


TEXT = texts.read_text_rules()


@pytest.mark.parametrize("item", ITEMS.items, ids=lambda one: one.name)
def test_an_item_is_proposed_by_its_examples_and_not_by_its_near_misses(item) -> None:
    assert item.examples or item.alone is not None, "what no header proposes its values must"
    assert item.near_misses
    for word in item.examples:
        assert item.name in [one.name for one in ITEMS.proposed(word)], word
    for word in item.near_misses:
        assert item not in ITEMS.proposed(word), word


@pytest.mark.parametrize("item", ITEMS.items, ids=lambda one: one.name)
def test_an_item_takes_its_value_examples_and_not_its_near_misses(item) -> None:
    assert item.value_examples or item.check in (
        values.filled,
        values.address_part,
        values.kana,
        values.number,
        values.name,
        values.sex,
    )
    for text in item.value_examples:
        assert values.one(item.check, text) is not None, text
    for text in item.value_near_misses:
        assert values.one(item.check, text) is None, text


@pytest.mark.parametrize("find", [one for one in TEXT.finds if one.examples], ids=lambda one: one.item)
def test_a_text_rule_finds_its_examples_and_not_its_near_misses(find) -> None:
    assert find.near_misses
    for text in find.examples:
        found = texts.find_items([text], TEXT)[0]
        assert find.item in [one.item for one in found if one.status == "held"], text
    for text in find.near_misses:
        found = texts.find_items([text], TEXT)[0]
        assert find.item not in [one.item for one in found if one.status == "held"], text


@pytest.mark.parametrize("joined", ITEMS.joined, ids=lambda one: f"{one.item}-{len(one.parts)}")
def test_joined_columns_fit_their_examples_and_not_their_near_misses(joined) -> None:
    for words in joined.examples:
        assert joined.fits(tuple(fold.header(one) for one in words)), words
    for words in joined.near_misses:
        assert not joined.fits(tuple(fold.header(one) for one in words)), words


def test_categories_are_words_of_the_decision() -> None:
    assert {one.category for one in ITEMS.items} <= set(CATEGORIES)


def test_no_header_is_both_an_items_and_refused() -> None:
    assert not {word for one in ITEMS.items for word in one.headers} & ITEMS.refused


def test_every_item_and_category_has_words_in_the_report() -> None:
    assert {one.name for one in ITEMS.items} <= set(report_words.ITEM)
    assert {one.category for one in ITEMS.items} <= set(report_words.CATEGORY)
    assert {COMPANY, DECEASED, SAMPLE, SHARED_MAILBOX, SURNAME_ALONE, UNSURE_NAME} == set(report_words.DOUBT)
