"""Workbooks, notice and memo of whole cases, read back: only what the tables say, nothing that is a formula, values only where asked for."""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
import duckdb
import openpyxl
import pyarrow as pa
import pytest
from click.testing import CliRunner

from pipeline import again, cli
from pipeline import case as cases
from pipeline.custody import log as custody
from pipeline.errors import CaseError
from pipeline.report import memo, unmasked
from pipeline.report.books import figures, notification
from pipeline.report.books.cells import Book
from pipeline.report.document import Count, Document, Estimated, Exposed, Head, Unsure
from pipeline.report.drafts import letters
from pipeline.report.stage import document_of
from pipeline.report.texts import safe
from pipeline.verify import verify
from tests.whole_case import ask, copied, run_case

BY, WHY = "総務 花子", "本人への通知"
HOSTILE = (
    '=cmd|"/c calc"!A1',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "http://evil.example/",
    "a\u202eb\x00\x0b\ud800￾",
    "見" * 40_000,
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = copied("usb-takeout", tmp_path_factory.mktemp("case"))
    run_case(found)
    return found


@pytest.fixture(scope="module")
def document(root: Path) -> Document:
    return document_of(cases.load(root), Head(size=9, sha256="0" * 64), ())


def rows(path: Path, sheet: str) -> list[dict[str, Any]]:
    header, *found = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(header, one, strict=True)) for one in found]


def test_every_count_stands_in_the_workbook_with_its_row(root: Path) -> None:
    told = json.loads((root / "report" / "figures.json").read_text(encoding="utf-8"))["counts"]
    found = rows(root / "report" / "figures.xlsx", "人数")
    assert [
        (one["下限 low"], one["蓋然 likely"], one["上限 high"], one["根拠の行 row"]) for one in found
    ] == [(one["low"], one["likely"], one["high"], one["reference"]) for one in told]
    names = {one["値 value"] for one in found}
    assert {"氏名", "全員 all", "外部機器(4C530001230910117233)"} <= names
    assert any(name.endswith("顧客一覧_2026.csv") for name in names)


def test_the_sheets_can_be_filtered_and_hold_no_formula_and_no_link(root: Path) -> None:
    for name in ("figures.xlsx", "notification.xlsx"):
        path = root / "report" / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        book = openpyxl.load_workbook(path)
        for sheet in book.worksheets[1:]:
            assert sheet.auto_filter.ref and sheet.freeze_panes == "B2"
        with zipfile.ZipFile(path) as packed:
            text = b"".join(packed.read(one) for one in packed.namelist() if one.startswith("xl/worksheets"))
            assert b"<f>" not in text and b"hyperlink" not in text
            assert not [one for one in packed.namelist() if "external" in one.lower()]


def test_whatever_a_text_begins_with_it_stays_a_text(tmp_path: Path) -> None:
    with Book(tmp_path / "b.xlsx", "題") as book:
        book.sheet("s", HOSTILE[:3], (9, 9, 9), [(one, None, 3) for one in HOSTILE])
    cells = [row[0] for row in openpyxl.load_workbook(tmp_path / "b.xlsx")["s"].iter_rows(min_row=2)]
    assert [cell.data_type for cell in cells] == ["s"] * len(HOSTILE)
    assert cells[0].value == HOSTILE[0] and cells[5].value == HOSTILE[5] and cells[5].hyperlink is None
    assert len(cells[-1].value) < 32_767 and cells[-1].value.endswith("cut)")
    assert not set("\u202e\x00\x0b￾") & set(cells[6].value)


