"""Documents of Word: what stands in them is told once, by what it is; what is made to harm is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import binary_office, office
from fixtures.builders.office import FOLDER, ONE, THREE, TWO, full, p, run, tbl, tc
from parsers.contract import ProblemKind
from parsers.documents.docx import docx
from tests.artefacts import Yielded, artefact, from_bytes
from tests.artefacts import run as read
from tests.damaged import cut, flipped, in_child


def fixture(name: str) -> Yielded:
    return read(docx, artefact(FOLDER / "docx" / name / f"{name}.docx"))


def body(content: str, folder: Path) -> Yielded:
    return read(docx, from_bytes(office.docx(body=f"<w:body>{content}</w:body>"), folder, "a.docx"))


def said(found: Yielded, segment: str) -> list[str]:
    return [line for one in found.texts if one.segment == segment for line in one.content.split("\n")]


def test_each_kind_of_text_stands_in_its_segment() -> None:
    found = fixture("everything")
    assert said(found, "body") == [
        "会員台帳", f"担当\u3000\t{THREE.surname}様", f"氏名: {full(THREE)}",
        "表の後隠した電話 03-0000-0009見える", "連絡先", "差し込み",
    ]  # fmt: skip
    assert said(found, "deleted") == [f"氏名: {full(ONE)}"]
    assert said(found, "inserted") == [full(THREE)]
    assert said(found, "hidden") == ["隠した電話 03-0000-0009"]
    assert said(found, "ruby") == [f"{THREE.surname}（{THREE.surname_kana}）"]
    assert said(found, "text_box") == ["枠の中の文"]
    assert said(found, "alternative") == ["枠の中の文の枠"]
    assert said(found, "field") == [f'HYPERLINK "mailto:{ONE.email}"']
    assert said(found, "footnote") == [f"出典: {full(TWO)}"]
    assert said(found, "comment") == ["確認済み", "二つ目"]
    assert (said(found, "header"), said(found, "footer")) == (["社外秘"], ["1 頁"])
    assert said(found, "hyperlink") == [
        "https://intra.example/名簿",
        "attachedTemplate: file:///\\\\fs01\\雛形.dotx",
    ]
    assert (said(found, "custom_xml"), said(found, "setting")) == ([full(TWO)], ["顧客\tC00001"])


def test_a_table_with_a_header_is_a_sheet_of_persons() -> None:
    sheet, table = fixture("everything").sheets[0]
    assert (sheet.locator, sheet.header) == (
        "part:word/document.xml/table:1",
        ("会員番号", "氏名", "電話番号", "住所"),
    )
    assert [tuple(one.values()) for one in table.to_pylist()] == [
        (2 + index, one.number, full(one), "-".join(one.phone), one.address)
        for index, one in enumerate((ONE, TWO))
    ]


def test_merged_cells_stand_in_each_row_and_a_table_within_is_its_own_sheet() -> None:
    found = fixture("everything")
    by_place = {sheet.locator.rsplit(":", 1)[1]: (sheet, table) for sheet, table in found.sheets}
    assert [tuple(one.values()) for one in by_place["2"][1].to_pylist()] == [
        (2, "A-1", full(ONE), "本人"), (3, "A-1", full(TWO), "妻"), (4, "備考欄", None, "別表"),
    ]  # fmt: skip
    assert by_place["3"][0].header == ("内側", "値")


def test_a_form_is_told_as_labels_and_values_too() -> None:
    found = fixture("everything")
    assert said(found, "table") == [
        f"氏名: {full(THREE)}",
        f"電話番号: {'-'.join(THREE.phone)}",
        f"メール: {THREE.email}",
    ]
    assert [sheet.header for sheet, _ in found.sheets if sheet.locator.endswith("table:4")] == [None]


def test_who_commented_and_changed_what_is_a_row() -> None:
    found = fixture("everything")
    rows = found.table("office_remark")
    assert [(one["remark_kind"], one["remark_author"], one["remark_text"]) for one in rows] == [
        ("deletion", full(TWO), full(ONE)), ("insertion", full(TWO), full(THREE)),
        ("comment", full(ONE), "確認済み"), ("comment", None, "二つ目"),
    ]  # fmt: skip
    assert (rows[1]["remark_local"], rows[1]["remark_at"]) == (
        datetime(2026, 4, 1, 9, 15),  # noqa: DTZ001
        datetime(2026, 4, 1, 0, 15, tzinfo=UTC),
    )
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "remark_local")]


def test_files_within_become_entries() -> None:
    assert [(one.name, one.is_inline) for one in fixture("everything").members] == [
        ("image1.png", True),
        ("Microsoft_Excel_Sheet1.xlsx", False),
    ]


def test_strict_documents_read_alike() -> None:
    assert said(fixture("strict"), "body") == [f"氏名: {full(ONE)}"]


def test_a_password_is_told_with_its_method() -> None:
    found = fixture("locked")
    assert [one.kind for one in found.problems] == [ProblemKind.LOCKED]
    assert "agile encryption, AES 256 bits, SHA512" in found.problems[0].message


def test_a_fallback_is_read_where_the_choice_says_nothing(tmp_path: Path) -> None:
    emoji = '<w:r><mc:AlternateContent><mc:Choice Requires="x"><x/></mc:Choice><mc:Fallback><w:t>顔</w:t></mc:Fallback></mc:AlternateContent></w:r>'
    assert said(body(p("前", emoji), tmp_path), "body") == ["前顔"]


def test_persons_in_columns_are_told_one_after_another(tmp_path: Path) -> None:
    found = body(
        tbl(
            ("氏名", full(ONE), full(TWO)),
            ("電話番号", "03-0000-0001", "03-0000-0002"),
        ),
        tmp_path,
    )
    assert said(found, "table") == [
        f"氏名: {full(ONE)}", "電話番号: 03-0000-0001", f"氏名: {full(TWO)}", "電話番号: 03-0000-0002",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["entity", "outside"])
def test_a_document_type_is_refused_and_the_rest_is_read(name: str, tmp_path: Path) -> None:
    found = read(docx, from_bytes(office.hostile()[name], tmp_path, "a.docx"))
    kinds = [(one.kind, one.locator) for one in found.problems]
    assert (ProblemKind.UNSUPPORTED, "part:word/document.xml") in kinds
    assert said(found, "body") == [] and said(found, "header") == ["社外秘"]
    assert not any("root:" in one.content for one in found.texts)


def test_a_document_cut_within_a_part_keeps_what_came_before(tmp_path: Path) -> None:
    whole = office.w("document", f"<w:body>{p('一')}{p('二')}</w:body>")
    parts = office.docx(more={"word/document.xml": whole[: whole.index("二")]})
    found = read(docx, from_bytes(parts, tmp_path, "a.docx"))
    assert said(found, "body") == ["一"]
    assert (ProblemKind.DAMAGED, "part:word/document.xml") in [
        (one.kind, one.locator) for one in found.problems
    ]


def test_segments_are_no_longer_than_64_kib(tmp_path: Path) -> None:
    found = body(p("あ" * 100_000) + p("い" * 10) * 5000, tmp_path)
    assert all(len(one.content.encode()) <= 1 << 16 for one in found.texts)
    whole = "".join(one.content for one in found.texts if one.segment == "body").replace("\n", "")
    assert whole == "あ" * 100_000 + "い" * 50_000


def test_wide_and_long_tables_are_bounded(tmp_path: Path) -> None:
    wide = "<w:tr>" + tc("a", '<w:gridSpan w:val="999999999"/>') + tc("b") * 300 + "</w:tr>"
    found = body(f"<w:tbl>{wide}</w:tbl>" + tbl(*[("x" * 2000, "y")] * 5000), tmp_path)
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}
    assert found.sheets[0][0].width == 256
    assert sum(table.num_rows for sheet, table in found.sheets if "table:2" in sheet.locator) == 5000


def bomb() -> bytes:
    """A document of 160 MiB in a package of a few kilobytes."""
    return office.docx(more={"word/document.xml": office.w("document", " " * (160 << 20))})


def many_parts() -> bytes:
    """A package of 150,000 parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(150_000):
            archive.writestr(f"word/{number:06d}.xml", b"")
    return out.getvalue()


