"""The drafts of the reports: real Word files, read back; every figure in them stands in figures.json, every blank says what belongs there."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import docx
import pytest
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml.ns import qn

from pipeline import again
from pipeline import case as cases
from pipeline.custody.history import Moment, Moved
from pipeline.decide.vocabulary import DERIVED, VOCABULARY
from pipeline.report.document import Count, Document, Estimated, EventRuleLine, Head, Indicator, Marked
from pipeline.report.drafts import reports
from pipeline.report.drafts.course import japanese
from pipeline.report.drafts.filled import FINAL, MAKERS, PRELIMINARY, values
from pipeline.report.drafts.form import FILE, Field, Law, read_form, read_laws
from pipeline.report.drafts.word import BLANK
from pipeline.report.fact_words import FACT, answer
from pipeline.report.letters.word import Letter
from pipeline.report.signs import visible as safe
from pipeline.report.stage import FILES, document_of
from tests.whole_case import copied, run_case

KINDS = (PRELIMINARY, FINAL)
CASES = ("usb-takeout", "ransomware", "bcc-accident")
PRIVATE, PUBLIC, MY_NUMBER = (read_laws()[name] for name in ("appi-private", "appi-public", "my-number"))
JAPAN = ZoneInfo("Asia/Tokyo")
# Days and minutes as the drafts write them, and numbers that are no part of a name, an address, a path or an article.
DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?: (\d{2}):(\d{2}))?")
NUMBER = re.compile(r"(?<![\w.:/\-])\d[\d,]*(?![A-Za-z0-9_.:/\-]|[年月日条号項]| 日目| 時)")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for name in CASES:
        found[name] = copied(name, tmp_path_factory.mktemp("case"))
        run_case(found[name])
    return found


def opened(content: bytes | None) -> Any:
    assert content is not None
    return docx.Document(io.BytesIO(content))


def written(root: Path) -> dict[str, Any]:
    """The drafts of a case, as files, opened."""
    return {
        name: opened((root / "report" / name).read_bytes())
        for name in FILES
        if name.endswith("報.docx") and (root / "report" / name).exists()
    }


def text_of(word: Any) -> str:
    lines = [one.text for one in word.paragraphs]
    lines += [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def rows_of(word: Any) -> dict[str, str]:
    """What each field says, by its first name."""
    return {row.cells[0].paragraphs[0].text: row.cells[1].text for table in word.tables for row in table.rows}


def document(root: Path) -> Document:
    return document_of(cases.load(root), Head(size=9, sha256="0" * 64), ())


def asked(law: Law, *variants: str) -> list[Field]:
    return [
        one
        for group in read_form(law)
        if group.only is None or group.only in variants
        for one in group.fields
    ]


def numbers_in(text: str) -> set[int]:
    """The numbers a text says, those of days apart."""
    return {int(one.replace(",", "")) for one in NUMBER.findall(DAY.sub("", text))}


def numbers(value: object) -> Iterator[int]:
    """Every whole number of a JSON value, those in its texts too."""
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield value
    elif isinstance(value, str):
        yield from numbers_in(value)


def moments(value: object) -> Iterator[datetime]:
    """Every instant of a document."""
    if isinstance(value, datetime):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for one in fields(value):
            yield from moments(getattr(value, one.name))
    elif isinstance(value, tuple):
        for one in value:
            yield from moments(one)


def commented(word: Any) -> Iterator[tuple[str, str]]:
    """The text a comment is of, and the comment."""
    said = {one.comment_id: one.text for one in word.comments}
    for start in word.element.body.iter(qn("w:commentRangeStart")):
        number, text, element = start.get(qn("w:id")), "", start.getnext()
        while element is not None and element.tag != qn("w:commentRangeEnd"):
            text += "".join(one.text or "" for one in element.iter(qn("w:t")))
            element = element.getnext()
        yield text, said[int(number)]


def referring(word: Any) -> list[tuple[str, list[str]]]:
    """The texts whose comment names rows of affected_count, with these rows."""
    found = [(text, re.findall(r"affected_count\[grade=[^\]]+\]", said)) for text, said in commented(word)]
    return [one for one in found if one[1]]


@pytest.mark.parametrize("case", CASES)
def test_every_number_and_day_stands_in_figures_or_in_the_form(made: dict[str, Path], case: str) -> None:
    """Of the text as people read it: what is no number of figures.json, of the case or of the form's own words is one nobody can trace."""
    root = made[case]
    told = json.loads((root / "report" / "figures.json").read_text(encoding="utf-8"))
    own = FILE.read_text(encoding="utf-8") + (root / "case.toml").read_text(encoding="utf-8")
    own += "3〜5日 1日目 5回 1分 3-5-3-1"  # the Guideline's target; titles of rules over events
    allowed = {*numbers(told), *numbers_in(own)}
    instants = {one.astimezone(JAPAN) for one in moments(document(root))}
    instants |= {datetime.fromisoformat(one["at"]).astimezone(JAPAN) for one in told["history"]}
    days = {one.date() for one in instants}
    days |= {date.fromisoformat(one) for one in re.findall(r'"(\d{4}-\d\d-\d\d)"', json.dumps(told))}
    days.add(date(2025, 10, 1))  # the common ransomware form
    minutes = {one.replace(second=0, microsecond=0) for one in instants}
    for name, word in written(root).items():
        text = text_of(word)
        for year, month, day, hour, minute in DAY.findall(text):
            assert date(int(year), int(month), int(day)) in days, name
            if hour:
                assert datetime(*map(int, (year, month, day, hour, minute)), tzinfo=JAPAN) in minutes, name
        found = numbers_in(text)
        assert found <= allowed, (name, found - allowed)
    # The check sees what it should: persons of a wrong number are in no figures.json.
    wrong = re.sub(r"[\d,]+ 人", "98,765 人", text_of(written(root)["速報.docx"]))
    assert numbers_in(wrong) - allowed == {98765}


