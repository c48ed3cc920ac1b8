"""Binary presentations: what the last save holds, what a former one left, and damage."""

from __future__ import annotations

import struct
from datetime import datetime
from pathlib import Path

from fixtures.builders import binary_office as office
from fixtures.builders.binary_office import FOLDER, ONE, THREE, TWO, full, record
from fixtures.builders.jump_lists import compound
from parsers.contract import ProblemKind
from parsers.documents.ppt import ppt
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped


def fixture(name: str) -> Yielded:
    return run(ppt, artefact(FOLDER / "ppt" / name / f"{name}.ppt"))


def test_text_of_each_kind_and_of_a_former_save() -> None:
    found = fixture("saved-twice")
    assert found.problems == []
    assert [(one.segment, one.content) for one in found.texts] == [
        ("former_slide", f"消した {full(THREE)}"), ("hyperlink", f"連絡先\nmailto:{ONE.email}"),
        ("outline", f"会員台帳\n{full(TWO)}\nPlain *"), ("slide", "二つ目の枠\n続き"), ("comment", "確認済み"), ("notes", "話すこと"),
    ]  # fmt: skip


def test_who_commented_is_a_row() -> None:
    (row,) = fixture("saved-twice").table("office_remark")
    assert (row["remark_author"], row["remark_initials"], row["remark_text"], row["remark_local"]) == (
        full(ONE), "K", "確認済み", datetime(2009, 3, 2, 9, 12, 44, 500_000),  # noqa: DTZ001
    )  # fmt: skip


def test_what_is_not_read_is_told(tmp_path: Path) -> None:
    assert [one.kind for one in fixture("locked").problems] == [ProblemKind.LOCKED]
    assert [one.kind for one in fixture("powerpoint-95").problems] == [ProblemKind.UNSUPPORTED]
    other = run(ppt, from_bytes(compound({"x": b"1"}), tmp_path, "a.ppt"))
    assert [one.kind for one in other.problems] == [ProblemKind.UNRECOGNISED]


def stream(content: bytes, folder: Path) -> Yielded:
    return run(ppt, from_bytes(compound({"PowerPoint Document": content}), folder, "a.ppt"))


def test_a_record_longer_than_its_container_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    wrong = record(1006, struct.pack("<HHI", 0, 4000, 0x7FFFFFFF) + bytes(4), is_container=True)
    found = stream(wrong + record(1008, office.chars("次"), is_container=True), tmp_path)
    assert [one.content for one in found.texts] == ["次"]
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED] * 2


def test_containers_nested_without_end_are_bounded(tmp_path: Path) -> None:
    content = b""
    for _ in range(5000):
        content = record(1006, content, is_container=True)
    assert ProblemKind.LIMIT in {one.kind for one in stream(content, tmp_path).problems}


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    whole = office.ppt()
    for content in (*cut(whole), *flipped(whole, 300)):
        found = run(ppt, from_bytes(content or b"\xd0", tmp_path, "a.ppt"))
        assert found.texts or found.problems
