"""The labelled layouts: what is labelled stands in the file, every table is read to its rows, and labels hold on their own."""

from __future__ import annotations

from collections import Counter

from stdnum import luhn
from stdnum.jp import in_ as individual_number

from fixtures.accuracy.all_layouts import labels, layouts, path_of, write
from fixtures.accuracy.layout import ITEMS, OPEN
from fixtures.accuracy.people import humans
from fixtures.accuracy.spelling import half_kana, licence_digit, romaji
from tests.accuracy import folding

LAYOUTS = layouts()
READ = [one for one in LAYOUTS if not one.needs]
TABLES = [(one, label) for one in READ for label in one.tables]


def test_there_are_enough_of_them_in_both_halves() -> None:
    assert len(LAYOUTS) >= 44
    halves = Counter(one.is_held_out for one in LAYOUTS)
    assert halves[True] >= len(LAYOUTS) / 3
    families = {one.family for one in LAYOUTS}
    assert all(
        {one.is_held_out for one in LAYOUTS if one.family == family} == {True, False} for family in families
    )
    assert len({one.name for one in LAYOUTS}) == len(LAYOUTS)


def test_labels_name_known_items_and_every_item_is_labelled_in_both_halves() -> None:
    for is_held_out in (True, False):
        own = [one for one in LAYOUTS if one.is_held_out is is_held_out]
        named = {item for one in own for label in one.tables for item in label.columns}
        named |= {it.item for one in own for it in one.occurrences}
        assert named - {None, OPEN} == set(ITEMS), set(ITEMS) ^ (named - {None, OPEN})


def test_the_halves_share_no_header_row_and_no_template() -> None:
    rows = [(one.is_held_out, label.header) for one in LAYOUTS for label in one.tables if label.header]
    assert not {header for half, header in rows if half} & {header for half, header in rows if not half}
    lines = [(one.is_held_out, one.occurrences[0].line) for one in LAYOUTS if one.occurrences]
    assert not {line for half, line in lines if half} & {line for half, line in lines if not half}


def test_they_are_written_the_same_every_time(tmp_path) -> None:
    few = tuple(one for one in LAYOUTS if not one.needs)[::6]
    for name in ("one", "two"):
        write(tmp_path / name, few)
    for one in (*map(path_of, few), "labels.json"):
        assert (tmp_path / "one" / one).read_bytes() == (tmp_path / "two" / one).read_bytes()


def test_values_counted_as_valid_hold_by_their_check_digit() -> None:
    checks = {
        "my_number": individual_number.is_valid,
        "credit_card_number": luhn.is_valid,
        "insurer_number": luhn.is_valid,
    }
    for one in LAYOUTS:
        for label in one.tables:
            for at, item in enumerate(label.columns):
                if item in checks:
                    digits = [folding.value(item, row[at]) for row in label.rows]
                    assert label.valid[at] == sum(checks[item](told) for told in digits if told), (
                        one.name,
                        at,
                    )
                if item == "driving_licence":
                    assert all(licence_digit(row[at][:10]) == row[at][10] for row in label.rows)


def test_layouts_without_persons_have_none() -> None:
    for one in LAYOUTS:
        if one.family == "negative":
            assert all(label.persons == 0 and set(label.columns) == {None} for label in one.tables)
            assert not one.occurrences


def test_labels_are_told_in_full() -> None:
    told = labels(LAYOUTS[0])
    assert set(told) == {"path", "family", "needs", "tables", "occurrences"}
    assert told["tables"][0]["row_count"] == len(LAYOUTS[0].tables[0].rows)


def test_persons_are_drawn_by_their_seed_alone() -> None:
    one, other = humans(5, "seed"), humans(9, "seed")[:5]
    assert [(h.full(), h.mobile, h.my_number) for h in one] == [
        (h.full(), h.mobile, h.my_number) for h in other
    ]
    assert (half_kana("ガッコー"), romaji("ショウジッコウ")) == ("ｶﾞｯｺｰ", "shojikko")
