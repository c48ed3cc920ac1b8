"""What the recognisers reached may not fall: floors.toml. The page is whole, and one run gives one page.

What is labelled stands in the file, and every table is read to its rows. All that asks for the run of the layouts stands
here, so that one worker makes it for all.
"""

from __future__ import annotations

import email
import email.policy
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from fixtures.accuracy.all_layouts import layouts, path_of
from fixtures.accuracy.layout import ITEMS, Layout, TableLabel
from tests.accuracy import folding
from tests.accuracy.counts import PLACES, Count
from tests.accuracy.found import FoundFile
from tests.accuracy.page import page
from tests.accuracy.run import HALVES, scored
from tests.accuracy.sheets_score import matched
from tests.accuracy.texts_score import spans

FLOORS = tomllib.loads(Path(__file__).with_name("floors.toml").read_text(encoding="utf-8"))["floor"]
READ = [one for one in layouts() if not one.needs]
TABLES = [(one, label) for one in READ for label in one.tables]


def test_floors_name_what_is_scored() -> None:
    assert {(one["half"] in HALVES, one["place"] in PLACES, one["item"] in ITEMS) for one in FLOORS} == {
        (True, True, True)
    }
    assert all(set(one) - {"half", "place", "item"} <= {"precision", "recall", "f1"} for one in FLOORS)


def test_nothing_falls_below_its_floor(files: dict[str, FoundFile]) -> None:
    result = scored(files)
    fallen = []
    for one in FLOORS:
        count = result.halves[one["half"]].cells.get((one["place"], one["item"]), Count())
        for figure in ("precision", "recall", "f1"):
            reached = getattr(count, figure)
            if figure in one and (reached is None or reached < one[figure]):
                fallen.append(
                    f"{one['half']}, {one['place']}, {one['item']}: {figure} {reached} < {one[figure]}"
                )
    assert not fallen


def test_the_page_names_every_item_and_place(files: dict[str, FoundFile]) -> None:
    told = page(scored(files), None)
    assert told == page(scored(files), None)
    assert all(f"`{item}`" in told for item in ITEMS)
    assert "Not run: no corpus was there." in told
    assert "/tmp" not in told


def test_nothing_is_found_that_the_labels_have_no_word_for(files: dict[str, FoundFile]) -> None:
    said = {column.item for file in files.values() for sheet in file.sheets for column in sheet.columns}
    said |= {claim.item for file in files.values() for claim in file.claims}
    assert said - {None} <= set(ITEMS)


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
