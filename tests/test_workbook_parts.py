"""What stands beside the cells of a workbook is told; damaged parts are told and what came before is kept."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from fixtures.builders.office import full
from fixtures.builders.workbooks import (
    FIVE,
    FOUR,
    ONE,
    THREE,
    TWO,
    everything,
    ods,
    pivot,
    record12,
    table,
    wide12,
    x,
    xlsb,
)
from parsers.contract import ProblemKind
from parsers.documents.xlsx import xlsx
from parsers.formats import sheet_xml
from parsers.formats.sheet_xml import SheetBytes
from tests.artefacts import Yielded, from_bytes, run
from tests.test_csv import mutant


def read(content: bytes, folder: Path, name: str = "book.xlsx") -> Yielded:
    return run(xlsx, from_bytes(content, folder, name))


def told(out: Yielded) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in out.texts:
        found[one.segment] = "\n".join(filter(None, (found.get(one.segment), one.content)))
    return found


def test_no_person_of_any_part_is_lost(tmp_path: Path) -> None:
    for content, name in ((everything(), "a.xlsx"), (ods(), "a.ods")):
        out = read(content, tmp_path, name)
        rows = [list(row.values()) for _, sheet in out.sheets for row in sheet.to_pylist()]
        whole = repr((rows, out.texts, out.rows))
        assert all(full(one) in whole for one in (ONE, TWO, THREE, FOUR, FIVE)), name


def test_a_comment_has_its_author_and_the_copy_of_a_thread_is_left_out(tmp_path: Path) -> None:
    out = read(everything(), tmp_path)
    remarks = out.table("office_remark")
    assert [one.get("remark_author") for one in remarks] == [full(ONE), full(TWO), None]
    assert "写し" not in told(out)["comment"] and "ヨミ" not in told(out)["comment"]


def test_copies_of_threads_are_told_where_the_threads_are_lost(tmp_path: Path) -> None:
    out = read(everything({"xl/threadedComments/threadedComment1.xml": x("comments", "")}), tmp_path)
    assert "写し" in told(out)["comment"]


def test_rows_of_a_pivot_table_stand_in_a_hidden_sheet(tmp_path: Path) -> None:
    [(sheet, rows)] = [one for one in read(everything(), tmp_path).sheets if one[0].name.startswith("pivot")]
    assert sheet.is_hidden and sheet.header == ("氏名", "退会日", "年会費")
    assert rows.column("c000").to_pylist() == [full(THREE), full(FOUR), None]


def test_values_of_a_pivot_table_without_rows_are_text(tmp_path: Path) -> None:
    gone = "xl/pivotCache/pivotCacheRecords1.xml"
    out = read(
        everything(
            {gone: "", **pivot(has_records=False), "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": ""}
        ),
        tmp_path,
    )
    assert told(out)["pivot_item"] == "\n".join(f"氏名: {full(one)}" for one in (THREE, FOUR, FIVE))


def test_rows_before_the_damage_of_a_cache_are_kept(tmp_path: Path) -> None:
    broken = x("pivotCacheRecords", '<r><x v="0"/><m/><m/></r><r><x v="1"')[:-20]
    out = read(everything({"xl/pivotCache/pivotCacheRecords1.xml": broken}), tmp_path)
    [(_, rows)] = [one for one in out.sheets if one[0].name.startswith("pivot")]
    assert rows.column("c000").to_pylist() == [full(THREE)]
    assert any(
        one.locator.endswith("pivotCacheRecords1.xml") and one.kind is ProblemKind.DAMAGED
        for one in out.problems
    )


def test_the_text_of_a_shape_is_no_text_of_its_cell(tmp_path: Path) -> None:
    rows = read(ods(), tmp_path, "a.ods").sheets[0][1]
    assert rows.column("c002").to_pylist() == ["-".join(ONE.phone), "-".join(TWO.phone)]


def test_what_is_hidden_is_counted(tmp_path: Path) -> None:
    for content, name in ((everything(), "a.xlsx"), (ods(), "a.ods")):
        out = read(content, tmp_path, name)
        first = out.table("workbook_sheet")[0]
        assert (first["hidden_row_count"], first["hidden_column_count"]) == (1, 2), name
        assert out.sheets[0][1].num_rows == len(table()) - 1
    assert read(everything(), tmp_path).table("workbook_sheet")[1]["sheet_state"] == "very_hidden"


def test_files_within_are_members_and_parts_of_the_workbook_are_not(tmp_path: Path) -> None:
    assert [one.name for one in read(everything(), tmp_path).members] == ["oleObject1.bin", "image1.png"]
    assert [one.name for one in read(ods(), tmp_path, "a.ods").members] == ["1.png"]


@pytest.mark.parametrize("step", [1, 7, 64, 300, 5000])
def test_a_sheet_is_looked_at_alike_however_its_bytes_are_cut(step: int) -> None:
    rows = "".join(
        f'<row r="{one}" hidden="{one % 2}"><c r="A{one}"><v>1</v></c></row>' for one in range(1, 200)
    )
    part = x(
        "worksheet",
        f"<cols/><sheetData>{rows}</sheetData><headerFooter><oddHeader>a</oddHeader></headerFooter>",
    ).encode()
    seen = SheetBytes("a")
    for at in range(0, len(part), step):
        seen.take(part[at : at + step])
    seen.close()
    assert seen.hidden_rows == 100
    assert (
        bytes(seen.around)
        == x(
            "worksheet", "<cols/><sheetData></sheetData><headerFooter><oddHeader>a</oddHeader></headerFooter>"
        ).encode()
    )


@pytest.mark.parametrize("body", ["<sheetData/><a/>", "<a/>", "<x:sheetData></x:sheetData><a/>"])
def test_sheets_without_cells(body: str) -> None:
    seen = SheetBytes("a")
    seen.take(body.encode())
    seen.close()
    assert bytes(seen.around) == body.encode()


def test_what_is_too_long_around_the_cells_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_xml, "_MOST_AROUND", 100)
    assert ProblemKind.LIMIT in {one.kind for one in read(everything(), tmp_path).problems}


def test_what_stands_beside_the_cells_of_a_binary_workbook(tmp_path: Path) -> None:
    out = read(xlsb(), tmp_path, "a.xlsb")
    assert out.sheets[0][0].header == table()[0] and out.sheets[0][1].num_rows == 2
    assert out.table("workbook_sheet")[0]["hidden_row_count"] == 1
    assert out.table("workbook_sheet")[0]["hidden_column_count"] == 2
    [remark] = out.table("office_remark")
    assert (remark["remark_author"], remark["remark_text"]) == (full(ONE), f"{full(THREE)}の紹介")
    assert out.rows[-1][1] == "part:xl/comments1.bin/cell:B2"
    assert told(out) == {
        "comment": f"{full(THREE)}の紹介", "header": "会員名簿\n社外秘", "footer": "頁", "pivot_item": f"{full(FOUR)}\n{full(FIVE)}",
    }  # fmt: skip
    assert [one.name for one in out.members] == ["vbaProject.bin"]
    assert not out.problems


def test_cells_far_apart_in_a_binary_workbook_do_not_take_all_memory(tmp_path: Path) -> None:
    cell = record12(6, struct.pack("<II", 16_383, 0) + wide12("x"))
    rows = b"".join(
        record12(0, struct.pack("<IIHBBBI", one, 0, 300, 0, 0, 0, 0)) + cell for one in (0, 1_048_575)
    )
    near = record12(0, struct.pack("<IIHBBBI", 5, 0, 300, 0, 0, 0, 0)) + record12(
        6, struct.pack("<II", 0, 0) + wide12("x")
    )
    part = record12(129) + record12(145) + near + rows + record12(146)
    out = read(xlsb({"xl/worksheets/sheet1.bin": part}), tmp_path, "a.xlsb")
    assert not out.sheets and [one.kind for one in out.problems] == [ProblemKind.LIMIT]


def test_mutants_of_every_part_never_raise(tmp_path: Path) -> None:
    rng = random.Random(8)
    for content, name in ((everything(), "a.xlsx"), (ods(), "a.ods"), (xlsb(), "a.xlsb")):
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            parts = {one: source.read(one) for one in source.namelist()}
        for part in parts:
            for _ in range(6):
                out = io.BytesIO()
                with zipfile.ZipFile(out, "w") as target:
                    for one, stored in parts.items():
                        target.writestr(one, mutant(stored, rng) if one == part else stored)
                read(out.getvalue(), tmp_path, name)
