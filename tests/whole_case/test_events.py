"""Rules over events in whole cases: from the bytes of two logs to the report, again, and with further rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import evtx as builder
from pipeline import again
from tests.whole_case import ask, digests, rows, run_case

AT = datetime(2026, 9, 20, 2, 0, tzinfo=UTC)
PC = "PC01.example.jp"
SID = "S-1-5-21-1004336348-1177238915-682003330-1104"
FURTHER = """title: Object accessed <b>by</b> Excel
id: 5d4f2b0e-6c1f-4d53-9a49-4a1a3a0b6f10
level: low
logsource: {product: windows, service: security}
detection:
  selection: {EventID: 4663, ProcessName|endswith: '\\excel.exe', ObjectName|contains: 名簿}
  condition: selection
"""


def security_log() -> bytes:
    tries = [
        builder.failed_logon(
            number, AT + timedelta(seconds=number), computer=PC, account="hanako", address="203.0.113.7"
        )
        for number in range(1, 6)
    ]
    shared = {"computer": PC, "account": "Hanako", "sid": SID}
    logon = builder.logon(6, AT + timedelta(seconds=30), logon_type=10, address="203.0.113.7", **shared)
    excel = r"C:\Program Files\Microsoft Office\EXCEL.EXE"
    access = builder.object_access(
        7, AT + timedelta(minutes=5), path=r"C:\共有\顧客名簿.xlsx", process=excel, **shared
    )
    cleared = builder.security_log_cleared(8, AT + timedelta(minutes=9), **shared)
    return builder.build([*tries, logon, access, cleared])


def partition_log() -> bytes:
    shared = {
        "computer": PC,
        "serial": "0123456789",
        "manufacturer": "Example",
        "parent_id": r"USB\VID_0000&PID_0000\0123456789",
    }
    return builder.build([builder.disk_seen(1, AT, model="Stick", capacity=31_457_280, **shared)])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    root = tmp_path / "case"
    logs = root / "evidence" / "pc" / "Windows" / "System32" / "winevt" / "Logs"
    logs.mkdir(parents=True)
    (logs / "Security.evtx").write_bytes(security_log())
    (logs / "Microsoft-Windows-Partition%4Diagnostic.evtx").write_bytes(partition_log())
    item = '[[evidence]]\nid = "pc"\npath = "evidence/pc"\nrole = "host"\n'
    (root / "case.toml").write_text(f'[case]\nnumber = "T"\n{item}', encoding="utf-8")
    return root


HITS = "SELECT rule_title, h.event_id, correlated_count FROM event_hit h ORDER BY h.written_at, rule_title"
FOUND = [
    ("USB storage connected or removed, by the partition driver", 1006, None),
    ("Five failed logons to one account within one minute", 4625, 5),
    ("A logon succeeded after five failed ones to the same account", 4624, 2),
    ("Remote desktop logon from a public address", 4624, None),
    ("Security log cleared", 1102, None),
]


def test_hits_walk_back_to_their_events_and_stand_in_the_report(case: Path) -> None:
    run_case(case)
    assert ask(case, HITS) == FOUND
    joined = "SELECT count(*) FROM event_hit JOIN windows_evtx USING (evidence_id, entry_id, locator, written_at, computer)"
    assert ask(case, joined) == [(len(FOUND),)]
    outcomes = dict(
        ask(case, "SELECT outcome, count(*) FROM event_rule WHERE NOT is_counted_only GROUP BY outcome")
    )
    assert outcomes["matched"] == len(FOUND)
    assert outcomes["no_match"] > 0
    assert outcomes["no_events"] > 0
    assert "unsupported" not in outcomes
    page = (case / "report" / "report.html").read_text(encoding="utf-8")
    assert "外部アドレスからのリモートデスクトップ・ログオン" in page
    assert "対象ログなし(調べられず)" in page
    assert again.facts(case).passed
    assert again.figures(case).passed
    before = digests(case)
    run_case(case)
    assert digests(case) == before


def test_further_rules_are_asked_too_and_what_cannot_be_is_listed(case: Path, tmp_path: Path) -> None:
    run_case(case)
    own = rows(case)
    folder = tmp_path / "rules" / "windows"
    folder.mkdir(parents=True)
    (folder / "excel.yml").write_text(FURTHER, encoding="utf-8")
    (folder / "linux.yml").write_text(FURTHER.replace("product: windows", "product: linux"), encoding="utf-8")
    (folder / "broken.yaml").write_text("title: [", encoding="utf-8")
    run_case(case, rule_folders=(tmp_path / "rules",))
    further = ("Object accessed <b>by</b> Excel", 4663, None)
    assert ask(case, HITS) == [*FOUND[:4], further, FOUND[4]]
    listed = "SELECT rule_file, outcome FROM event_rule WHERE rule_file LIKE 'windows/%' ORDER BY rule_file"
    assert ask(case, listed) == [
        ("windows/broken.yaml", "unsupported"),
        ("windows/excel.yml", "matched"),
        ("windows/linux.yml", "unsupported"),
    ]
    page = (case / "report" / "report.html").read_text(encoding="utf-8")
    assert "Object accessed &lt;b&gt;by&lt;/b&gt; Excel" in page
    assert "未対応の規則 2" in page
    assert again.facts(case).passed
    # Only what rests on the rules was made again, and without them all is as before.
    run_case(case)
    assert rows(case) == own


def test_a_case_without_event_logs_says_that_nothing_could_be_looked_at(tmp_path: Path) -> None:
    root = tmp_path / "case"
    (root / "evidence").mkdir(parents=True)
    (root / "evidence" / "a.csv").write_text("氏名,電話番号\n見本 太郎,090-1111-2222\n", encoding="utf-8")
    run_case(root)
    assert ask(root, "SELECT DISTINCT outcome FROM event_rule") == [("no_events",)]
    assert ask(root, "SELECT count(*) FROM event_hit") == [(0,)]
    assert again.facts(root).passed
