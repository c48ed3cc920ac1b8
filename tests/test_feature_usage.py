"""Uses of the task bar, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.builders import user_hives
from parsers.contract import ProblemKind
from parsers.windows.feature_usage import FEATURE_USAGE, feature_usage
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "feature_usage" / "task-bar" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
EXCEL = r"%ProgramFiles%\Microsoft Office\root\Office16\EXCEL.EXE"


def test_each_counter_has_its_programs() -> None:
    found = run(feature_usage, artefact(FIXTURE, "/Users/hanako/NTUSER.DAT"))
    rows = found.table("windows_feature_usage")
    assert [(one["counter"], one["program_path"], one["use_count"]) for one in rows] == [
        ("AppLaunch", EXCEL, 12),
        ("AppLaunch", "odd", None),
        ("AppSwitched", EXCEL, 240),
        ("AppSwitched", r"E:\持出し\copy.exe", 2),
        ("TrayButtonClicked", None, 33),
    ]
    assert rows[4]["entry_name"] == "StartButton"
    assert {one["counted_since_at"] for one in rows} == {AT - timedelta(days=400)}
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "use_count")]


def test_only_starts_and_changes_of_window_are_told_as_run_and_without_a_time() -> None:
    assert [
        (dict(one.columns).get("run_count"), "at" in dict(one.columns)) for one in FEATURE_USAGE.answers
    ] == [
        ("use_count", False),
        (None, False),
    ]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(feature_usage, FIXTURE.read_bytes(), tmp_path)
