"""What the Program Compatibility Assistant lists, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.program_traces import FOLDER, pca_scenarios
from parsers.contract import ProblemKind
from parsers.windows.pca import PCA, pca
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_pca"


def fixture(name: str) -> Yielded:
    one = pca_scenarios()[name]
    return run(pca, artefact(FOLDER / "pca" / name / one.artefact, one.path))


def test_starts_are_told_with_path_and_time_in_utc() -> None:
    found = fixture("launches")
    assert found.problems == []
    rows = found.table(TABLE)
    assert {one["kind"] for one in rows} == {"launch"}
    assert (rows[1]["program_path"], rows[1]["last_run_at"]) == (
        r"E:\営業部\持出し.exe",
        datetime(2026, 9, 28, 9, 14, 35, 599000, tzinfo=UTC),
    )
    assert rows[2]["program_path"] == r"\\fs01.client.example\tools\copy.exe"


def test_an_abnormal_end_has_the_time_of_the_end_and_none_of_a_start() -> None:
    first, second = fixture("general").table(TABLE)
    assert (first["kind"], first["program_path"], first["run_status"]) == (
        "general",
        r"E:\営業部\持出し.exe",
        2,
    )
    assert first["logged_at"] == datetime(2026, 9, 28, 9, 15, 3, 667000, tzinfo=UTC)
    assert "last_run_at" not in first
    assert (first["publisher"], first["program_version"]) == ("見本商会", "1.68.0")
    assert first["exit_status"] == "Abnormal process exit with code 0xc0000005"
    assert (second["publisher"], second["exit_status"]) == (None, "Installer failed")
    assert second["program_path"] == r"%USERPROFILE%\Downloads\7z.exe"
    launch, general = PCA.answers
    assert "at" in dict(launch.columns) and "at" not in dict(general.columns)


def test_what_is_no_time_number_or_line_is_told() -> None:
    found = fixture("odd")
    assert [(one.locator, one.column) for one in found.problems] == [
        ("line:1", "last_run_at"), ("line:2", None), ("line:4", "run_status"),
    ]  # fmt: skip
    assert [(status, one.get("program_path")) for _, _, status, one in found.rows] == [
        ("partial", r"C:\a.exe"), ("ok", None), ("partial", r"C:\b.exe"),
    ]  # fmt: skip


def test_many_problems_are_told_within_a_budget(tmp_path: Path) -> None:
    found = run(pca, from_bytes(b"x\n" * 3000, tmp_path))
    assert (found.rows, len(found.problems), found.problems[-1].kind) == ([], 1001, ProblemKind.LIMIT)


def test_which_files_are_wanted() -> None:
    for name in ("PcaAppLaunchDic.txt", "PcaGeneralDb0.txt", "PcaGeneralDb1.txt"):
        assert select((pca,), f"/Windows/appcompat/pca/{name}", b"C:\\a|").chosen
    assert not select((pca,), "/Windows/appcompat/pca/other.txt", b"C:\\a|").chosen


@pytest.mark.parametrize("name", sorted(pca_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = pca_scenarios()[name].content
    for cut in cuts(content):
        found = run(pca, from_bytes(cut, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
    for mutant in mutants(content, seed=4, count=200):
        found = run(pca, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
