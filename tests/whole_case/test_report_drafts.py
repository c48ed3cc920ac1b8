"""The drafts of the reports: real Word files, read back; every figure in them stands in figures.json, every blank says what belongs there."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import pytest

from pipeline import case as cases
from pipeline.custody.history import Moment, Moved
from pipeline.report.as_json import figures
from pipeline.report.document import Count, Document, Head
from pipeline.report.drafts import reports
from pipeline.report.drafts.filled import FINAL, PRELIMINARY, values
from pipeline.report.drafts.form import read_form
from pipeline.report.drafts.word import BLANK, Word
from pipeline.report.stage import document_of
from pipeline.report.texts import safe
from tests.whole_case import copied, run_case

KINDS = (PRELIMINARY, FINAL)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name in ("usb-takeout", "ransomware", "bcc-accident"):
        found[name] = copied(name, tmp_path_factory.mktemp("case"))
        run_case(found[name])
    return found


def opened(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def text_of(word: Any) -> str:
    lines = [one.text for one in word.paragraphs]
    lines += [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def rows_of(word: Any) -> dict[str, str]:
    return {row.cells[0].text: row.cells[1].text for table in word.tables for row in table.rows}


def document(root: Path) -> Document:
    return document_of(cases.load(root), Head(size=9, sha256="0" * 64), ())


def numbers(value: object) -> set[int]:
    if isinstance(value, dict):
        return set().union(*map(numbers, value.values())) if value else set()
    if isinstance(value, list):
        return set().union(*map(numbers, value)) if value else set()
    return {value} if isinstance(value, int) and not isinstance(value, bool) else set()


@pytest.mark.parametrize("case", ["usb-takeout", "ransomware", "bcc-accident"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_number_of_persons_stands_in_figures_and_names_its_row(
    made: dict[str, Path], case: str, kind: str
) -> None:
    word = opened((made[case] / "report" / f"{kind}.docx").read_bytes())
    told = json.loads((made[case] / "report" / "figures.json").read_text(encoding="utf-8"))
    said = {int(one.replace(",", "")) for one in re.findall(r"([\d,]+)(?:~[\d,]+)? 人", text_of(word))}
    assert said - {1000, 100} <= numbers(told["counts"]) | numbers(told["headline"]) | {0}
    assert case == "bcc-accident" or said
    comments = "\n".join(one.text for one in word.comments)
    assert "affected_count[grade=possible,dimension=all,value=all]" in comments
    assert "fact[cause]" in comments


@pytest.mark.parametrize("kind", KINDS)
def test_all_nine_items_stand_and_each_blank_says_what_the_law_asks(made: dict[str, Path], kind: str) -> None:
    word = opened((made["usb-takeout"] / "report" / f"{kind}.docx").read_bytes())
    headings = [one.text for one in word.paragraphs if one.style.name == "Heading 2"]
    assert [one[0] for one in headings if one[0].isdigit()] == list("123456789")
    rows = rows_of(word)
    known = values(document(made["usb-takeout"]), kind)
    for group in read_form():
        if group.only:
            continue
        for field in group.fields:
            if field.value in known:
                assert BLANK not in rows[field.ja], field.id
            else:
                assert rows[field.ja].startswith(f"【{BLANK}】"), field.id
                assert field.asks_ja in rows[field.ja] and field.source in rows[field.ja]


def test_the_common_form_is_asked_where_the_cause_is_ransomware_and_nowhere_else(
    made: dict[str, Path],
) -> None:
    with_it = rows_of(opened((made["ransomware"] / "report" / "速報.docx").read_bytes()))
    without = rows_of(opened((made["usb-takeout"] / "report" / "速報.docx").read_bytes()))
    asked = {field.ja for group in read_form() if group.only == "ransomware" for field in group.fields}
    assert asked <= with_it.keys() and not asked & without.keys()
    assert "ransom_note" in with_it["脅迫文(ランサムノート)"] and ".mihonlock" in with_it["暗号化後の拡張子"]


def test_my_number_has_its_own_part_where_it_is_not_excluded(made: dict[str, Path]) -> None:
    assert "番号法29条の4" in text_of(opened((made["ransomware"] / "report" / "速報.docx").read_bytes()))
    assert "番号法29条の4" not in text_of(opened((made["usb-takeout"] / "report" / "速報.docx").read_bytes()))


def test_without_a_duty_the_draft_says_so_before_anything_else(made: dict[str, Path]) -> None:
    word = opened((made["bcc-accident"] / "report" / "速報.docx").read_bytes())
    told = [one.text for one in word.paragraphs]
    assert any("報告義務は見つかっていない" in one for one in told[:4])
    assert "Not legal advice" in told[1]


def test_a_public_body_has_the_other_form(made: dict[str, Path]) -> None:
    one = document(made["usb-takeout"])
    public = replace(one, case=replace(one.case, entity_kind="administrative"))
    assert "様式第六" in text_of(opened(reports.preliminary(public)))
    assert "様式第一" in text_of(opened(reports.preliminary(one)))


def test_the_final_report_tells_what_moved_each_number(made: dict[str, Path]) -> None:
    first = {grade: {"low": 3, "likely": 4, "high": 5} for grade in ("confirmed", "likely", "possible")}
    then = {grade: {"low": 6, "likely": 7, "high": 8} for grade in ("confirmed", "likely", "possible")}
    moments = (
        Moment(at="2026-10-06T01:02:03.000000Z", seq=4, figures=first, moved=()),
        Moment(
            at="2026-10-09T15:00:00.000000Z",
            seq=9,
            figures=then,
            moved=(Moved(kind="evidence", what="usb02"),),
        ),
    )
    word = opened(reports.final(replace(document(made["usb-takeout"]), history=moments)))
    rows = [[cell.text for cell in row.cells] for row in word.tables[-2].rows]
    assert rows[1][:2] == ["2026-10-06 10:02", "4(3~5)"]
    assert rows[2][0] == "2026-10-10 00:00" and rows[2][4] == "証拠の追加: usb02"
    assert "経緯" not in text_of(
        opened(reports.preliminary(replace(document(made["usb-takeout"]), history=moments)))
    )


def test_the_same_document_gives_the_same_bytes(made: dict[str, Path]) -> None:
    one = document(made["ransomware"])
    assert reports.final(one) == reports.final(one)
    with zipfile.ZipFile(io.BytesIO(reports.final(one))) as packed:
        assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_of_a_case_becomes_word_xml(made: dict[str, Path]) -> None:
    hostile = "</w:t><w:br/>\x00\x0b\ud800\u202e{=cmd} &amp; ￿ 見本"
    one = document(made["usb-takeout"])
    count = Count(grade="possible", dimension="medium", value=hostile, low=1, likely=1, high=1, estimate=1, is_open=True, open_reasons=(hostile,))  # fmt: skip
    word = opened(
        reports.final(
            replace(one, case=replace(one.case, client=hostile, number=hostile), counts=(*one.counts, count))
        )
    )
    assert rows_of(word)["名称"] == safe(hostile)
    assert "\u202e" not in text_of(word) and "</w:t>" in text_of(word)


def test_a_field_of_a_mail_merge_is_one() -> None:
    word = Word("題", "頭")
    word.merge("前 ", "氏名", " 様")
    xml = opened(word.content()).paragraphs[0]._p.xml
    assert ' MERGEFIELD "氏名" ' in xml and "«氏名»" in xml and xml.count("w:fldChar") >= 3


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not on this machine")
def test_libreoffice_opens_the_drafts(made: dict[str, Path], tmp_path: Path) -> None:
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "pdf",
        "--outdir",
        str(tmp_path),
    ]
    for kind in KINDS:
        subprocess.run(
            [*command, str(made["ransomware"] / "report" / f"{kind}.docx")],
            check=True,
            capture_output=True,
            timeout=120,
        )
        assert (tmp_path / f"{kind}.pdf").read_bytes().startswith(b"%PDF")
    assert figures(document(made["ransomware"]))["headline"]