def test_the_same_document_gives_the_same_bytes(document: Document, tmp_path: Path) -> None:
    made = []
    for name in ("a", "b"):
        figures.write(document, tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert letters.notice(document) == letters.notice(document) and memo.render(document) == memo.render(
        document
    )


def test_a_row_a_person_with_nothing_but_that_persons_items(root: Path) -> None:
    found = rows(root / "report" / "notification.xlsx", "本人")
    told = ask(
        root, "SELECT person_id, items, has_address, has_email, has_phone FROM per_person ORDER BY person_id"
    )
    assert [one["番号"] for one in found] == [one[0] for one in told] and len(found) == 1200
    for row, (_, items, *has) in zip(found, told, strict=True):
        assert len(row["漏えいした項目"].split("、")) == len(set(items))
        assert len(row["連絡先 contact"].split("、")) == sum(has)
    values = {
        name for (name,) in ask(root, "SELECT DISTINCT full_name FROM mention WHERE full_name IS NOT NULL")
    }
    text = "\n".join(str(one) for row in found for one in row.values())
    assert values and not any(value in text for value in values)


def test_with_values_it_is_written_outside_for_its_owner_and_recorded_first(
    root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "notices.xlsx"
    before = custody.read(root).records
    done = CliRunner().invoke(
        cli.main, ["notification", str(root), "--by", BY, "--reason", WHY, "--output", str(file)]
    )
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and not list(tmp_path.glob(".*"))
    [record] = [one for one in custody.read(root).records[len(before) :] if one.action == "values_shown"]
    assert record.actor.name == BY and record.params["reason"] == WHY and record.params["persons"] == "1200"
    assert {one.id for one in record.materials} >= {"tables/per_person/"}
    found = rows(file, "本人")
    told = {
        (name, mail)
        for name, mail in ask(root, "SELECT full_name, email_key FROM mention WHERE email_key IS NOT NULL")
    }
    assert {(one["氏名"].split(" / ")[0], one["メールアドレス"].split(" / ")[0]) for one in found} & told
    assert len(found) == 1200 and all(one["氏名"] for one in found)
    line = (root / "custody" / "log.jsonl").read_text(encoding="utf-8")
    assert not any(one["メールアドレス"] in line for one in found)
    assert verify(root, again=again.CHECKS).is_intact


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 501])
def test_without_a_reason_nothing_is_written_or_recorded(root: Path, tmp_path: Path, reason: str) -> None:
    before = custody.read(root).size
    with pytest.raises(CaseError, match="state a reason"):
        unmasked.write(cases.load(root), tmp_path / "n.xlsx", BY, reason)
    assert custody.read(root).size == before and not list(tmp_path.iterdir())


def test_a_file_that_exists_or_lies_in_the_case_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "there.xlsx").touch()
    for place in (tmp_path / "there.xlsx", root / "report" / "n.xlsx", tmp_path / "none" / "n.xlsx"):
        with pytest.raises(CaseError):
            unmasked.write(cases.load(root), place, BY, WHY)


@pytest.mark.parametrize(
    ("contacts", "age", "said"),
    [
        ((False, False, False), None, "要"),
        ((True, False, False), 400, "一年より古い"),
        ((False, True, False), 3, "連絡先あり"),
    ],
)
def test_a_substitute_measure_is_asked_where_there_is_no_contact(
    tmp_path: Path, contacts: tuple[bool, bool, bool], age: int | None, said: str
) -> None:
    connection = duckdb.connect()
    row = {
        "person_id": [1], "grade": ["likely"], "items": [["name"]], "categories": [["name"]], "candidates": [[]], "routes": [["damaged"]],
        "subject_kind": ["mixed"], "is_in_doubt": [False], "document_count": [1], "has_address": [contacts[0]], "has_email": [contacts[1]],
        "has_phone": [contacts[2]], "contact_changed_at": pa.array([None], pa.timestamp("us", "UTC")), "contact_age_days": pa.array([age], pa.int64()),
    }  # fmt: skip
    connection.register("per_person", pa.table(row))
    assert notification.write(connection, tmp_path / "n.xlsx", "KS", "Asia/Tokyo").rows == 1
    [found] = rows(tmp_path / "n.xlsx", "本人")
    assert said in found["代替措置 substitute measure"]


