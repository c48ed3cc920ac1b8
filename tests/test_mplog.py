"""What Defender's support log tells of programs, files and threats, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders.protection import FOLDER, SHA1, SHA2, mplog_scenarios
from parsers.contract import ProblemKind
from parsers.windows.mplog import MPLOG, mplog
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_mplog"
STARTED = datetime(2026, 9, 28, 9, 11, 2, tzinfo=UTC)
THREAT = "HackTool:Win32/Sample!ksk"
FOUND = r"C:\Users\eigyo\Downloads\持出し (1).exe"


def fixture(name: str) -> Yielded:
    one = mplog_scenarios()[name]
    return run(mplog, artefact(FOLDER / "mplog" / name / one.artefact, one.path))


def rows(kind: str) -> list[dict[str, Any]]:
    return [one for one in fixture("detected-and-copied").table(TABLE) if one["kind"] == kind]


def wall(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def test_a_program_is_told_with_one_file_it_reached_and_without_a_start() -> None:
    (row,) = rows("process_scans")
    assert (row["program_path"], row["process_id"], row["scanned_count"]) == ("robocopy.exe", 7836, 124)
    assert row["target_path"] == r"\Device\HarddiskVolume3\営業部\顧客一覧, 2026.xlsx"
    assert row["logged_at"] == datetime(2026, 9, 28, 9, 10, 55, 472000, tzinfo=UTC)
    assert (row["scan_ms"], row["longest_scan_ms"], row["impact_percent"]) == (6070, 828, 87)
    assert "process_started_at" not in row


def test_behavior_tells_when_a_process_began_and_its_wall_clock_apart() -> None:
    (row,) = rows("behavior")
    assert (row["program_path"], row["process_id"]) == (r"E:\持出し\rclone.exe", 7968)
    assert (row["process_started_at"], row["logged_local"]) == (STARTED, wall(2026, 9, 28, 18, 11, 2))
    assert "logged_at" not in row


def test_only_the_start_of_a_process_answers_when_it_ran() -> None:
    ran, *protected = MPLOG.answers
    assert (ran.question.name, dict(ran.columns)["at"]) == ("ran", "process_started_at")
    assert {one.question.name for one in protected} == {"protected"}


def test_a_file_looked_up_has_its_hashes_and_its_whole_path() -> None:
    (row,) = rows("hash_query")
    assert (row["target_path"], row["sha1"], row["sha256"]) == ("\\\\?\\" + FOUND, SHA1, SHA2)


def test_a_query_with_two_different_paths_keeps_both(tmp_path: Path) -> None:
    line = rf"2026-09-28T09:11:02.001Z SDN:Issuing SDN query for \Device\a.exe (C:\a (2).exe) (sha1={SHA1}, sha2={SHA2})"
    (row,) = run(mplog, from_bytes(line.encode(), tmp_path)).table(TABLE)
    assert (row["target_path"], row["log_note"]) == (r"\Device\a.exe", r"C:\a (2).exe")


def test_a_detection_is_told_for_each_of_its_resources() -> None:
    file, process = rows("detection_event")
    assert (file["threat_name"], file["target_kind"], file["target_path"]) == (THREAT, "file", FOUND)
    assert (process["target_kind"], process["process_id"]) == ("process", 1992)
    # The FILETIME beside it shows that the line's own time is UTC.
    assert process["process_started_at"] == STARTED
    assert (process["logged_at"] - STARTED).total_seconds() < 1
    assert rows("detection")[0]["target_path"] == FOUND
    assert rows("detection_cleaned")[0]["threat_action"] == "MP_THREAT_ACTION_QUARANTINE"


def test_a_path_with_a_semicolon_is_one_resource(tmp_path: Path) -> None:
    line = r"2026-09-28T09:11:02.001Z DETECTIONEVENT X:Y/Z file:C:\a; b.exe;"
    (row,) = run(mplog, from_bytes(line.encode(), tmp_path)).table(TABLE)
    assert (row["target_path"], row["detection_source"]) == (r"C:\a; b.exe", None)


def test_actions_are_told_for_each_file_with_its_owner() -> None:
    first, second = rows("threat_action")
    assert (first["threat_name"], first["threat_action"], first["target_path"]) == (
        THREAT, "quarantine", r"\\?\E:\持出し\a.exe",
    )  # fmt: skip
    assert (first["file_owner"], first["sha1"]) == ("KNSK\\見本花子", SHA1)
    assert (second["target_path"], second["threat_action"]) == (r"\\?\E:\持出し\b.exe", "quarantine")
    assert "file_owner" not in second and "sha1" not in second
    assert first["logged_local"] == wall(2026, 9, 28, 18, 27, 46)


def test_a_scan_tells_what_it_found_or_what_it_was_asked_for() -> None:
    assert [(one["target_path"], one["threat_name"]) for one in rows("resource_scan")] == [
        (r"E:\持出し\a.exe", THREAT),
        (r"E:\会員名簿.xlsx", None),
    ]


def test_exclusions_are_told_from_lines_and_from_the_list_of_state() -> None:
    assert [(one.get("target_kind"), one["target_path"]) for one in rows("exclusion")] == [
        (None, r"D:\作業"),
        ("process", r"C:\業務\copy.exe"),
        ("path", r"E:\持出し"),
        ("ext", ".XLSX"),
    ]
    assert rows("protection_state")[0]["log_note"] == "AV:2  AS:2  RTP:1  OA:2  BM:2"


def test_what_is_no_time_or_number_is_null_and_told() -> None:
    found = fixture("odd")
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "logged_at"),
        (ProblemKind.DAMAGED, "process_id"),
        (ProblemKind.TRUNCATED, None),
        (ProblemKind.DAMAGED, "logged_local"),
        (ProblemKind.DAMAGED, "process_id"),
        (ProblemKind.DAMAGED, "process_started_at"),
        (ProblemKind.TRUNCATED, None),
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial", "ok", "ok", "partial", "partial"]
    table = found.table(TABLE)
    assert (table[1]["logged_local"], table[1].get("logged_at")) == (
        wall(2026, 9, 28, 18, 10, 55, 472000),
        None,
    )
    assert table[2]["logged_at"] == datetime(2026, 9, 28, 9, 10, 55, 472000, tzinfo=UTC)


def test_what_is_no_log_is_unrecognised(tmp_path: Path) -> None:
    found = run(mplog, from_bytes(b"hello\n", tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


@pytest.mark.parametrize("body", ["SDN:Issuing SDN query for " + "a (a) (" * 9000, "[Mini-filter] Blocked file: " + "a Process: " * 6000, "DETECTION_ADD a " + " " * 70000, "ProcessImageName: " + "a, TotalTime: 1, Count: 1, MaxTime: 1, MaxTimeFile: " * 1500, "Filter caching disabled for " + "a (runtime " * 7000, "Engine:Setting original file name " + '"a" for "' * 7000])  # fmt: skip
def test_an_endless_line_costs_little(body: str, tmp_path: Path) -> None:
    content = f"2026-09-28T09:11:02.001Z {body}\n".encode() * 20
    found = run(mplog, from_bytes(content, tmp_path))
    assert len(found.rows) <= 20 and {one.kind for one in found.problems} <= {ProblemKind.LIMIT}


def test_which_logs_are_wanted() -> None:
    for path in (
        "/ProgramData/Microsoft/Windows Defender/Support/MPLog-07102015-052145.log",
        "/x/MPLog-1.log",
    ):
        assert select((mplog,), path, "2026-".encode("utf-16")).chosen
    assert not select((mplog,), "/x/MPDetection-1.log", "2026-".encode("utf-16")).chosen


@pytest.mark.parametrize("name", sorted(mplog_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = mplog_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=5, count=150)):
        found = run(mplog, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
