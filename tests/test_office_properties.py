"""Properties of documents: each format, code pages, values that are none, damage."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fixtures.builders import office
from fixtures.builders.jump_lists import compound
from fixtures.builders.office import FOLDER, ONE, SUMMARY_ID, THREE, TWO, full, lpstr, property_stream
from parsers.contract import ProblemKind
from parsers.documents.office_properties import office_properties
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped


def fixture(name: str) -> Yielded:
    one = office.properties_scenarios()[name]
    return run(office_properties, artefact(FOLDER / "office_properties" / name / one.artefact))


def row(found: Yielded) -> dict[str, Any]:
    (one,) = found.table("document_properties")
    return {name: value for name, value in one.items() if value is not None}


def test_properties_of_a_package() -> None:
    found = fixture("open-xml")
    assert found.problems == []
    assert row(found) == {
        "document_format": "open_xml", "title": "会員台帳", "subject": "名簿", "author": full(ONE), "last_saved_by": full(TWO),
        "document_keywords": "社外秘", "description": f"{full(THREE)}あて", "revision_number": 3, "category": "営業",
        "printed_at": datetime(2026, 4, 2, 1, tzinfo=UTC), "created_at": datetime(2026, 4, 1, 9, tzinfo=UTC),
        "modified_at": datetime(2026, 4, 2, 8, 30, tzinfo=UTC), "template": "Normal.dotm", "edit_minutes": 42, "page_count": 2,
        "word_count": 120, "application": "Microsoft Office Word", "application_version": "16.0000", "manager": "部長",
        "company": "株式会社 見本", "part_titles": ["会員台帳"], "custom_properties": [f"宛先={TWO.email}", "部数=7"], "is_encrypted": False,
    }  # fmt: skip
    assert f"宛先={TWO.email}" in found.texts[0].content.split("\n")


def test_properties_of_open_document_are_wall_clocks() -> None:
    found = fixture("open-document")
    assert found.problems == []
    assert row(found) == {
        "document_format": "open_document", "title": "会員台帳", "author": full(ONE), "last_saved_by": full(TWO),
        "created_local": datetime(2026, 4, 1, 9), "modified_local": datetime(2026, 4, 2, 8, 30, 0, 500_000),  # noqa: DTZ001
        "revision_number": 3, "edit_minutes": 62, "document_keywords": "甲, 乙", "page_count": 2, "word_count": 120,
        "custom_properties": [f"宛先={TWO.email}"], "application": "LibreOffice/24.8", "is_encrypted": False,
    }  # fmt: skip


def test_property_sets_are_read_in_their_code_page() -> None:
    found = fixture("code-page-932")
    assert found.problems == []
    assert row(found) == {
        "document_format": "compound", "title": "会員台帳", "author": full(ONE), "last_saved_by": "山﨑", "revision_number": 3,
        "edit_minutes": 42, "created_at": datetime(2009, 3, 2, 9, 12, 44, tzinfo=UTC),
        "modified_at": datetime(2009, 3, 3, 9, 12, 44, tzinfo=UTC), "page_count": 2, "application": "Microsoft Word 10.0",
        "application_version": "10.0000", "company": "株式会社 見本", "manager": "部長", "part_titles": ["名簿", "Sheet2"],
        "custom_properties": [f"宛先={TWO.email}"], "is_encrypted": False,
    }  # fmt: skip


def test_values_that_are_none_are_null_and_told() -> None:
    found = fixture("wrong-values")
    assert "created_at" not in row(found) and "revision_number" not in row(found)
    assert {(one.kind, one.column) for one in found.problems} == {
        (ProblemKind.DAMAGED, "created_at"),
        (ProblemKind.DAMAGED, "revision_number"),
    }


def test_a_locked_document_says_that_it_is() -> None:
    assert row(fixture("locked")) == {"document_format": "open_xml", "is_encrypted": True}


def of_set(folder: Path, values: dict[int, Any]) -> Yielded:
    content = compound({"\x05SummaryInformation": property_stream((SUMMARY_ID, values))})
    return run(office_properties, from_bytes(content, folder, "a.doc"))


def test_code_pages_and_odd_values(tmp_path: Path) -> None:
    utf8 = of_set(tmp_path, {1: (2, struct.pack("<Hxx", 65001)), 4: lpstr("髙橋", "utf-8")})
    assert row(utf8)["author"] == "髙橋"
    unknown = of_set(tmp_path, {1: (2, struct.pack("<Hxx", 12345)), 4: lpstr("Jos\u00e9", "cp1252")})
    assert row(unknown)["author"] == "José"
    assert [one.kind for one in unknown.problems] == [ProblemKind.DAMAGED]
    bad = of_set(tmp_path, {1: (2, struct.pack("<Hxx", 932)), 4: (30, struct.pack("<I", 4) + b"a\x81\0\0")})
    assert row(bad)["author"] == "a\\x81"
    assert [one.column for one in bad.problems] == ["author"]
    late = of_set(
        tmp_path, {12: (64, b"\xff" * 8), 13: (3, struct.pack("<i", -1)), 14: (3, struct.pack("<i", -5))}
    )
    assert row(late)["page_count"] == -5
    assert {one.column for one in late.problems} == {"created_at", "modified_at"}
    huge = of_set(tmp_path, {2: (0x101E, struct.pack("<I", 0xFFFFFFFF)), 4: (30, b"\xff\xff\xff\xff")})
    assert {one.column for one in huge.problems} == {"title", "author"}


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    binary = compound(office.summary_streams())
    for content in (*cut(binary), *flipped(binary, 200), *flipped(office.with_properties(), 60)):
        run(office_properties, from_bytes(content or b"P", tmp_path, "a.doc"))


def test_properties_that_share_their_text_are_bounded(tmp_path: Path) -> None:
    text = 30, struct.pack("<I", 1 << 20) + b"a" * (1 << 20)
    head = property_stream((SUMMARY_ID, {2: text}))
    # Four thousand properties at the place of one.
    at = head.index(struct.pack("<I", 30) + struct.pack("<I", 1 << 20))
    listed = b"".join(struct.pack("<II", key, 8 + 8 * 4000) for key in range(2, 4002))
    content = head[:48] + struct.pack("<II", 0, 4000) + listed + head[at:]
    found = run(
        office_properties,
        from_bytes(compound({"\x05SummaryInformation": content}), tmp_path, "a.doc"),
    )
    assert len(row(found)["title"]) == 1 << 16
    assert found.problems
