"""What packers remember of a user, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from regipy.plugins.ntuser.winrar import WinRARPlugin
from regipy.registry import RegistryHive

from fixtures.builders.regf import binary
from fixtures.builders.user_hives import AT, FOLDER, hive
from fixtures.builders.user_tools import RAR, SEVEN, archive_history_scenarios, strings
from parsers.contract import ProblemKind
from parsers.windows.archive_history import ARCHIVES, archive_history
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.hive_damage import survives

TABLE = "windows_archive_history"


def fixture(name: str) -> Yielded:
    one = archive_history_scenarios()[name]
    return run(archive_history, artefact(FOLDER / "archive_history" / name / one.artefact, one.path))


def told(found: Yielded) -> list[tuple[object, ...]]:
    return [
        (one["history_kind"], one["target_path"], one["mru_position"], one["last_interacted_at"])
        for one in found.table(TABLE)
    ]


def test_only_the_newest_of_a_list_has_the_time_of_its_key() -> None:
    found = fixture("winrar")
    assert told(found) == [
        ("opened", r"E:\持出し\顧客一覧.rar", 1, AT - timedelta(hours=2)),
        ("opened", r"C:\temp\old.zip", 2, None),
        ("made", "顧客一覧.rar", 1, AT - timedelta(days=1)),
        ("made", None, 2, None),
        ("extracted_to", r"C:\作業", 1, AT),
    ]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, rf"\{RAR}\DialogEditHistory\ArcName@1")
    ]


def test_lists_of_seven_zip_are_told_text_by_text() -> None:
    found = fixture("seven-zip")
    assert found.problems == []
    assert told(found) == [
        ("made", r"E:\backup\設計図.7z", 1, AT),
        ("made", "plan.zip", 2, None),
        ("extracted_to", "C:\\work\\", 1, AT),
        ("extracted_to", "D:\\展開\\", 2, None),
        # The key of the file manager holds its widths and columns too: its time is of no entry.
        ("looked_at", "E:\\backup\\設計図.7z\\", 1, None),
        ("looked_at", "C:\\Users\\", 2, None),
        ("copied_to", "F:\\控え\\", 1, None),
        ("looked_at", "E:\\backup\\", None, None),
    ]
    assert found.rows[1][1] == rf"\{SEVEN}\Compression@ArcHistory#2"


def test_a_list_that_breaks_off_keeps_what_it_has_and_the_cut_text_is_partial() -> None:
    found = fixture("odd-lists")
    assert [(one[2], one[3]["target_path"]) for one in found.rows] == [
        ("ok", "whole.7z"),
        ("partial", "cut\ufffd"),
    ]
    assert [(one.kind, one.locator.rpartition("@")[2]) for one in found.problems] == [
        (ProblemKind.DAMAGED, "ArcHistory"),
        (ProblemKind.DAMAGED, "PathHistory"),
    ]


def test_older_lists_and_those_of_winzip() -> None:
    found = fixture("older")
    assert found.problems == []
    assert told(found) == [
        ("made", r"D:\見積.7z", 1, AT),
        ("made", r"D:\b.zip", 2, None),
        ("opened", r"C:\a.zip", 2, None),
        ("opened", r"F:\名簿.zip", 1, AT),
        ("opened", r"C:\a.zip", None, None),
        ("extracted_to", r"C:\unzipped", None, None),
    ]
    assert {one["profile_name"] for one in found.table(TABLE)} == {"見本太郎"}


def test_folders_written_to_are_no_answer_to_what_was_opened() -> None:
    (answer,) = ARCHIVES.answers
    assert answer.question.name == "opened"
    assert "extracted_to" not in answer.where
    assert "copied_to" not in answer.where


def test_an_endless_list_ends(tmp_path: Path) -> None:
    keys = {rf"{SEVEN}\FM": (binary("FolderHistory", strings(*["C:\\"] * 5000)),)}
    found = run(archive_history, from_bytes(hive(keys), tmp_path, "NTUSER.DAT"))
    assert len(found.rows) == 4096
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_regipy_reads_the_same_lists_of_winrar() -> None:
    file = FOLDER / "archive_history" / "winrar" / "NTUSER.DAT"
    plugin = WinRARPlugin(RegistryHive(str(file)), as_json=False)
    plugin.run()
    theirs = {(one["operation"], one.get("file_path", one.get("file_name"))) for one in plugin.entries}
    names = {"opened": "archive_opened", "made": "archive_created", "extracted_to": "archive_extracted"}
    ours = {(names[str(kind)], path) for kind, path, _, _ in told(fixture("winrar")) if path is not None}
    assert {one for one in theirs if one[1] not in ("x", 7)} == ours


@pytest.mark.parametrize("name", sorted(archive_history_scenarios()))
def test_damage_ends_in_problems(name: str, tmp_path: Path) -> None:
    survives(archive_history, archive_history_scenarios()[name].content, tmp_path)
