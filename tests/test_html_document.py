"""HTML pages: text, tables and fields, whichever encoding they claim, and pages built to exhaust a reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.structured import FOLDER, LISTED, ONE, scenarios
from parsers.contract import ProblemKind
from parsers.documents.html_document import html_document
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import mutants


def fixture(name: str) -> Yielded:
    one = scenarios()["html_document"][name]
    return run(html_document, artefact(FOLDER / "html_document" / name / one.artefact, one.path))


def read(content: str | bytes, folder: Path, name: str = "a.html") -> Yielded:
    return run(
        html_document, from_bytes(content if isinstance(content, bytes) else content.encode(), folder, name)
    )


def rows(found: Yielded, at: int = 0) -> list[tuple[object, ...]]:
    return [tuple(row.values())[1:] for row in found.sheets[at][1].to_pylist()]


def told(found: Yielded) -> str:
    return "\n".join(one.content for one in found.texts)


def test_a_page_gives_its_text_and_tables() -> None:
    found = fixture("page")
    assert found.problems == []
    assert told(found).split("\n") == [
        "名簿 & 一覧", "①年度の名簿", "見出し", "本文 太字", "二行", "メニュー", "tel: 03-0000-0004", "自由記入", "mailto:q@mail.example", "問合せ",
    ]  # fmt: skip
    assert [(sheet.name, sheet.header, sheet.codec) for sheet, _ in found.sheets] == [
        ("名簿.html table 1", ("氏名", "連絡先 電話", "連絡先 メール"), "cp932"),
        ("名簿.html table 2", ("会員番号", "金額"), "cp932"),
    ]
    one = LISTED[0]
    name = f"{one.surname} {one.given}"
    assert rows(found)[:2] == [(name, "-".join(one.phone), one.email), (name, one.town, None)]
    assert rows(found, 1) == [("C1", "1,200"), ("C2", "300")]


def test_a_web_archive_gives_its_page_and_its_picture() -> None:
    found = fixture("archive")
    assert found.problems == []
    assert (found.sheets[0][0].header, rows(found)) == (("氏名", "住所"), [(ONE.surname, ONE.town)])
    assert [(one.locator, one.name, one.content[:6]) for one in found.members] == [
        ("part:2", "dot.gif", b"GIF89a")
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932", "euc_jp", "iso-2022-jp"])
@pytest.mark.parametrize("claim", ["", "iso-8859-1", "shift_jis", "utf-8", "nonsense"])
def test_the_bytes_decide_where_a_page_claims_another_encoding(
    codec: str, claim: str, tmp_path: Path
) -> None:
    page = f'<meta charset="{claim}"><p>東京都千代田区の山田太郎さんからのお問い合わせです。</p>'
    assert told(read(page.encode(codec), tmp_path)) == "東京都千代田区の山田太郎さんからのお問い合わせです。"


def test_a_table_that_lays_out_is_text_and_one_without_head_cells_finds_its_header(tmp_path: Path) -> None:
    found = read(
        "<table role=presentation><tr><td>a<td>b<tr><td>c<td>d</table><table><tr><td>one<tr><td>two</table>",
        tmp_path,
    )
    assert (found.sheets, told(found)) == ([], "a\tb\nc\td\none\ntwo")
    found = read(
        "<table><tr><td colspan=2>会員一覧<tr><td>氏名<td>電話番号<tr><td>山田<td>03-0000-0000<tr><td>鈴木<td>03-0000-0001</table>",
        tmp_path,
    )
    assert (found.sheets[0][0].header, told(found)) == (("氏名", "電話番号"), "会員一覧")
    assert rows(found) == [("山田", "03-0000-0000"), ("鈴木", "03-0000-0001")]


@pytest.mark.parametrize(
    ("content", "kinds"),
    [
        ("<table>" * 50_000, ["limit"]), ("<table><tr>" + "<td>x" * 50_000, ["limit"]), ("<a b=\"" * 50_000, []), ("<a '" * 50_000, []),
        ("<!--" * 50_000, []), ("<script>" * 50_000, []), ("<" * 50_000, []), ("<table><tr>" + "<td rowspan=65534 colspan=1000>x" * 3 + "<tr><td>y" * 9_000, ["limit"]),
        ("<p>" + "x" * 3_000_000, []), ("&#0;&#x110000;&#55296;", []), ("<table><tr><td rowspan=-1 colspan=٣>a<td>b<tr><td>c<td>d", []),
    ],
)  # fmt: skip
def test_hostile_pages_end(content: str, kinds: list[str], tmp_path: Path) -> None:
    assert [str(one.kind) for one in read(content, tmp_path).problems] == kinds


def test_bytes_of_another_encoding_are_told(tmp_path: Path) -> None:
    found = read("<p>日本語の文章がここにあります</p>".encode() + b"\xff\xfe", tmp_path)
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert told(found) == "日本語の文章がここにあります\n\\xff\\xfe"


@pytest.mark.parametrize("name", list(scenarios()["html_document"]))
def test_damaged_bytes_never_raise(name: str, tmp_path: Path) -> None:
    one = scenarios()["html_document"][name]
    for content in mutants(one.content, seed=5, count=60):
        read(content, tmp_path, one.artefact)