@pytest.mark.parametrize("case", CASES)
def test_persons_are_those_of_the_row_the_comment_names(made: dict[str, Path], case: str) -> None:
    told = json.loads((made[case] / "report" / "figures.json").read_text(encoding="utf-8"))
    counts = {one["reference"]: one for one in told["counts"]}
    for word in written(made[case]).values():
        for text, rows in referring(word):
            said = {int(one.replace(",", "")) for one in re.findall(r"([\d,]+) 人", text)}
            stands = {counts[row][bound] for row in rows for bound in ("low", "likely", "high")}
            assert said <= stands, (text, rows)
            if said and len(rows) == 1:
                assert ("少なくとも" in text) == counts[rows[0]]["is_open"]
    assert any("人" in text for text, _ in referring(written(made[case])["速報.docx"]))


@pytest.mark.parametrize("case", CASES)
def test_every_filled_value_has_a_comment_with_its_source(made: dict[str, Path], case: str) -> None:
    for name, word in written(made[case]).items():
        law = MY_NUMBER if name.startswith("特定個人情報") else PRIVATE
        kind = name.removesuffix(".docx")[-2:]
        known = values(document(made[case]), law, kind)
        comments = {(text, said) for text, said in commented(word)}
        rows = rows_of(word)
        for field in asked(law, "ransomware", "my-number"):
            if field.ja in rows and field.value in known:
                for line in known[field.value]:
                    assert line.source, field.id
                    assert (line.ja, f"出典 source: {line.source}") in comments, field.id


@pytest.mark.parametrize("kind", KINDS)
def test_all_nine_items_stand_and_each_blank_says_what_the_law_asks(made: dict[str, Path], kind: str) -> None:
    word = written(made["usb-takeout"])[f"{kind}.docx"]
    headings = [one.text for one in word.paragraphs if one.style.name == "Heading 2"]
    assert [one[0] for one in headings if one[0].isdigit()] == list("123456789")
    rows = rows_of(word)
    known = values(document(made["usb-takeout"]), PRIVATE, kind)
    for field in asked(PRIVATE):
        if field.value in known:
            assert BLANK not in rows[field.ja], field.id
        else:
            assert rows[field.ja].startswith(f"【{BLANK}】"), field.id
            assert field.asks_ja in rows[field.ja] and field.source in rows[field.ja]


def test_every_blank_is_highlighted_and_nothing_filled_is(made: dict[str, Path]) -> None:
    runs = [
        run
        for table in written(made["usb-takeout"])["速報.docx"].tables
        for row in table.rows
        for cell in row.cells
        for paragraph in cell.paragraphs
        for run in paragraph.runs
    ]
    marked = {run.text for run in runs if run.font.highlight_color == WD_COLOR_INDEX.YELLOW}
    assert marked == {f"【{BLANK}】"}
    assert all(run.font.highlight_color == WD_COLOR_INDEX.YELLOW for run in runs if BLANK in run.text)


