"""Presentations: slides in the order shown, notes, comments, charts, diagrams and tables."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import office
from fixtures.builders.office import FOLDER, ONE, THREE, TWO, full
from parsers.contract import ProblemKind
from parsers.documents.pptx import pptx
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped


def fixture(name: str) -> Yielded:
    return run(pptx, artefact(FOLDER / "pptx" / name / f"{name}.pptx"))


def test_slides_come_in_the_order_shown_with_their_notes() -> None:
    found = [(one.segment, one.content) for one in fixture("everything").texts]
    found = [one for one in found if one[0] != "setting"]
    assert found[:7] == [
        ("slide", f"一枚目\n担当 {full(THREE)}"), ("alternative", "写真の説明"), ("slide", "二枚目\n一度"),
        ("hyperlink", f"mailto:{ONE.email}"), ("notes", "話すこと"), ("hidden_slide", "隠した枚"), ("slide", "外した枚"),
    ]  # fmt: skip
    rest = dict(found[7:])
    assert rest["chart"] == f"売上\n{full(ONE)}\t{full(TWO)}\n12\t34.5"
    assert rest["diagram"] == f"組織図\n{full(TWO)}"
    assert rest["master"] == "社外秘"
    assert [content for segment, content in found if segment == "comment"] == [
        "確認済み\n誰のものか",
        "新しい形",
    ]


def test_authors_and_tags_are_told() -> None:
    told = [one.content for one in fixture("everything").texts if one.segment == "setting"]
    assert sorted(told) == sorted([full(ONE), f"{full(TWO)}\tS::{TWO.email}::1", "案件\tK-17"])


def test_a_table_is_a_sheet_and_merged_cells_stand_in_each_row() -> None:
    ((sheet, table),) = fixture("everything").sheets
    assert (sheet.locator, sheet.header) == (
        "part:ppt/slides/slide1.xml/table:1",
        ("世帯", "氏名", "電話番号"),
    )
    assert [tuple(one.values()) for one in table.to_pylist()] == [
        (2, "A-1", full(ONE), "-".join(ONE.phone)),
        (3, "A-1", full(TWO), "-".join(TWO.phone)),
    ]


def test_who_commented_is_a_row() -> None:
    found = fixture("everything")
    assert [
        (one["remark_author"], one["remark_local"], one["remark_at"], one["remark_text"])
        for one in found.table("office_remark")
    ] == [
        (full(ONE), datetime(2026, 4, 2, 10), None, "確認済み"),  # noqa: DTZ001
        (None, None, None, "誰のものか"),
        (full(TWO), None, datetime(2026, 4, 3, 1, 0, 0, 500_000, tzinfo=UTC), "新しい形"),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "remark_local")]


def test_what_is_no_presentation_is_told() -> None:
    assert ProblemKind.UNRECOGNISED in {one.kind for one in fixture("no-slides").problems}
    assert [one.kind for one in fixture("locked").problems] == [ProblemKind.LOCKED]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    whole = office.pptx()
    for content in (*cut(whole), *flipped(whole, 100)):
        found = run(pptx, from_bytes(content or b"P", tmp_path, "a.pptx"))
        assert found.texts or found.problems
