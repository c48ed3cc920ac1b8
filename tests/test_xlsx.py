"""Every sheet and row of a workbook, values as text; bad workbooks are told, never raised."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from pathlib import Path

import pytest

from fixtures.builders.jump_lists import compound
from fixtures.builders.office import relations
from fixtures.builders.sheets import HEADER, PERSONS, xlsx_bytes
from fixtures.builders.sheets import fixtures as built
from fixtures.builders.workbooks import everything
from parsers.contract import ProblemKind
from parsers.documents.xlsx import xlsx
from parsers.formats import sheet_blocks, workbook
from parsers.formats import sheet_xml as sheet_bytes
from parsers.formats.compound import SIGNATURE
from tests.artefacts import Yielded, from_bytes, run
from tests.test_csv import mutant

TABLE = (HEADER, *PERSONS)


def read(content: bytes, folder: Path, name: str = "book.xlsx") -> Yielded:
    return run(xlsx, from_bytes(content, folder, name))


def cells(out: Yielded, sheet: int = 0) -> list[list[object]]:
    return [list(row.values()) for row in out.sheets[sheet][1].to_pylist()]


def repacked(content: bytes, **changed: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for one in source.infolist():
            target.writestr(one.filename, changed.get(Path(one.filename).stem, source.read(one)))
    return out.getvalue()


def sheet_xml(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def test_every_sheet_and_every_row_hidden_ones_too(tmp_path) -> None:
    out = read(xlsx_bytes({"会員": TABLE, "退会": TABLE, "空": ()}, hidden=("退会",)), tmp_path)
    assert [(one.name, one.is_hidden, one.locator) for one, _ in out.sheets] == [
        ("会員", False, "sheet:1"),
        ("退会", True, "sheet:2"),
    ]
    for index in (0, 1):
        assert out.sheets[index][0].header == HEADER
        assert cells(out, index) == [[number, *person] for number, person in enumerate(PERSONS, 2)]
    assert not out.problems


def test_rows_are_numbered_as_the_program_shows_them(tmp_path) -> None:
    rows = [(), (), ("", "", "氏名", "住所"), ("", "", "山田", "東京"), (), ("", "", "鈴木", "大阪")]
    out = read(xlsx_bytes({"a": rows}), tmp_path)
    assert out.sheets[0][0].header_row == 3
    assert cells(out) == [[4, None, None, "山田", "東京"], [6, None, None, "鈴木", "大阪"]]


def test_no_row_of_a_long_sheet_is_left_out(tmp_path) -> None:
    rows = [("番号", "氏名"), *((number, f"人{number}") for number in range(5001))]
    out = read(xlsx_bytes({"a": rows}), tmp_path)
    assert [row[1] for row in cells(out)] == [str(number) for number in range(5001)]


def test_values_as_text(tmp_path) -> None:
    out = read(built()["xlsx/kinds-of-values"][1], tmp_path)
    assert cells(out) == [
        [2, "1", "2.5", "=cmd|' /C calc'!A0"],
        [3, "4111111111111111", "2026-04-01", "0123"],
        [4, "2", "2026-04-01 10:30:00", "TRUE"],
    ]


def test_a_header_of_two_floors_and_merged_cells(tmp_path) -> None:
    out = read(built()["xlsx/merged"][1], tmp_path)
    assert out.sheets[0][0].header == ("世帯", "氏名", "電話", "メール")
    assert cells(out)[1] == [5, "千代田1-1", "髙橋 二郎", "03-0000-0001", "jiro@example.com"]
    assert [one.content for one in out.texts] == ["世帯名簿", "世帯\t氏名\t連絡先"]


def test_the_same_rows_give_the_same_bytes() -> None:
    assert xlsx_bytes({"a": TABLE}) == xlsx_bytes({"a": TABLE})


def test_a_zip_bomb_is_refused_before_it_unpacks(tmp_path) -> None:
    out = read(repacked(xlsx_bytes({"a": TABLE}), sheet1=b"0" * (70 << 20)), tmp_path)
    assert [one.kind for one in out.problems] == [ProblemKind.LIMIT] and not out.sheets


def test_a_zip_bomb_that_lies_about_its_size_is_refused(tmp_path) -> None:
    content = bytearray(repacked(xlsx_bytes({"a": TABLE}), sheet1=b"0" * (70 << 20)))
    content = content.replace(struct.pack("<I", 70 << 20), struct.pack("<I", 1000))
    out = read(bytes(content), tmp_path)
    assert [one.kind for one in out.problems] == [ProblemKind.LIMIT] and "budget" in out.problems[0].message


def test_two_cells_far_apart_do_not_take_all_memory(tmp_path) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    out = read(repacked(xlsx_bytes({"a": TABLE}), sheet1=sheet_xml(rows)), tmp_path)
    assert [one.kind for one in out.problems] == [ProblemKind.LIMIT]


def with_strings(strings: str, rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    related = relations(
        ("worksheet", "worksheets/sheet1.xml"),
        ("worksheet", "worksheets/sheet2.xml"),
        ("sharedStrings", "sharedStrings.xml"),
    )
    shared = f'<sst xmlns="{space}">{strings}</sst>'
    parts = {
        "xl/worksheets/sheet1.xml": sheet_xml(rows),
        "xl/sharedStrings.xml": shared,
        "xl/_rels/workbook.xml.rels": related,
    }
    return everything(parts)


def test_a_long_string_is_read_once_and_not_copied_without_end(tmp_path) -> None:
    cell = '<row r="{0}"><c r="A{0}" t="s"><v>1</v></c></row>'
    long = "".join(random.Random(3).choices("山川田中一二三", k=200_000))
    strings = f"<si><t>短い</t></si><si><t>{long}</t></si>"
    out = read(with_strings(strings, cell.format(1) + cell.format(2)), tmp_path)
    assert [row[1] for row in cells(out)] == [long, long]
    out = read(with_strings(strings, "".join(map(cell.format, range(1, 2000)))), tmp_path)
    assert not out.sheets and [one.kind for one in out.problems] == [ProblemKind.LIMIT]


@pytest.mark.parametrize("step", [1, 3, 50, 10_000])
def test_long_strings_are_found_however_their_bytes_are_cut(step: int, monkeypatch) -> None:
    monkeypatch.setattr(sheet_bytes, "_LONG", 100)
    part = (
        b"<sst><si><t>a</t></si><si><t>"
        + b"b" * 200
        + b"</t></si><x:si/></x:si><si>"
        + b"c" * 101
        + b"</si></sst>"
    )
    seen = sheet_bytes.SharedBytes()
    for at in range(0, len(part), step):
        seen.take(part[at : at + step])
    assert list(seen.long) == [1, 3]


def test_a_sheet_of_all_columns_and_one_of_all_rows(tmp_path) -> None:
    names = [sheet_blocks.column_letters(one) for one in range(16_384)]
    wide = "".join(f'<c r="{name}1"><v>{number}</v></c>' for number, name in enumerate(names))
    out = read(repacked(xlsx_bytes({"a": TABLE}), sheet1=sheet_xml(f'<row r="1">{wide}</row>')), tmp_path)
    assert out.sheets[0][0].width == 16_384 and cells(out)[0][-1] == "16383"
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>'
    out = read(repacked(xlsx_bytes({"a": TABLE}), sheet1=sheet_xml(far)), tmp_path)
    assert cells(out) == [[1, "1"], [1_048_576, "2"]]


def test_a_cell_of_fifty_million_bytes(tmp_path) -> None:
    long = random.Random(4).randbytes(1 << 20).hex() * 25
    rows = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{long}</t></is></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    out = read(repacked(xlsx_bytes({"a": TABLE}), sheet1=sheet_xml(rows)), tmp_path)
    assert [len(str(row[1])) for row in cells(out)] == [len(long), 1]


def test_a_password_is_told(tmp_path) -> None:
    agile = compound({"EncryptedPackage": bytes(8), "EncryptionInfo": bytes(8)})
    # BOF of BIFF8 globals, WriteProtect, FilePass.
    begin = b"\x09\x08\x10\0\0\x06\x05\0" + bytes(12) + b"\x86\0\0\0"
    methods = {"RC4": b"\1\0\1\0", "RC4 CryptoAPI": b"\1\0\2\0", "XOR obfuscation": b"\0\0\0\0"}
    for method, info in {"EncryptionInfo": None, **methods}.items():
        content = agile if info is None else compound({"Workbook": begin + b"\x2f\0\4\0" + info})
        out = read(content, tmp_path)
        assert [one.kind for one in out.problems] == [ProblemKind.LOCKED]
        assert method in out.problems[0].message


def test_an_ole_file_that_is_no_workbook_is_told(tmp_path) -> None:
    assert [one.kind for one in read(compound({"WordDocument": b"x"}), tmp_path, "a.xls").problems] == [
        ProblemKind.UNRECOGNISED
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        b"PK\x03\x04" + bytes(100),
        SIGNATURE,
        compound({"Workbook": b""}),
        compound({"Book": bytes(99)}),
    ],
)
def test_what_only_begins_like_a_workbook_is_told(tmp_path, content) -> None:
    out = read(content, tmp_path)
    assert len(out.problems) == 1 and not out.sheets


def test_a_panic_of_the_reader_is_a_problem_and_no_panic() -> None:
    from parsers.formats.workbook_cells import Panics

    panic = type("PanicException", (BaseException,), {})
    with pytest.raises(ValueError, match="gave up"), Panics():
        raise panic("index out of bounds")
    with pytest.raises(KeyboardInterrupt), Panics():
        raise KeyboardInterrupt


def test_which_bytes_are_wanted_without_a_name() -> None:
    assert workbook.is_spreadsheet(xlsx_bytes({"a": TABLE})[:4096])
    for name in ("word/document.xml", "a.txt"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            target.writestr(name, b"x")
        assert not workbook.is_spreadsheet(out.getvalue())
    ods = io.BytesIO()
    with zipfile.ZipFile(ods, "w") as target:
        target.writestr("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")
    assert workbook.is_spreadsheet(ods.getvalue())


def test_mutants_never_raise(tmp_path) -> None:
    rng = random.Random(5)
    for scenario, (name, content, _) in built().items():
        if scenario.startswith("xlsx/"):
            for _ in range(40):
                read(mutant(content, rng), tmp_path, name)


def test_mutants_of_the_xml_never_raise(tmp_path) -> None:
    rng = random.Random(6)
    content = built()["xlsx/merged"][1]
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        parts = {Path(one).stem: source.read(one) for one in source.namelist()}
    for _ in range(120):
        stem = rng.choice(("sheet1", "workbook", "styles", "sharedStrings", "workbook.xml"))
        if stem in parts:
            read(repacked(content, **{stem: mutant(parts[stem], rng)}), tmp_path)
