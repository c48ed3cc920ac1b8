"""XML: repeated elements as sheets, everything else as text, and documents built to exhaust a reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, scenarios
from parsers.contract import ProblemKind
from parsers.documents.xml_document import xml_document
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str) -> Yielded:
    one = scenarios()["xml_document"][name]
    return run(xml_document, artefact(FOLDER / "xml_document" / name / one.artefact, one.path))


def read(content: str | bytes, folder: Path) -> Yielded:
    return run(
        xml_document, from_bytes(content if isinstance(content, bytes) else content.encode(), folder, "a.xml")
    )


def rows(found: Yielded, name: str) -> list[tuple[object, ...]]:
    [table] = [stored for sheet, stored in found.sheets if sheet.name == name]
    return [tuple(row.values()) for row in table.to_pylist()]


def told(found: Yielded) -> str:
    return "\n".join(one.content for one in found.texts)


def test_repeated_elements_are_sheets_and_the_rest_is_text() -> None:
    found = fixture("export")
    assert found.problems == []
    assert [(sheet.name, sheet.header) for sheet, _ in found.sheets] == [
        ("export/members/member", ("id", "name", "address.zip", "address.text", "tel", "tel.1")),
        ("export/members/member.order", ("parent_row", "no", "price")),
    ]
    two = LISTED[1]
    assert rows(found, "export/members/member")[1] == (
        2, "2", f"{two.surname} {two.given}", two.postal_code, two.town, "-".join(two.phone), "03-0000-0002",
    )  # fmt: skip
    assert rows(found, "export/members/member.order")[2:4] == [(3, "2", "201", "100"), (4, "2", "202", None)]
    assert told(found).split("\n") == [
        "export@made: 2026-04-01", "export/title: 会員 & 注文", "export/body/p: 本文", "export/body/p/b: 太字", "export/body/p: 後",
        "export/body/p: 二", "export/body/p/b: つ", "export/body/p: 目", "export: <終わり>",
    ]  # fmt: skip


def test_a_spreadsheet_of_2003_has_its_header() -> None:
    found = fixture("spreadsheet")
    [(sheet, _)] = found.sheets
    assert (sheet.header, sheet.header_row) == (("会員番号", "氏名", "電話番号"), 1)
    three = LISTED[2]
    assert rows(found, sheet.name)[2] == (4, "C3", f"{three.surname} {three.given}", "-".join(three.phone))
    assert (found.problems, told(found)) == ([], "Workbook/Worksheet@Name: 名簿")


def test_rows_before_damage_are_kept_and_the_rest_is_text() -> None:
    found = fixture("broken")
    assert rows(found, "r/i") == [(1, "山田"), (2, "鈴木")]
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert "r/i/n: 佐藤" in told(found) and "田中" in told(found)


def test_names_that_are_the_same_without_prefix_keep_both_values(tmp_path: Path) -> None:
    found = read("<r><i text='a' id='1' r:id='2'>b</i><i text='c'>d</i></r>", tmp_path)
    assert found.sheets[0][0].header == ("text", "id", "r:id", "text()")
    assert rows(found, "r/i") == [(1, "a", "1", "2", "b"), (2, "c", None, None, "d")]


def test_entities_are_refused_and_nothing_grows(tmp_path: Path) -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "'
        + "a" * 1000
        + '">'
        + "".join(f'<!ENTITY b{at} "&a;&a;">' for at in range(9))
        + "]><x>山田&b1;</x>"
    )
    found = read(bomb, tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED]
    assert "山田" in told(found) and len(told(found)) < 2 * len(bomb)


def test_a_document_type_without_entities_is_read_and_no_file_is_opened(tmp_path: Path) -> None:
    found = read('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x>山田</x>', tmp_path)
    assert (told(found), found.problems) == ("x: 山田", [])


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso-2022-jp"])
@pytest.mark.parametrize("claim", ["UTF-8", "Shift_JIS", "x-nonsense"])
def test_the_bytes_decide_the_encoding(codec: str, claim: str, tmp_path: Path) -> None:
    content = f'<?xml version="1.0" encoding="{claim}"?>\n<x>東京都千代田区の山田太郎さんからのお問い合わせです。</x>'
    found = read(content.encode(codec), tmp_path)
    assert (told(found), found.problems) == ("x: 東京都千代田区の山田太郎さんからのお問い合わせです。", [])


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("<a>" * 200_000, ["limit", "truncated"]), ("<r>" + "<i><n>x</n></i>" * 9, ["truncated"]), ("no markup", ["damaged"]),
        ("<r><i a='1'/><i><b>" + "x" * 20_000_000 + "</b></i></r>", ["limit"]), ("<r " + "a" * 100_000, ["truncated"]),
        ("<r>" + "<i a='1'/>" * 2 + "<i>" + "<j k='1'/>" * 150_000 + "</i></r>", ["limit"]), ("<x>a\x01b</x>", ["damaged"]),
    ],
)  # fmt: skip
def test_hostile_documents_end_and_are_told(content: str, kinds: list[str], tmp_path: Path) -> None:
    assert [str(one.kind) for one in read(content, tmp_path).problems] == kinds


def test_what_another_parser_owns_is_left_alone() -> None:
    head = b'<?xml version="1.0"?>\n<FileZilla3><Servers/></FileZilla3>'
    assert select((xml_document,), "/x/sitemanager.xml", head).chosen == ()


@pytest.mark.parametrize("name", list(scenarios()["xml_document"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    for content in mutants(scenarios()["xml_document"][name].content, seed=5, count=60):
        read(content, tmp_path)
