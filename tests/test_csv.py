"""Delimited text becomes one sheet, every record a row, whatever its shape."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.builders.sheets import HEADER, PERSONS, csv_bytes
from fixtures.builders.sheets import fixtures as built
from parsers import all_parsers
from parsers.contract import ProblemKind, Sheet
from parsers.documents.csv import csv
from parsers.formats import delimited, tabular
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run


def read(content: bytes, folder: Path, name: str = "list.csv") -> Yielded:
    return run(csv, from_bytes(content, folder, name))


def cells(out: Yielded) -> list[list[object]]:
    return [list(row.values()) for _, table in out.sheets for row in table.to_pylist()]


def kinds(out: Yielded) -> list[tuple[ProblemKind, str]]:
    return [(one.kind, one.locator) for one in out.problems]


@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("codec", ["cp932", "utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_every_encoding_delimiter_and_line_end_gives_the_same_rows(
    tmp_path, newline, delimiter, codec
) -> None:
    out = read(csv_bytes((HEADER, *PERSONS), codec, newline, delimiter), tmp_path)
    sheet, _ = out.sheets[0]
    assert (sheet.header, sheet.header_row, sheet.width, sheet.codec) == (HEADER, 1, 7, codec)
    assert cells(out) == [[number, *person] for number, person in enumerate(PERSONS, 2)]
    assert not out.problems


def test_the_first_person_is_no_header(tmp_path) -> None:
    out = read(csv_bytes(PERSONS), tmp_path)
    assert out.sheets[0][0].header is None
    assert [row[0] for row in cells(out)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("lines", "header_row"),
    [
        (["name,city", "Taro,Tokyo", "Jiro,Osaka"], 1),
        (["品目,個", "りんご,3", "みかん,4"], 1),
        (["山田,東京", "鈴木,大阪", "佐藤,京都"], None),
        (["1,2", "3,4"], None),
        (["店舗,2024年,2025年,合計,備考", "A,1,2,3,x", "B,1,2,3,y"], 1),
        (["男,東京,不明", "男,大阪,090-0000-0001", "女,京都,090-0000-0002"], None),
        (["メールアドレス", "a@example.com", "b@example.com"], 1),
        (["a@example.com", "b@example.com"], None),
        (
            [
                "名簿,,,",
                ",,,",
                "氏名,住所,電話番号,備考",
                "山田,東京,03-0000-0001,",
                "鈴木,大阪,06-0000-0002,",
            ],
            3,
        ),
    ],
)
def test_where_the_header_stands(tmp_path, lines, header_row) -> None:
    out = read("\n".join(lines).encode(), tmp_path)
    assert out.sheets[0][0].header_row == header_row


def test_lines_above_the_header_are_kept_as_text(tmp_path) -> None:
    out = read(csv_bytes([("名簿",), (), HEADER, *PERSONS]), tmp_path)
    assert [(one.locator, one.content) for one in out.texts] == [("line:1", "名簿")]
    assert out.sheets[0][0].header_row == 3
    assert len(cells(out)) == 3


def test_blank_and_ragged_rows(tmp_path) -> None:
    out = read("氏名,住所\n山田,東京\n\n,\n鈴木\n佐藤,大阪,余り\n".encode(), tmp_path)
    assert cells(out) == [[2, "山田", "東京", None], [5, "鈴木", None, None], [6, "佐藤", "大阪", "余り"]]
    assert out.sheets[0][0].header == ("氏名", "住所", "")


def test_cells_of_many_lines_keep_the_line_numbers(tmp_path) -> None:
    out = read(b'id,name\n1,"a\r\nb\n"\n2,c\n', tmp_path)
    assert cells(out) == [[2, "1", "a\nb\n"], [5, "2", "c"]]


def test_a_quote_never_closed_costs_one_line(tmp_path) -> None:
    lines = ["id,name", '1,"open', *(f"{number},x{number}" for number in range(2, 150_000))]
    out = read("\n".join(lines).encode(), tmp_path)
    assert out.sheets[0][1].num_rows == 149_999
    assert cells(out)[0] == [2, "1", "open"]
    assert kinds(out) == [(ProblemKind.TRUNCATED, "line:2")]


def test_a_quote_closed_in_another_row_is_told(tmp_path) -> None:
    out = read(b'id,name,place\n1,"abc,q\n2,"DEF",o\n3,"x",y\n', tmp_path)
    assert cells(out) == [[2, "1", "abc", "q"], [3, "2", "DEF", "o"], [4, "3", "x", "y"]]
    assert kinds(out) == [(ProblemKind.AMBIGUOUS, "line:2")]


def test_one_endless_line_is_bounded_and_told(tmp_path) -> None:
    out = read(b"id,name\n1," + b"x" * (3 << 20) + b"\n2,b\n", tmp_path)
    assert [len(row[2]) for row in cells(out)] == [1 << 20, 1]
    assert kinds(out) == [(ProblemKind.LIMIT, "line:2")]


def test_more_cells_than_columns_are_kept_together(tmp_path) -> None:
    out = read(b"id,name\n1," + b"," * 5000 + b"end\n", tmp_path)
    assert out.sheets[0][0].width == delimited.MOST_COLUMNS
    assert cells(out)[0][-1].endswith(",end")
    assert kinds(out) == [(ProblemKind.LIMIT, "line:2")]


def test_the_line_that_names_the_delimiter_is_no_row(tmp_path) -> None:
    out = read(b"sep=;\nname;amount\na;1,5\n", tmp_path)
    assert cells(out) == [[3, "a", "1,5"]]


@pytest.mark.parametrize("content", [b"", b"\n\n", b",,\n", b"\xef\xbb\xbf"])
def test_nothing_gives_nothing(tmp_path, content) -> None:
    out = read(content, tmp_path)
    assert not out.sheets and not out.problems and not out.texts


def test_damaged_bytes_are_one_problem_with_the_first_place(tmp_path) -> None:
    out = read(built()["csv/damaged-bytes"][1], tmp_path)
    assert [(one.kind, one.locator) for one in out.problems] == [(ProblemKind.DAMAGED, "offset:155")]
    assert built()["csv/damaged-bytes"][1].find(b"\xff") == 155
    assert "3 bytes" in out.problems[0].message
    assert cells(out)[1][1] == r"0000\xff\x00\x8118"


def test_a_header_without_rows_is_a_sheet_without_rows(tmp_path) -> None:
    out = read("氏名,住所\n".encode(), tmp_path)
    assert out.sheets[0][0].header == ("氏名", "住所") and out.sheets[0][1].num_rows == 0


def test_formulas_stay_text(tmp_path) -> None:
    assert cells(read(b"name,note\na,=cmd|' /C calc'!A0\n", tmp_path))[0][2] == "=cmd|' /C calc'!A0"


def rows_of(
    text: str, delimiter: str, *, is_fast: bool, cut: int
) -> tuple[list[list[object]], delimited.Reading]:
    reading = delimited.Reading()
    pieces = [text[at : at + cut] for at in range(0, len(text), cut)]
    blocks = list(delimited.blocks(iter(pieces), delimiter, reading, is_fast=is_fast))
    batches = [one for block in blocks for one in delimited.as_batches(block, reading.width, 0)]
    return [list(row.values()) for one in batches for row in one.to_pylist()], reading


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.text(alphabet='ab",\n x山', max_size=80), st.integers(1, 80))
def test_the_fast_path_and_the_careful_path_give_the_same(text, cut) -> None:
    fast, fast_reading = rows_of(text, ",", is_fast=True, cut=cut)
    careful, careful_reading = rows_of(text, ",", is_fast=False, cut=cut)
    whole, _ = rows_of(text, ",", is_fast=False, cut=100)
    assert fast == careful == whole
    assert fast_reading == careful_reading


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(
        st.lists(st.text(alphabet='ab",\n x山', min_size=1), min_size=2, max_size=4), min_size=1, max_size=9
    )
)
def test_what_the_standard_library_writes_is_read_back(rows) -> None:
    text = csv_bytes(rows, "utf-8", "\n").decode()
    got, reading = rows_of(text, ",", is_fast=True, cut=7)
    kept = [row for row in rows if tabular.is_filled(row)]
    assert [[cell for cell in row[1:] if cell is not None] for row in got] == kept
    assert not reading.open_quotes and not reading.stray_quotes


def test_a_large_file_takes_the_memory_of_a_piece(tmp_path) -> None:
    file = tmp_path / "large.csv"
    file.write_bytes(csv_bytes((HEADER, *PERSONS * 15_000)))

    class Streamed(type(artefact(file))):  # type: ignore[misc]
        def open(self):
            return self.file.open("rb")

    tracemalloc.start()
    rows = 0
    for one in csv.parse(Streamed(file=file, path="/large.csv")):
        assert isinstance(one, Sheet)
        rows += sum(batch.num_rows for batch in one.batches)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == 45_000
    assert peak < 12 << 20


def test_mutants_never_raise(tmp_path) -> None:
    rng = random.Random(11)
    for scenario, (name, content, _) in built().items():
        if scenario.startswith("csv/"):
            for _ in range(40):
                read(mutant(content, rng), tmp_path, name)


def mutant(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(changed))] = rng.choice((0, 0x22, 0x0A, 0x2C, 0xFF, rng.randrange(256)))
    return bytes(changed[: rng.choice((len(changed), rng.randrange(len(changed))))])


def test_only_text_is_wanted() -> None:
    assert not any(
        want.sniff is None or want.sniff(b"PK\x03\x04" + bytes(100)) or want.sniff(bytes(range(32)) * 9)
        for want in csv.wants
    )


BARRED = {
    "markdown": "| 氏名 | 電話番号 | 備考 |\n|:-----|---------:|------|\n| 山田 太郎 | 090-0000-0001 | |\n| 鈴木 花子 | 090-0000-0002 | 休会 |\n",
    "psql": " 氏名      |   電話番号    | 備考\n-----------+---------------+------\n 山田 太郎 | 090-0000-0001 |\n 鈴木 花子 | 090-0000-0002 | 休会\n",
    "mysql": "+-----------+---------------+------+\n| 氏名      | 電話番号      | 備考 |\n+-----------+---------------+------+\n| 山田 太郎 | 090-0000-0001 |      |\n| 鈴木 花子 | 090-0000-0002 | 休会 |\n+-----------+---------------+------+\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", BARRED)
def test_tables_drawn_with_bars(tmp_path, kind) -> None:
    content = BARRED[kind].encode()
    assert [one.full_name for one in select(all_parsers(), "/srv/list.txt", content).chosen] == [
        "documents/csv"
    ]
    out = read(content, tmp_path, "list.txt")
    assert out.sheets[0][0].header == ("氏名", "電話番号", "備考")
    assert [row[1:] for row in cells(out)] == [
        ["山田 太郎", "090-0000-0001", ""],
        ["鈴木 花子", "090-0000-0002", "休会"],
    ]
    lines = BARRED[kind].splitlines()
    assert [lines[int(str(row[0])) - 1].split("|")[kind != "psql"].strip() for row in cells(out)] == [
        "山田 太郎",
        "鈴木 花子",
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("name", ["list.txt", "LIST.DAT", "list.csv"])
def test_delimited_records_are_known_by_their_bytes(delimiter, name) -> None:
    content = csv_bytes((HEADER, *PERSONS), "cp932", "\r\n", delimiter)
    assert [one.full_name for one in select(all_parsers(), f"/srv/{name}", content).chosen] == [
        "documents/csv"
    ]


def test_bars_in_cells_of_other_tables_stay(tmp_path) -> None:
    out = read(b"name,note\na,x|y\nb,|z|\n", tmp_path)
    assert [row[1:] for row in cells(out)] == [["a", "x|y"], ["b", "|z|"]]
