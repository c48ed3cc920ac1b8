"""Texts as cells: never a formula, never a link, nothing invisible, nothing Excel would refuse; and rows by the hundred thousand."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.report.merge_fields import FIELDS, ITEMS, NAME, OTHERS
from pipeline.report.signs import on_one_line, visible
from pipeline.report.workbooks import notification
from pipeline.report.workbooks.cells import MOST_SIGNS, Book, Heading, text_of
from pipeline.report.workbooks.streamed import SHEET_ROWS, fill

HOSTILE = [
    "=cmd|'/c calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A2)",
    "\t=1+1",
    "https://example.invalid/",
    "mailto:a@b.example",
    "internal:Sheet1!A1",
    "{=1+1}",
    "<r><t>rich</t></r>",
    "</t></is></c><c r='A1'><f>1</f></c>",
    "_x0041_ and _x000D_",
    "a\x00b\x07c\x1bd",
    "ab\u202etxt.exe\u2066x",
    "half \ud83d and \udc80",
    "123",
    "0123",
    "TRUE",
    "  two spaces  ",
    "line\nbreak\r\nother",
    "😀" * 20_000,
    "あ" * 33_000,
]


def read(content: bytes | Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content) if isinstance(content, bytes) else content)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_is_a_text(text: str) -> None:
    target = io.BytesIO()
    book = Book(target, text)
    sheet = book.sheet("表", [Heading(ja="列", en="column", width=20)], 1)
    sheet.text(1, 0, text)
    book.close()
    cell = read(target.getvalue())["表"]["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.value.lstrip(" ") == text_of(text).lstrip(" ")
    with zipfile.ZipFile(target) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


# A table's texts are UTF-8: half a pair cannot stand in one.
STORED = [one for one in HOSTILE if not re.search("[\ud800-\udfff]", one)]


@pytest.mark.parametrize("text", STORED, ids=range(len(STORED)))
def test_a_hostile_value_of_a_person_is_a_text(text: str, tmp_path: Path) -> None:
    connection = persons(2)

    def values(numbers: pa.Array) -> dict[str, pa.Array]:
        return {
            name: pa.array([text if name in (NAME, OTHERS) else None] * len(numbers), pa.string())
            for name in notification.VALUES
        }

    path = tmp_path / "n.xlsx"
    with path.open("wb") as target:
        assert notification.write(connection, ("=1+1", "Asia/Tokyo"), target, values) == 2
    sheet = read(path)[notification.PERSONS]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in (2, 3):
        cell = sheet.cell(row, columns[NAME])
        assert cell.data_type in ("s", "inlineStr")
        # Excel reads `_x005F_` back as `_` (ECMA-376 Part 1, 22.9.2.19); the reader used here leaves it in texts written in place.
        assert cell.value.replace("_x005F_", "_") == text_of(text)


def persons(count: int) -> duckdb.DuckDBPyConnection:
    """A connection with so many made rows of `per_person`."""
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute(
        "CREATE VIEW per_person AS SELECT i + 1 AS person_id, ['confirmed', 'likely', 'possible'][i % 3 + 1] AS grade, "
        "['copied_to_device'] AS routes, [['name', 'address'], ['email', 'name']][i % 2 + 1] AS items, ['name'] AS categories, "
        "[]::VARCHAR[] AS candidates, 'customer' AS subject_kind, i % 7 = 0 AS is_in_doubt, 3::BIGINT AS mention_count, "
        "2::BIGINT AS document_count, i % 2 = 0 AS has_address, i % 3 = 0 AS has_email, false AS has_phone, "
        "TIMESTAMPTZ '2026-01-01 00:00:00+00' AS contact_changed_at, nullif(i % 5, 0)::BIGINT AS contact_age_days "
        f"FROM range({count}) t(i)"
    )
    return connection


def test_rows_are_those_of_the_table(tmp_path: Path) -> None:
    path = tmp_path / "n.xlsx"
    with path.open("wb") as target:
        notification.write(persons(30), ("KS", "Asia/Tokyo"), target)
    header, *rows = read(path)[notification.PERSONS].iter_rows(values_only=True)
    assert list(header) == [one.name for one in FIELDS]
    told = [dict(zip(header, row, strict=True)) for row in rows]
    assert [one["対象者番号"] for one in told] == list(range(1, 31))
    assert [one[ITEMS] for one in told[:2]] == ["氏名、住所", "氏名、メールアドレス"]
    assert [one["事態"] for one in told[:3]] == ["漏えい", "漏えいのおそれ", "漏えいのおそれ"]
    assert [one["代替措置"] for one in told[:2]] == ["連絡先あり", "要検討(連絡先なし)"]
    assert [one["連絡先の種類"] for one in told[:5]] == ["住所、メール", "なし", "住所", "メール", "住所"]
    assert [one["連絡先の経過日数"] for one in told[:3]] == [None, 1, 2]
    assert {one[NAME] for one in told} == {"(非表示)"}
    assert told[16]["参照"] == "per_person[person_id=17]"


def test_more_rows_than_a_batch_go_on_in_the_next_sheet(tmp_path: Path) -> None:
    skeleton = tmp_path / "skeleton.xlsx"
    book = Book(skeleton, "t")
    for name in ("a", "b", "c"):
        book.sheet(name, [Heading(ja="n", en="", width=9), Heading(ja="t", en="", width=9)], 10)
    book.close()
    batches = [
        pa.RecordBatch.from_arrays(
            [pa.array(range(start, start + 9)), pa.array([f"t{one}" for one in range(start, start + 9)])],
            ["n", "t"],
        )
        for start in (0, 9, 18)
    ]
    made = io.BytesIO()
    fill(skeleton, made, {1: 10, 2: 10, 3: 7}, batches)
    book_read = read(made.getvalue())
    found = [
        [tuple(row) for row in book_read[name].iter_rows(min_row=2, values_only=True)]
        for name in ("a", "b", "c")
    ]
    assert [len(one) for one in found] == [10, 10, 7]
    assert [row for one in found for row in one] == [(n, f"t{n}") for n in range(27)]
    assert SHEET_ROWS == 1_048_575


def test_the_same_rows_are_the_same_bytes(tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        with (tmp_path / name).open("wb") as target:
            notification.write(persons(5000), ("KS", "Asia/Tokyo"), target)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for count in (70_000, 280_000):
        connection = persons(count)
        tracemalloc.start()
        arrow = pa.total_allocated_bytes()
        with (tmp_path / "n.xlsx").open("wb") as target:
            assert notification.write(connection, ("KS", "Asia/Tokyo"), target) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert pa.total_allocated_bytes() - arrow < 32 << 20
    assert peaks[1] < peaks[0] * 1.3


def test_a_text_too_long_is_cut_where_excel_counts() -> None:
    for text in ("あ" * 40_000, "😀" * 20_000, "a" * 33_000):
        cut = text_of(text)
        assert len(cut.encode("utf-16-le")) // 2 <= MOST_SIGNS
        assert cut.endswith("…(以下略 cut)")
    assert text_of("a" * MOST_SIGNS) == "a" * MOST_SIGNS


@given(st.text(alphabet=st.characters(), max_size=50))
@settings(max_examples=200, deadline=None)
def test_what_is_shown_can_be_written_and_hides_nothing(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert not any(sign < " " and sign not in "\t\n" for sign in shown)
    assert not any(sign in shown for sign in "\u202e\u2066\u200b\ufeff\u2028")
    assert "\n" not in on_one_line(text)
