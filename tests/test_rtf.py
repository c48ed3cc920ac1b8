r"""RTF: code pages by font and document, \u, tables, destinations, properties, and what is made to harm."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from fixtures.builders import binary_office as office
from fixtures.builders.binary_office import FOLDER, ONE, THREE, TWO, full, quoted
from parsers.contract import ProblemKind
from parsers.documents.rtf import rtf
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped, in_child


def fixture(name: str) -> Yielded:
    one = office.rtf_scenarios()[name]
    return run(rtf, artefact(FOLDER / "rtf" / name / one.artefact))


def said(found: Yielded, segment: str) -> list[str]:
    return [line for one in found.texts if one.segment == segment for line in one.content.split("\n")]


def body(content: bytes, folder: Path) -> list[str]:
    return said(run(rtf, from_bytes(b"{\\rtf1\\ansi " + content + b"}", folder, "a.rtf")), "body")


def test_each_kind_of_text_stands_in_its_segment() -> None:
    found = fixture("code-page-932")
    assert said(found, "body") == ["会員台帳", f"café РЛ ソ {full(THREE)}\U0001f600", "後隠した連絡先", "—"]
    assert (said(found, "footnote"), said(found, "header")) == (["出典"], ["社外秘"])
    assert (said(found, "hidden"), said(found, "deleted")) == (["隠した"], ["消した"])
    assert (said(found, "comment"), said(found, "text_box")) == (["確認済み"], ["枠の中"])
    assert said(found, "field") == [f'HYPERLINK "mailto:{ONE.email}"']
    assert {one.codec for one in found.texts} == {"cp932"}
    assert [one.content for one in found.members] == [bytes.fromhex("01050000ff")]


def test_a_table_is_a_sheet() -> None:
    ((sheet, table),) = fixture("code-page-932").sheets
    assert sheet.header == ("氏名", "電話番号")
    assert [tuple(one.values()) for one in table.to_pylist()] == [
        (2, full(ONE), "-".join(ONE.phone)),
        (3, full(TWO), "-".join(TWO.phone)),
    ]


def test_properties_and_comments_are_rows() -> None:
    found = fixture("code-page-932")
    (row,) = found.table("document_properties")
    assert {name: value for name, value in row.items() if value is not None} == {
        "document_format": "rtf", "title": "会員台帳", "author": full(ONE), "last_saved_by": "山﨑", "company": "株式会社 見本",
        "created_local": datetime(2026, 4, 1, 9, 15), "page_count": 2, "word_count": 120, "edit_minutes": 42,  # noqa: DTZ001
        "application": "Writer 9", "custom_properties": [f"宛先={TWO.email}"],
    }  # fmt: skip
    (remark,) = found.table("office_remark")
    assert (remark["remark_author"], remark["remark_initials"], remark["remark_text"]) == (
        full(ONE),
        "K",
        "確認済み",
    )
    assert remark["remark_local"] == datetime(2026, 4, 2, 10, 5)  # noqa: DTZ001
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "modified_local")]


def test_a_file_that_ends_early_keeps_what_came_before() -> None:
    found = fixture("named-doc")
    assert said(found, "body") == said(fixture("code-page-932"), "body")
    assert ProblemKind.TRUNCATED in {one.kind for one in found.problems}


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (b"\\ansicpg932 \\uc2\\u23665\\'8e\\'52\\u30000\\'93\\'63", ["山田"]),
        (b"\\ansicpg932 \\uc0\\u23665\\u30000 x", ["山田x"]),
        (b"\\ansicpg932{\\fonttbl{\\f0\\fcharset0 A;}}\\f0 \\'8e\\'52", ["山"]),
        (b"\\ansicpg1252 {\\fonttbl{\\f9\\fcharset128 A;}}\\'e9{\\loch\\f1\\dbch\\f9 \\'8e\\'52}\\'e9", ["é山é"]),
        (b"\\ansicpg932 \x8eR\x93c", ["山田"]),
        (b"\\ansicpg932 \\'8eR", ["山"]),
        (b"{\\upr{\\*\\x bad}{\\*\\ud{good}}}", ["good"]),
        (b"a\\\\b\\{c\\}d\\~e\\_f\\-g", ["a\\b{c}d\u00a0e-fg"]),
        (b"a\\\nb\\line c", ["a", "b", "c"]),
        (b"\\u99999999999 x\\u-1?y", [" x\uffffy"]),
    ],
)  # fmt: skip
def test_signs(given: bytes, wanted: list[str], tmp_path: Path) -> None:
    assert body(given, tmp_path) == wanted


def test_bytes_that_are_no_signs_are_counted(tmp_path: Path) -> None:
    found = run(rtf, from_bytes(b"{\\rtf1\\ansi\\ansicpg932 a\\'81 \\par}", tmp_path, "a.rtf"))
    assert said(found, "body") == ["a\\x81 "]
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_a_form_is_told_as_labels_and_values(tmp_path: Path) -> None:
    row = "\\trowd\\pard\\intbl {}\\cell {}\\cell\\row"
    told = row.format(quoted("氏 名"), quoted(full(ONE))) + row.format(quoted("電話番号"), "03-0000-0001")
    found = run(rtf, from_bytes(b"{\\rtf1\\ansicpg932" + told.encode() + b"}", tmp_path, "a.rtf"))
    assert said(found, "table") == [f"氏名: {full(ONE)}", "電話番号: 03-0000-0001"]


def hurts(content: bytes, *kinds: ProblemKind) -> None:
    """Reads what is made to harm in 300 MB."""
    import resource
    import tempfile

    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        found = run(rtf, from_bytes(content, Path(folder), "a.rtf"))
    assert set(kinds) <= {one.kind for one in found.problems}, found.problems
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base < 300 << 10


@pytest.mark.parametrize(
    "call",
    [
        'hurts(b"{\\\\rtf1" + b"{" * 2_000_000 + b"a", ProblemKind.LIMIT, ProblemKind.TRUNCATED)',
        'hurts(b"{\\\\rtf1{\\\\*\\\\objdata " + b"00" * 20_000_000 + b"}}", ProblemKind.LIMIT)',
        'hurts(b"{\\\\rtf1 " + b"a" * 30_000_000 + b"}")',
        'hurts(b"{\\\\rtf1\\\\bin2147483647 " + b"{" * 1_000_000)',
        'hurts(b"{\\\\rtf1" + b"\\\\cell" * 500_000 + b"\\\\row}", ProblemKind.LIMIT)',
    ],
)  # fmt: skip
def test_documents_made_to_harm_are_bounded(call: str) -> None:
    in_child("tests.test_rtf", call)


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    whole = office.rtf()
    for content in (*cut(whole), *flipped(whole, 400)):
        run(rtf, from_bytes(content or b"{", tmp_path, "a.rtf"))
