"""Which programs failed, as Windows reported it, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.program_traces import AT, FOLDER, SHA1, error_reports_scenarios
from parsers.contract import ProblemKind
from parsers.windows.error_reports import REPORTS, error_reports
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_error_report"


def fixture(name: str) -> Yielded:
    one = error_reports_scenarios()[name]
    return run(error_reports, artefact(FOLDER / "error_reports" / name / one.artefact, one.path))


def test_a_crash_tells_the_program_its_hash_and_what_it_had_loaded() -> None:
    found = fixture("crash")
    assert found.problems == []
    (row,) = found.table(TABLE)
    assert (row["program_path"], row["program_file"]) == (r"E:\営業部\持出し.exe", "持出し.exe")
    assert (row["failed_at"], row["uploaded_at"]) == (AT, AT + timedelta(minutes=1))
    assert (row["sha1"], row["original_name"], row["event_type"]) == (SHA1, "rclone.exe", "APPCRASH")
    assert row["module_paths"] == [r"E:\営業部\持出し.exe", r"C:\Windows\SYSTEM32\ntdll.dll"]
    assert row["failure_details"] == [
        "アプリケーション名=持出し.exe",
        "例外コード=c0000005",
        "OS バージョン=10.0.22631.2.0.0.256.48",
    ]
    assert row["profile_name"] == "見本花子"


def test_a_failure_that_is_no_run_is_told_but_does_not_answer() -> None:
    found = fixture("odd")
    (row,) = found.table(TABLE)
    assert (row["event_type"], row["program_path"], row["profile_name"]) == (
        "WindowsUpdateFailure3",
        None,
        None,
    )
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "failed_at"),
        (ProblemKind.DAMAGED, "uploaded_at"),
    ]
    (answer,) = REPORTS.answers
    assert "program_path is not null and event_type in" in answer.where


def test_what_is_no_report_is_unrecognised(tmp_path: Path) -> None:
    found = run(error_reports, from_bytes(b"a=b\nc\n", tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_endless_lists_of_modules_do_not_grow(tmp_path: Path) -> None:
    content = b"EventType=APPCRASH\n" + b"LoadedModule[1]=a\n" * 6000
    found = run(error_reports, from_bytes(content, tmp_path))
    (row,) = found.table(TABLE)
    assert len(row["module_paths"]) == 5000  # type: ignore[arg-type]
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    head = "Version=1\r\nEventType=APPCRASH\r\n".encode("utf-16")
    assert select(
        (error_reports,), "/ProgramData/Microsoft/Windows/WER/ReportQueue/a/Report.wer", head
    ).chosen
    assert select((error_reports,), "/x/old.wer", head).chosen
    assert not select((error_reports,), "/x/old.wer", b"\0\1\2\3" * 50).refused


@pytest.mark.parametrize("name", sorted(error_reports_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = error_reports_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=3, count=200)):
        found = run(error_reports, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