def test_unknown_is_an_answer_and_no_blank(made: dict[str, Path]) -> None:
    rows = rows_of(written(made["ransomware"])["速報.docx"])
    assert rows["特定個人情報(個人番号)の有無"].startswith("不明(「有」として報告する)")
    assert rows["うちクレジットカード情報を含むもの"].startswith("不明(")
    stateless = document(made["usb-takeout"])
    without = replace(stateless, case=replace(stateless.case, window_from=None, window_to=None))
    assert rows_of(opened(reports.preliminary(without)))["発生日"].startswith("不明(調査中)")


def test_the_form_names_values_that_are_made_and_no_value_is_made_in_vain() -> None:
    for law in (PRIVATE, PUBLIC, MY_NUMBER):
        named = {one.value for one in asked(law, "ransomware", "my-number") if one.value}
        assert named == MAKERS.keys()
        assert not [
            one.id
            for one in asked(law, "ransomware", "my-number")
            if "{" in one.source + one.asks_ja + one.ja
        ]


def test_the_common_form_is_asked_where_the_cause_is_ransomware_and_nowhere_else(
    made: dict[str, Path],
) -> None:
    with_it = rows_of(written(made["ransomware"])["速報.docx"])
    without = rows_of(written(made["usb-takeout"])["速報.docx"])
    fields_of = {
        field.ja for group in read_form(PRIVATE) if group.only == "ransomware" for field in group.fields
    }
    assert fields_of <= with_it.keys() and not fields_of & without.keys()
    assert with_it["脅迫文(ランサムノート)"].splitlines() == [
        "fs01 /Shares/README_復元方法.txt",
        "fs01 /Shares/共有/README_復元方法.txt",
    ]
    assert ".mihonlock(fs01、元の名前の写しがないもの 48 件)" in with_it["暗号化後の拡張子"]
    assert "変えられた 60 件のうち 12 件" in with_it["暗号化後の拡張子"]
    assert "203.0.113.44" in with_it["侵入経路"] and "リモートデスクトップ" in with_it["侵入経路"]
    found = re.search(r"README_復元方法.txt SHA-256 ([0-9a-f]{64})", with_it["侵害の痕跡(IoC)"])
    assert found is not None
    assert with_it["ランサムウェアの種類"].startswith(f"【{BLANK}】")


def test_my_number_has_reports_of_its_own_where_a_duty_is_not_excluded(made: dict[str, Path]) -> None:
    drafts = written(made["ransomware"])
    assert {"特定個人情報_速報.docx", "特定個人情報_確報.docx"} <= drafts.keys()
    assert written(made["usb-takeout"]).keys() == {"速報.docx", "確報.docx"}
    text, rows = text_of(drafts["特定個人情報_速報.docx"]), rows_of(drafts["特定個人情報_速報.docx"])
    assert "番号法29条の4第1項、番号法規則3条1項(未確定)" in rows["根拠条文"]
    assert rows["漏えい等が発生し、又は発生したおそれがある本人の数"].startswith(
        "不明(個人番号が含まれるか調査中)"
    )
    # Items of the other law stand in the other report.
    assert (
        "番号法規則2条" in rows["番号法規則2条各号の該当性"]
        and "規則7条" not in rows["番号法規則2条各号の該当性"]
    )
    assert "番号法規則2条" not in rows_of(drafts["速報.docx"])["規則7条各号の該当性"]
    assert "個人番号の有無" in text and "報告義務の有無は未確定である" in text


def test_my_number_that_was_counted_is_told_with_its_row(made: dict[str, Path]) -> None:
    one = document(made["ransomware"])
    count = Count(grade="likely", dimension="category", value="my_number", low=101, likely=102, high=103, estimate=102, is_open=False, open_reasons=())  # fmt: skip
    word = opened(reports.my_number_final(replace(one, counts=(*one.counts, count))))
    number = rows_of(word)["漏えい等が発生し、又は発生したおそれがある本人の数"]
    assert "102 人(下限 101 人〜上限 103 人)" in number
    assert any(rows == [count.reference] for text, rows in referring(word) if "102 人" in text)


def test_a_settled_no_takes_a_report_of_my_number_away(made: dict[str, Path], tmp_path: Path) -> None:
    root = tmp_path / "case"
    shutil.copytree(made["ransomware"], root)
    toml = root / "case.toml"
    toml.write_text(
        toml.read_text(encoding="utf-8").replace('"appi-private", "my-number"', '"appi-private"'),
        encoding="utf-8",
    )
    run_case(root)
    assert not (root / "report" / "特定個人情報_速報.docx").exists()
    assert again.figures(root).passed
    (root / "report" / "特定個人情報_速報.docx").write_bytes(b"left over")
    assert "report/特定個人情報_速報.docx" in again.figures(root).details


