"""Programs the search kept as recently used, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.builders import user_hives
from parsers.contract import ProblemKind
from parsers.windows.recent_apps import recent_apps
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "recent_apps" / "two-programs" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
EXCEL = r"%ProgramFiles%\Microsoft Office\root\Office16\EXCEL.EXE"


def test_programs_and_the_files_opened_with_them() -> None:
    found = run(recent_apps, artefact(FIXTURE, "/Users/hanako/NTUSER.DAT"))
    programs = found.table("windows_recent_apps")
    assert [(one["program_path"], one["run_count"], one["last_run_at"]) for one in programs] == [
        (EXCEL, 9, AT),
        (r"D:\setup64.exe", 1, AT - timedelta(days=2)),
    ]
    files = found.table("windows_recent_app_items")
    assert [(one["target_path"], one["display_name"], one["opened_at"]) for one in files] == [
        (r"E:\持出し\顧客一覧_2026.xlsx", "顧客一覧_2026.xlsx", AT - timedelta(minutes=1)),
        (r"C:\単価表.xlsx", None, None),
    ]
    assert {one["program_path"] for one in files} == {EXCEL}
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "opened_at")]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(recent_apps, FIXTURE.read_bytes(), tmp_path)