def hurts(kind: ProblemKind, content: bytes) -> None:
    """Reads what is made to harm; told with this kind, in 400 MB."""
    import resource
    import tempfile

    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        found = read(docx, from_bytes(content, Path(folder), "a.docx"))
    assert kind in {one.kind for one in found.problems}, found.problems
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base
    assert used < 300 << 10, used


def deep() -> bytes:
    return office.docx(body="<w:body>" + "<w:tbl><w:tr><w:tc>" * 100_000)


def long_tag() -> bytes:
    return office.docx(body=f'<w:body><w:p w:x="{"a" * (40 << 20)}"/></w:body>')


def many_names() -> bytes:
    return office.docx(body="<w:body>" + "".join(f"<w:x{n}/>" for n in range(100_000)) + "</w:body>")


@pytest.mark.parametrize(
    "call",
    [
        "hurts(ProblemKind.LIMIT, many_parts())", "hurts(ProblemKind.LIMIT, deep())", "hurts(ProblemKind.LIMIT, many_names())",
        "hurts(ProblemKind.LIMIT, long_tag())", "hurts(ProblemKind.LIMIT, bomb())",
    ],
)  # fmt: skip
def test_documents_made_to_harm_are_bounded(call: str) -> None:
    in_child("tests.test_docx", call)


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    whole = (FOLDER / "docx" / "everything" / "everything.docx").read_bytes()
    stored = office.zipped(
        {"word/document.xml": office.w("document", office.word_body())}, zipfile.ZIP_STORED
    )
    for content in (*cut(whole), *flipped(whole, 60), *flipped(stored, 60), *flipped(office.locked(), 40)):
        found = read(docx, from_bytes(content or b"P", tmp_path, "a.docx"))
        assert found.texts or found.problems