def test_without_a_duty_the_draft_says_so_before_anything_else(made: dict[str, Path]) -> None:
    word = written(made["bcc-accident"])["速報.docx"]
    told = [one.text for one in word.paragraphs]
    assert any("報告義務は見つかっていない" in one for one in told[:4])
    assert "Not legal advice" in told[1]
    rows = rows_of(word)
    assert rows["報告義務"].startswith("報告対象ではない") and rows["確報の期限"].startswith("なし")
    assert rows["根拠条文"].startswith("該当する規定なし(任意の報告)")


def test_an_undetermined_duty_says_what_is_missing_in_words(made: dict[str, Path]) -> None:
    one = document(made["ransomware"])
    decided = dict(one.decisions[0])
    decided["reportable"] = "undetermined"
    decided["laws"] = [
        {**law, "reportable": "undetermined", "triggers": [], "possible_triggers": ["APPI-R7-4"]}
        for law in decided["laws"]
    ]
    answers = [
        {"value": "no", "reportable": False, "triggers": [], "final_days": None},
        {"value": "yes", "reportable": True, "triggers": ["APPI-R7-3"], "final_days": 60},
    ]
    decided["missing"] = [{"fact": "improper_purpose", "answers": answers}]
    word = opened(reports.preliminary(replace(one, decisions=(decided,))))
    table = next(table for table in word.tables if table.rows[0].cells[0].text == "事実 fact")
    rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert [row[0].split("  ")[0] for row in rows] == ["不正の目的の有無"] * 2
    assert [row[1] for row in rows] == ["無", "有"]
    assert "確定するものはない" in rows[0][2] and "規則7条3号 不正の目的のおそれ" in rows[1][2]
    assert "確報 60 日以内" in rows[1][2]


def test_a_case_without_a_decision_says_so(made: dict[str, Path]) -> None:
    word = opened(reports.preliminary(replace(document(made["usb-takeout"]), decisions=())))
    assert "判定はない" in text_of(word) and "法的助言ではない" in word.paragraphs[1].text


def test_the_days_are_those_of_the_decision(made: dict[str, Path]) -> None:
    rows = rows_of(written(made["ransomware"])["確報.docx"])
    assert rows["知った日(起算日)"] == "2026年11月2日"
    assert "2026年11月4日〜2026年11月6日" in rows["速報の期限"] and "速やかに" in rows["速報の期限"]
    assert rows["確報の期限"].startswith("2027年1月4日(知った日を1日目として 60 日以内)")
    assert "60 日目の 2026年12月31日は行政機関の休日" in rows["確報の期限"]


def test_without_a_day_of_knowing_there_is_a_blank_and_no_claim_that_none_is_due(
    made: dict[str, Path],
) -> None:
    one = document(made["usb-takeout"])
    decided = dict(one.decisions[0]) | {"preliminary_due": None, "final_due": None, "counted_from": None}
    facts = tuple(fact for fact in one.facts if fact[0] != "known_date")
    rows = rows_of(opened(reports.final(replace(one, decisions=(decided,), facts=facts))))
    for name in ("知った日(起算日)", "速報の期限", "確報の期限"):
        assert rows[name].startswith(f"【{BLANK}】"), name
    # Where it is open whether a report is owed, so are its days.
    open_ = rows_of(written(made["ransomware"])["特定個人情報_速報.docx"])
    assert open_["確報の期限"].startswith("報告対象である場合、2027年1月4日")


def test_a_public_body_has_the_other_form(made: dict[str, Path]) -> None:
    one = document(made["usb-takeout"])
    public = opened(reports.preliminary(replace(one, case=replace(one.case, entity_kind="administrative"))))
    assert "保有個人情報の漏えい等報告書(速報・別記様式第六" in public.paragraphs[0].text
    assert "規則43条各号の該当性" in rows_of(public) and "2 保有個人情報の項目" in text_of(public)
    # The Guideline for public bodies was not read: what rests on it alone is marked so.
    assert "GL行政機関等編(未見) [u]" in text_of(public)
    private = opened(reports.preliminary(one))
    assert "個人データの漏えい等報告書(速報・別記様式第一" in private.paragraphs[0].text
    # Hospitals of local governments follow the rule of businesses.
    hospital = replace(one, case=replace(one.case, entity_kind="local_gov_hospital"))
    assert "別記様式第一" in opened(reports.preliminary(hospital)).paragraphs[0].text