def test_more_persons_than_a_sheet_holds_are_told_and_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.report.books.cells.MOST_ROWS", 2)
    monkeypatch.setattr(notification, "MOST_ROWS", 2)
    connection = duckdb.connect()
    connection.execute(
        "CREATE VIEW per_person AS SELECT i AS person_id, 'likely' AS grade, ['name'] AS items, ['name'] AS categories, []::VARCHAR[] AS candidates, "
        "['damaged'] AS routes, 'customer' AS subject_kind, false AS is_in_doubt, 1 AS document_count, true AS has_address, true AS has_email, "
        "true AS has_phone, NULL::TIMESTAMPTZ AS contact_changed_at, NULL::BIGINT AS contact_age_days FROM range(5) t(i)"
    )
    written = notification.write(connection, tmp_path / "n.xlsx", "KS", "Asia/Tokyo")
    assert (written.persons, written.rows) == (5, 2)
    cover = openpyxl.load_workbook(tmp_path / "n.xlsx")["説明"]
    assert any("per_person" in str(cell.value) for row in cover.iter_rows() for cell in row)


def test_the_notice_merges_what_the_sheet_of_persons_has(root: Path, document: Document) -> None:
    word = docx.Document(io.BytesIO(letters.notice(document)))
    fields = re.findall(r'MERGEFIELD "([^"]+)"', word.element.xml)
    file = root.parent / "columns.xlsx"
    if not file.exists():
        unmasked.write(cases.load(root), file, BY, WHY)
    assert fields == ["氏名", "漏えいした項目"] and set(fields) <= rows(file, "本人")[0].keys()
    text = "\n".join(one.text for one in word.paragraphs)
    assert "弊社の従業者" in text and "漏えいいたしました" in text and text.count("要記入") == 5


def test_every_cause_has_one_wording(document: Document) -> None:
    named = [cause for one in letters.read_letters() for cause in one.causes]
    assert sorted(named) == sorted(cases.CAUSES)
    for cause in cases.CAUSES:
        facts = (("cause", json.dumps(cause), "case.toml"), ("event_certainty", '"suspected"', "counted"))
        text = "\n".join(
            one.text
            for one in docx.Document(io.BytesIO(letters.notice(replace(document, facts=facts)))).paragraphs
        )
        assert "漏えいしたおそれがあります" in text


def test_the_memo_ranks_what_moves_the_numbers_most_and_escapes_evidence(document: Document) -> None:
    hostile = "<img src=x> [l](http://e) `c` *b*\n# h\u202e"
    open_ = Count(grade="possible", dimension="all", value=None, low=1, likely=2, high=3, estimate=2, is_open=True, open_reasons=(f"an item, or a part of it, could not be used: {hostile}",))  # fmt: skip
    told = replace(
        document,
        counts=(
            open_,
            *(one for one in document.counts if (one.grade, one.dimension) != ("possible", "all")),
        ),
        estimated=(Estimated(what="a.zip", low=5, likely=7, high=9_000, method="like the others"),),
        unsure=(Unsure(path=hostile, subject="s", kind="doubt", what="a sample", mentions=40),),
    )
    tasks = memo.next_tasks(told)
    assert [one.persons for one in tasks][:2] == [9_000, 40]
    text = memo.render(told).decode()
    assert "1. a.zip" in text and "affected_count[grade=possible,dimension=all,value=all]" in text
    assert "<img" not in text.replace("\\<img", "") and "\n# h" not in text and "\u202e" not in text
    assert "\\[l\\]" in text and "\\`c\\`" in text


def test_hostile_paths_reach_the_workbook_as_texts(document: Document, tmp_path: Path) -> None:
    exposed = tuple(
        Exposed(evidence_id="e", entry_id=f"{n}", path=one, rule="r", route="damaged", grade="likely", reason=one, mentions=1, is_complete=True)
        for n, one in enumerate(HOSTILE[:-1])
    )  # fmt: skip
    figures.write(replace(document, exposed=exposed), tmp_path / "f.xlsx")
    assert [one["パス path"] for one in rows(tmp_path / "f.xlsx", "文書")] == [
        safe(one) for one in HOSTILE[:-1]
    ]
