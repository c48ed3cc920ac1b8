"""Tables of one sheet are told apart where something tells them apart, and stay one where nothing does."""

from __future__ import annotations

import random
import time

import pytest

from parsers.formats import sheet_blocks, sheet_tables
from parsers.formats.workbook_cells import cell_text

HEADER = ("会員番号", "氏名", "住所", "電話番号")
SHORT = ("コード", "区分")


def person(number: int) -> tuple[str, ...]:
    return (
        f"{number:08d}",
        f"山田 {'一二三四五六七八九'[number % 9]}郎",
        f"東京都港区芝{number}-1",
        f"03-0000-{number:04d}",
    )


def people(first: int, count: int) -> list[tuple[str, ...]]:
    return [person(number) for number in range(first, first + count)]


def grid(*rows: tuple[object, ...]) -> list[list[object]]:
    width = max(map(len, rows))
    return [[*row, *[""] * (width - len(row))] for row in rows]


def beside(*sides: list[tuple[object, ...]], gap: int = 1) -> list[list[object]]:
    """Tables side by side with empty columns between, each from the first row."""
    widths = [max(map(len, side)) for side in sides]
    rows = []
    for number in range(max(map(len, sides))):
        row: list[object] = []
        for side, width in zip(sides, widths, strict=True):
            cells = side[number] if number < len(side) else ()
            row += [*cells, *[""] * (width - len(cells)), *[""] * gap]
        rows.append(row[:-gap])
    return rows


def places(rows: list[list[object]]) -> list[tuple[str, int | None]]:
    return [(one.place, one.header_row) for one in sheet_tables.blocks(lambda: iter(rows), cell_text)]


def test_empty_rows_alone_part_nothing() -> None:
    rows = grid(
        ("会員名簿",), (), HEADER, *people(1, 5), (), (), *people(6, 3), (), ("合計", "8"), *people(20, 1)
    )
    assert places(rows) == [("A3:D16", 2)]


def test_a_table_with_every_other_row_empty_stays_one() -> None:
    rows = grid(HEADER, *(row for one in people(1, 200) for row in ((), one)))
    assert places(rows) == [("A1:D401", 0)]


def test_tables_below_one_another() -> None:
    rows = grid(
        ("本校",),
        HEADER,
        *people(1, 3),
        (),
        ("分校",),
        (),
        HEADER,
        *people(4, 2),
        (),
        (),
        SHORT,
        ("1", "一般"),
        ("2", "特別"),
    )
    assert places(rows) == [("A2:D5", 1), ("A9:D11", 8), ("A14:B16", 13)]


def test_a_new_header_without_an_empty_row() -> None:
    rows = grid(HEADER, *people(1, 60), ("退会者",), ("氏名", "住所", "電話", "備考"), *people(90, 3))
    assert places(rows) == [("A1:D61", 0), ("A63:D66", 62)]


def test_a_header_that_each_printed_page_repeats_is_no_row() -> None:
    rows = grid(HEADER, *people(1, 40), HEADER, *people(41, 40))
    assert places(rows) == [("A1:D41", 0), ("A42:D82", 41)]


def test_a_header_of_two_floors_stays_one() -> None:
    rows = grid(
        ("世帯", "氏名", "連絡先", ""),
        ("", "", "電話", "メール"),
        ("A", "山田", "03-0000-0001", "a@example.com"),
    )
    assert len(places(rows)) == 1


def test_a_list_of_the_words_that_head_columns_stays_one() -> None:
    rows = grid(
        ("項目名", "説明", "型"),
        ("氏名", "会員の氏名", "文字"),
        ("住所", "都道府県から", "文字"),
        ("電話番号", "数字", "文字"),
    )
    assert len(places(rows)) == 1


def test_tables_side_by_side_that_repeat_a_word() -> None:
    rows = beside(
        [("氏名", "電話"), *(one[1::2] for one in people(1, 4))],
        [("氏名", "電話"), *(one[1::2] for one in people(5, 4))],
    )
    assert places(rows) == [("A1:B5", 0), ("D1:E5", 0)]


def test_a_short_table_beside_a_long_one_and_one_below_it() -> None:
    codes = [
        ("コード", "区分"),
        ("1", "一般"),
        ("2", "特別"),
        (),
        ("部署", "電話番号"),
        ("総務", "03-0000-9001"),
        ("経理", "03-0000-9002"),
    ]
    rows = beside([HEADER, *people(1, 30)], codes)
    assert places(rows) == [("A1:D31", 0), ("F1:G3", 0), ("F5:G7", 4)]


def test_tables_side_by_side_that_begin_at_different_rows() -> None:
    right = [
        (),
        (),
        ("部署", "電話番号"),
        *((f"部{number}", f"03-0000-90{number:02d}") for number in range(10, 38)),
    ]
    assert places(beside([HEADER, *people(1, 30)], right)) == [("A1:D31", 0), ("F3:G31", 2)]


def test_an_empty_column_within_a_table_parts_nothing() -> None:
    rows = beside(
        [one[:2] for one in (HEADER, *people(1, 30))], [one[2:] for one in (HEADER, *people(1, 30))]
    )
    assert places(rows) == [("A1:E31", 0)]
    # Filled here and there, as what need not be filled is.
    right = [("緊急連絡先", "備考"), *(("090-0000-0001", "可") if number % 3 else () for number in range(30))]
    assert places(beside([HEADER, *people(1, 30)], right)) == [("A1:G31", 0)]


def test_a_block_elsewhere_without_header() -> None:
    rows = grid(HEADER, *people(1, 3), (), ("", "", "", "", "", "x1", 5), ("", "", "", "", "", "x2", 6))
    assert places(rows) == [("A1:D4", 0), ("F6:G7", None)]


def test_an_empty_sheet_has_no_table() -> None:
    assert places([]) == []
    assert places(grid(("", " ", "\u3000"), ("", "", ""))) == []


def test_columns_are_named_as_programs_name_them() -> None:
    assert [sheet_blocks.column_letters(one) for one in (0, 25, 26, 701, 702, 16383)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]


@pytest.mark.parametrize("seed", range(20))
def test_every_filled_cell_stands_in_one_block_or_above_one(seed: int) -> None:
    rng = random.Random(seed)
    words = ["", "", "", " ", "氏名", "住所", "電話番号", "山田", "03-0000-0001", 5.0, True]
    rows = [[rng.choice(words) for _ in range(9)] if rng.random() < 0.7 else [""] * 9 for _ in range(80)]
    found = sheet_tables.blocks(lambda: iter(rows), cell_text)
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell not in ("", " "):
                inside = sum(
                    one.top <= number <= one.bottom and one.left <= column < one.right for one in found
                )
                above = any(
                    number == line and cells[column] is not None for one in found for line, cells in one.first
                )
                assert inside <= 1 and (inside or above), (seed, number, column)


def test_a_sheet_of_gaps_takes_no_long_time() -> None:
    rows = grid(*(("山田", "鈴木", "佐藤") if number % 2 else () for number in range(100_000)))
    begun = time.perf_counter()
    assert len(places(rows)) == 1
    assert time.perf_counter() - begun < 20