def test_the_course_is_in_order_in_japanese_and_says_each_trace_once(made: dict[str, Path]) -> None:
    lines = rows_of(written(made["ransomware"])["速報.docx"])["事実経過"].splitlines()
    days = [tuple(map(int, found.groups())) for line in lines if (found := DAY.match(line))]
    assert len(days) == len(lines) and days == sorted(days) and len(lines) == len(set(lines))
    assert lines[-1] == "2026年11月2日 08:40 情報システム室が事態を知った"
    assert not [line for line in lines if "of its kind" in line]
    usb = rows_of(written(made["usb-takeout"])["速報.docx"])["事実経過"]
    assert usb.count("外部機器 4C530001230910117233 を接続") == 2
    assert "2026年9月28日 21:05" in usb  # 12:05 UTC


def test_a_reason_nobody_put_into_japanese_stands_as_it_is() -> None:
    assert (
        japanese("the first of its kind: session from the public address 203.0.113.9")
        == "外部アドレス 203.0.113.9 からの接続"
    )
    assert japanese("something else entirely") == "something else entirely"


def test_a_course_too_long_keeps_who_knew_and_says_where_the_rest_is(made: dict[str, Path]) -> None:
    one = document(made["usb-takeout"])
    at = datetime(2026, 9, 20, tzinfo=JAPAN)
    rules = tuple(
        EventRuleLine(evidence_id="pc01", title=f"rule {n}", title_ja=f"規則{n}", level="high", count=1, first_at=at, last_at=at)
        for n in range(40)
    )  # fmt: skip
    lines = rows_of(opened(reports.preliminary(replace(one, event_rules=rules))))["事実経過"].splitlines()
    assert len(lines) == 13 and lines[-1].startswith("ほかは report.html による")
    assert any("総務部が事態を知った" in line for line in lines)


def test_the_final_report_tells_what_moved_each_number(made: dict[str, Path]) -> None:
    first = {
        grade: {"low": 3, "likely": 4, "high": 5, "is_open": True}
        for grade in ("confirmed", "likely", "possible")
    }
    first["confirmed"] = {"low": 0, "likely": 0, "high": 0, "is_open": True}
    then = {
        grade: {"low": 6, "likely": 7, "high": 8, "is_open": False}
        for grade in ("confirmed", "likely", "possible")
    }
    told = (
        Moment(at="2026-10-06T01:02:03.000000Z", seq=4, figures=first, moved=()),
        Moment(
            at="2026-10-09T15:00:00.000000Z",
            seq=9,
            figures=then,
            moved=(Moved(kind="evidence", what="usb02"), Moved(kind="ruling", what="文書の除外")),
        ),
    )
    word = opened(reports.final(replace(document(made["usb-takeout"]), history=told)))
    table = next(table for table in word.tables if table.rows[0].cells[0].text == "時点 from")
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    assert rows[1][0] == "2026年10月6日 10:02" and rows[1][1].startswith("—")
    assert rows[1][2] == "少なくとも 4 人\n3〜5" and rows[1][4].startswith("最初の集計")
    assert rows[2][0] == "2026年10月10日 00:00" and rows[2][1] == "7 人\n6〜8"
    assert rows[2][4].splitlines()[0].startswith("証拠の追加: usb02")
    assert rows[2][4].splitlines()[1].startswith("判断: 文書の除外")
    assert "history[record=9].figures.likely" in "\n".join(said for _, said in commented(word))
    assert "経緯" not in text_of(
        opened(reports.preliminary(replace(document(made["usb-takeout"]), history=told)))
    )


def test_reasons_that_keep_a_number_open_and_estimates_stand_beside_it(made: dict[str, Path]) -> None:
    said = rows_of(written(made["ransomware"])["速報.docx"])["数え方"]
    assert "確定していない理由: 損壊した露出ファイルに、何も読めなかったものがある" in said
    one = document(made["ransomware"])
    estimate = Estimated(what="名簿.pdf", low=11, likely=12, high=13, method="by its size")
    counted = rows_of(opened(reports.preliminary(replace(one, estimated=(estimate,)))))["数え方"]
    assert "(上の人数に含めない): 名簿.pdf 11 人〜13 人" in counted


