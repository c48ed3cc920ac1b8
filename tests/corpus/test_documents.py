"""Real workbooks, event lists in Japanese and texts open without a crash and agree with other tools."""

from __future__ import annotations

import csv as stdlib_csv
import io
import json
from pathlib import Path

import pytest

from parsers.contract import ProblemKind
from parsers.documents.csv import csv
from parsers.documents.text import text
from parsers.documents.xlsx import xlsx
from tests.artefacts import artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]


def listed(*kinds: str, endings: tuple[str, ...] = ("",)) -> list[tuple[Path, dict[str, object]]]:
    if not (CORPUS / "MANIFEST.tsv").is_file():
        return []
    rows = [
        line.split("\t") for line in (CORPUS / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    return [
        (CORPUS / row[0], json.loads(row[8]) if row[8].endswith("}") else {})
        for row in rows
        if row[7] in kinds and row[0].lower().endswith(endings)
    ]


@pytest.mark.parametrize(
    ("file", "expected"), listed("eventlog-csv-ja"), ids=lambda one: one.name if isinstance(one, Path) else ""
)
def test_event_lists_have_all_rows_and_japanese_headers(file: Path, expected: dict[str, object]) -> None:
    out = run(csv, artefact(file))
    sheet, table = out.sheets[0]
    records = list(stdlib_csv.reader(io.StringIO(file.read_bytes().decode("utf-8-sig"))))[1:]
    assert (sheet.codec, len(records), out.problems) == (expected["encoding"], expected["csv_rows"], [])
    # The expected number counts a blank line at the end as a record.
    truth = [[cell.replace("\r\n", "\n") for cell in record] for record in records if any(record)]
    assert [
        [row[f"c{index:03d}"] for index in range(len(record))]
        for row, record in zip(table.to_pylist(), truth, strict=True)
    ] == truth
    assert sheet.header is not None
    assert sheet.header[:4] == ("レベル", "日付と時刻", "ソース", "イベント ID")
    assert set(table.column("c000").to_pylist()) <= {"情報", "詳細", "警告", "エラー", "重大"}


WORKBOOKS = listed(
    "ooxml", "ole", "odf", "office-encrypted", endings=(".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
)


@pytest.mark.parametrize(
    ("file", "expected"), WORKBOOKS, ids=lambda one: one.name if isinstance(one, Path) else ""
)
def test_workbooks_open_or_are_told_to_be_locked(file: Path, expected: dict[str, object]) -> None:
    out = run(xlsx, artefact(file))
    is_locked = bool(expected.get("encrypted")) or "protected_passtika" in file.name
    assert [one.kind for one in out.problems] == ([ProblemKind.LOCKED] if is_locked else [])


def test_a_workbook_with_furigana_gives_its_names() -> None:
    [(file, _)] = [one for one in WORKBOOKS if one[0].name == "testEXCEL_phonetic.xls"]
    sheet, table = run(xlsx, artefact(file)).sheets[0]
    assert sheet.header is not None and sheet.header[1] == "Name"
    assert any(
        value and any("一" <= sign <= "鿿" for sign in value) for value in table.column("c001").to_pylist()
    )


LOGS = listed(
    "syslog", "weblog", "firewall", "fail2ban-log", "macos-log", "setupapi", "irc", endings=(".log", ".txt")
)


@pytest.mark.parametrize(
    ("file", "_expected"), LOGS, ids=lambda one: one.name if isinstance(one, Path) else ""
)
def test_logs_are_read_whole(file: Path, _expected: dict[str, object]) -> None:
    out = run(text, artefact(file))
    content = "".join(one.content for one in out.texts)
    lines = file.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    assert content.count("\n") == lines