def test_a_run_outside_every_paragraph_is_not_lost(tmp_path: Path) -> None:
    assert said(body(run("迷い") + p("中"), tmp_path), "body") == ["迷い", "中"]


def test_a_package_whose_directory_is_gone_is_read_part_by_part(tmp_path: Path) -> None:
    whole = office.docx()
    found = read(docx, from_bytes(whole[: whole.index(b"PK\1\2")], tmp_path, "a.docx"))
    assert said(found, "body") == said(fixture("everything"), "body")
    assert said(found, "comment") == ["確認済み", "二つ目"]
    assert [one.kind for one in found.problems if one.locator == "package"] == [ProblemKind.DAMAGED]


def test_a_package_cut_within_a_part_keeps_what_came_before(tmp_path: Path) -> None:
    parts = {"word/document.xml": office.w("document", f"<w:body>{p('一') + p('二') * 50_000}</w:body>")}
    whole = office.zipped(parts)
    found = read(docx, from_bytes(whole[: whole.index(b"PK\1\2") // 2], tmp_path, "a.docx"))
    lines = said(found, "body")
    assert lines[0] == "一" and 1000 < len(lines) < 50_000
    assert (ProblemKind.TRUNCATED, "part:word/document.xml") in [
        (one.kind, one.locator) for one in found.problems
    ]


def test_an_older_document_under_this_name_is_read(tmp_path: Path) -> None:
    found = read(docx, from_bytes(binary_office.doc({"body": "旧い\r"}), tmp_path, "a.docx"))
    assert [one.kind for one in found.problems] == [ProblemKind.UNRECOGNISED]
    assert said(found, "body") == ["旧い"]


def nested_changes() -> bytes:
    """Four hundred changes within one another around three hundred thousand runs."""
    runs = "<w:r><w:t>a</w:t></w:r>" * 300_000
    return office.docx(body="<w:body><w:p>" + "<w:ins>" * 400 + runs + "</w:ins>" * 400 + "</w:p></w:body>")


def test_changes_within_one_another_cost_no_more_than_their_text() -> None:
    in_child("tests.test_docx", "hurts(ProblemKind.DAMAGED, nested_changes())")


def test_problems_without_number_are_counted(tmp_path: Path) -> None:
    parts = {f"word/x{number}.xml": "<" for number in range(500)}
    found = read(docx, from_bytes(office.docx(body="<w:body/>", more=parts), tmp_path, "a.docx"))
    assert len(found.problems) == 101
    # The 500 parts and the comment whose date is none.
    assert found.problems[-1].message == "401 more problems are not listed"
