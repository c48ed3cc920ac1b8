"""The labelled layouts: what is labelled stands in the file, every table is read to its rows, and labels hold on their own."""

from __future__ import annotations

import email
import email.policy
from collections import Counter

import pytest
from stdnum import luhn
from stdnum.jp import in_ as individual_number

from fixtures.accuracy.all_layouts import labels, layouts, path_of, write
from fixtures.accuracy.layout import ITEMS, OPEN, Layout, TableLabel
from fixtures.accuracy.people import humans
from fixtures.accuracy.spelling import half_kana, licence_digit, romaji
from tests.accuracy import folding
from tests.accuracy.found import FoundFile
from tests.accuracy.sheets_score import matched
from tests.accuracy.texts_score import spans

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


def test_nothing_is_found_that_the_labels_have_no_word_for(files: dict[str, FoundFile]) -> None:
    said = {column.item for file in files.values() for sheet in file.sheets for column in sheet.columns}
    said |= {claim.item for file in files.values() for claim in file.claims}
    assert said - {None} <= set(ITEMS)


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


@pytest.mark.parametrize(("layout", "label"), TABLES, ids=lambda one: getattr(one, "name", ""))
def test_a_table_is_read_to_the_rows_that_are_labelled(
    layout: Layout, label: TableLabel, files: dict[str, FoundFile]
) -> None:
    found = matched(label, files[f"/{path_of(layout)}"].sheets)
    assert found.sheet is not None
    filled = [at for at in range(len(label.columns)) if any(folding.cell(row[at]) for row in label.rows)]
    assert all(found.columns[at] is not None for at in filled)
    columns = [found.sheet.columns[found.columns[at]].values for at in filled]
    read = Counter(zip(*columns, strict=True))
    wanted = Counter(tuple(folding.cell(row[at]) for at in filled) for row in label.rows)
    assert not wanted - read


@pytest.mark.parametrize("layout", [one for one in READ if one.occurrences], ids=lambda one: one.name)
def test_what_is_labelled_in_text_stands_in_the_file(layout: Layout, files: dict[str, FoundFile]) -> None:
    file = files[f"/{path_of(layout)}"]
    placed, nowhere = spans(layout.occurrences, file.segments)
    assert all(span.start < span.end for span in placed)
    told = "\n".join(value for sheet in file.sheets for column in sheet.columns for value in column.values)
    if layout.file_name.endswith(".eml"):
        message = email.message_from_bytes(layout.writer(), policy=email.policy.default)
        told += folding.folded(" ".join(map(str, message.values())))
    assert not [one.value for one in nowhere if folding.folded(one.value) not in told]
    segments = dict(file.segments)
    for span in placed:
        assert folding.value(span.item, segments[span.segment][span.start : span.end]) == span.value


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
