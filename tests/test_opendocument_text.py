"""Texts and presentations of OpenDocument: what stands in them is told once, by what it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import office
from fixtures.builders.office import FOLDER, ONE, THREE, TWO, full, open_part
from parsers.contract import ProblemKind
from parsers.documents.opendocument_text import opendocument_text
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped


def fixture(name: str) -> Yielded:
    one = office.open_scenarios()[name]
    return run(opendocument_text, artefact(FOLDER / "opendocument_text" / name / one.artefact))


def said(found: Yielded, segment: str) -> list[str]:
    return [line for one in found.texts if one.segment == segment for line in one.content.split("\n")]


def test_each_kind_of_text_stands_in_its_segment() -> None:
    found = fixture("everything")
    assert found.problems == []
    assert said(found, "body") == ["会員台帳", f"担当  {THREE.surname}様\t先頭", "連絡先", "終わり"]
    assert said(found, "footnote") == [f"出典: {full(TWO)}"]
    assert said(found, "annotation") == ["確認済み"]
    assert said(found, "deleted") == [f"氏名: {full(ONE)}"]
    assert said(found, "ruby") == [f"{THREE.surname}（{THREE.surname_kana}）"]
    assert said(found, "text_box") == ["枠の中"]
    assert said(found, "alternative") == ["枠の説明"]
    assert said(found, "hidden") == ["隠した節"]
    assert said(found, "hyperlink") == [f"mailto:{ONE.email}"]
    assert (said(found, "header"), said(found, "footer")) == (["社外秘"], ["1 頁"])
    assert said(found, "table") == [f"氏名: {full(THREE)}", f"電話番号: {'-'.join(THREE.phone)}"]
    assert [one.name for one in found.members] == ["1.png"]


def test_a_table_is_a_sheet_and_merged_cells_stand_in_each_row() -> None:
    (sheet, table), (form, _) = fixture("everything").sheets
    assert (sheet.name, sheet.locator, sheet.header) == (
        "名簿", "part:content.xml/table:1", ("世帯", "氏名", "電話番号"),
    )  # fmt: skip
    assert [tuple(one.values()) for one in table.to_pylist()] == [
        (2, "A-1", full(ONE), "-".join(ONE.phone)),
        (3, "A-1", full(TWO), "-".join(TWO.phone)),
    ]
    assert (form.name, form.header) == ("票", None)


def test_who_changed_and_commented_is_a_row() -> None:
    rows = fixture("everything").table("office_remark")
    assert [
        (one["remark_kind"], one["remark_author"], one["remark_local"], one["remark_at"], one["remark_text"])
        for one in rows
    ] == [
        ("deletion", full(TWO), datetime(2026, 4, 1, 9, 15, 0, 123456), None, f"氏名: {full(ONE)}"),  # noqa: DTZ001
        ("comment", full(ONE), None, datetime(2026, 4, 2, 1, tzinfo=UTC), "確認済み"),
    ]


def test_a_flat_presentation_has_slides_and_notes() -> None:
    found = fixture("flat")
    assert [(one.segment, one.content) for one in found.texts] == [
        ("slide", f"1枚目 {full(ONE)}\n2枚目 {full(ONE)}"),
        ("notes", "話すこと\n話すこと"),
    ]


def test_a_password_is_told_with_its_method() -> None:
    (problem,) = fixture("locked").problems
    assert problem.kind == ProblemKind.LOCKED
    assert "(aes256-cbc, PBKDF2)" in problem.message


def test_entities_are_refused_and_a_type_named_outside_is_not_fetched(tmp_path: Path) -> None:
    told = open_part(
        "document", "<office:body><office:text><text:p>一&a;</text:p></office:text></office:body>"
    )
    for declared, lines in (
        ('<!DOCTYPE a [<!ENTITY a "x">]>', []),
        ('<!DOCTYPE a PUBLIC "-//x" "office.dtd">', ["一"]),
    ):
        head, _, rest = told.partition("\n")
        content = f"{head}{declared}{rest}".encode()
        found = run(opendocument_text, from_bytes(content, tmp_path, "a.fodt"))
        assert said(found, "body") == lines
        assert len(found.problems) == (not lines)


def test_what_a_table_repeats_is_bounded(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="999999999"><text:p>x</text:p></table:table-cell>'
    told = f"<table:table><table:table-row>{cell * 50}</table:table-row></table:table>"
    content = open_part("document", f"<office:body><office:text>{told}</office:text></office:body>").encode()
    found = run(opendocument_text, from_bytes(content, tmp_path, "a.fodt"))
    assert found.sheets[0][0].width == 256
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    for content in (*cut(office.odt()), *flipped(office.odt(), 60), *flipped(office.odp(), 100)):
        found = run(opendocument_text, from_bytes(content or b"P", tmp_path, "a.odt"))
        assert found.texts or found.problems