def test_pages_are_a4_in_japanese_letters_with_the_case_and_that_it_is_a_draft(made: dict[str, Path]) -> None:
    word = written(made["usb-takeout"])["確報.docx"]
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert section.header.paragraphs[0].text.startswith(
        "下書き draft・法的助言ではない not legal advice  KS-2026-001"
    )
    assert "NUMPAGES" in section.footer.paragraphs[0]._p.xml
    for name in ("Normal", "Heading 2"):
        assert word.styles[name].element.rPr.rFonts.get(qn("w:eastAsia")) == "Yu Mincho"
    assert {one.get(qn("w:eastAsia")) for one in word.styles.element.iter(qn("w:lang"))} == {"ja-JP"}
    for table in word.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml


def test_the_same_document_gives_the_same_bytes(made: dict[str, Path]) -> None:
    one = document(made["ransomware"])
    for render in (
        reports.preliminary,
        reports.final,
        reports.my_number_preliminary,
        reports.my_number_final,
    ):
        content = render(one)
        assert content is not None and content == render(one)
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            assert {entry.date_time for entry in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_nothing_of_a_case_becomes_word_xml(made: dict[str, Path]) -> None:
    hostile = "</w:t><w:br/>\x00\x0b\ud800\u202e{=cmd} &amp; ￿ 見本"
    one = document(made["ransomware"])
    count = Count(grade="possible", dimension="medium", value=hostile, low=1, likely=1, high=1, estimate=1, is_open=True, open_reasons=(hostile,))  # fmt: skip
    note = Marked(evidence_id="fs01", entry_id="e", path=f"/{hostile}.txt", rule=hostile, rule_file="ransom_notes.yar", sha256="")  # fmt: skip
    trace = Indicator(direction="for", grade="likely", rule=hostile, evidence_id=hostile, happened_at=datetime(2026, 11, 2, tzinfo=JAPAN), reason=hostile)  # fmt: skip
    word = opened(
        reports.final(
            replace(
                one,
                case=replace(one.case, client=hostile, number=hostile),
                counts=(*one.counts, count),
                marked=(note,),
                indicators=(trace,),
                history=(Moment(at="2026-10-06T01:02:03.000000Z", seq=4, figures={}, moved=(Moved(kind="ruling", what=hostile),)),),
            )
        )
    )  # fmt: skip
    rows = rows_of(word)
    assert rows["名称"] == safe(hostile)
    assert rows["脅迫文(ランサムノート)"] == f"fs01 /{safe(hostile)}.txt"
    assert safe(hostile) in rows["事実経過"]
    everything = text_of(word) + "\n".join(said for _, said in commented(word))
    assert not {"\u202e", "\x00", "\x0b", "￿"} & set(everything) and "</w:t>" in everything


def test_every_fact_a_law_of_japan_asks_has_words() -> None:
    abroad = ("gdpr", "uk_gdpr", "korea", "hipaa", "california")
    home = {name for name in (*VOCABULARY, *DERIVED) if name.split(".")[0] not in abroad}
    assert home == FACT.keys()
    assert answer("event", "loss") == "滅失" and answer("cause", "loss") == "紛失"
    assert answer("persons_upper", "1001") == "1001"


def test_a_field_of_a_mail_merge_is_one() -> None:
    letter = Letter("題")
    letter.line("前 «氏名» 様")
    xml = opened(letter.content()).paragraphs[0]._p.xml
    assert ' MERGEFIELD "氏名" ' in xml and "«氏名»" in xml and xml.count("w:fldChar") >= 3


@pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftoppm") is None,
    reason="needs LibreOffice (soffice) and poppler (pdftoppm), which this machine does not have",
)
def test_libreoffice_draws_the_pages(made: dict[str, Path], tmp_path: Path) -> None:
    drafts = sorted((made["ransomware"] / "report").glob("*報.docx"))
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to",
        "pdf",
    ]
    subprocess.run(
        [*command, "--outdir", str(tmp_path), *map(str, drafts)], check=True, capture_output=True, timeout=240
    )
    assert len(drafts) == 4
    for draft in drafts:
        pages = tmp_path / draft.stem
        subprocess.run(
            ["pdftoppm", "-r", "20", "-png", str(pages.with_suffix(".pdf")), str(pages)],
            check=True,
            timeout=60,
        )
        drawn = list(tmp_path.glob(f"{draft.stem}-*.png"))
        assert 3 <= len(drawn) <= 8
        assert all(one.read_bytes().startswith(b"\x89PNG") for one in drawn)
