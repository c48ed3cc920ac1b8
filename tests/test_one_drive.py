"""What OneDrive synchronised and what was deleted of it, from bytes."""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

from fixtures.builders.cloud import AT, FOLDER, SHA1, one_drive_scenarios, sync_engine
from parsers.contract import ProblemKind
from parsers.windows.one_drive import one_drive
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run

FILES, LIBRARIES, DELETIONS = (
    "windows_one_drive_file", "windows_one_drive_library", "windows_one_drive_deletion",
)  # fmt: skip


def fixture(name: str) -> Yielded:
    one = one_drive_scenarios()[name]
    return run(one_drive, artefact(FOLDER / "one_drive" / name / one.artefact, one.path))


def test_a_file_is_told_with_folders_hash_and_when_its_content_came() -> None:
    first, second, _ = fixture("library").table(FILES)
    assert (first["file_name"], first["folder_path"]) == ("会員名簿①.xlsx", "営業部\\顧客")
    assert (first["size_bytes"], first["sha1"], first["is_shared_item"]) == (91_822, SHA1.hex(), True)
    assert (first["first_hydrated_at"], first["last_hydrated_at"], first["hydration_count"]) == (
        AT - timedelta(hours=1), AT - timedelta(seconds=30), 3,
    )  # fmt: skip
    assert (first["last_change_at"], first["disk_created_at"]) == (
        AT - timedelta(days=1), AT - timedelta(minutes=2),
    )  # fmt: skip
    assert (first["created_by"], first["modified_by"]) == ("見本花子", "見本太郎")
    assert (first["sync_account"], first["profile_name"]) == ("Business1", "見本花子")
    assert second["quick_xor_hash"] == "AAAAAAAAAAAAAAAAAAAAAAAAAAA="
    assert (second["folder_path"], second["size_bytes"]) == (None, 5_000_000_000)
    assert "first_hydrated_at" not in second and "sha1" not in second


def test_a_library_names_the_site_it_comes_from() -> None:
    first, second = fixture("library").table(LIBRARIES)
    assert (first["web_url"], first["remote_path"], first["tenant_id"]) == (
        "https://client.example/sites/eigyo", "Shared Documents", "tenant-1",
    )  # fmt: skip
    assert "web_url" not in second


def test_odd_values_are_null_and_told_and_folders_in_a_circle_end() -> None:
    found = fixture("library")
    odd = found.table(FILES)[2]
    assert [one.column for one in found.problems] == ["size_bytes", "sync_status", "last_change_at"]
    assert ("last_change_at" in odd, "disk_created_at" in odd, "sha1" in odd) == (False, False, False)
    assert len(str(odd["folder_path"]).split("\\")) == 128
    assert found.rows[-1][2] == "partial"


def test_a_log_beside_the_database_is_applied(tmp_path: Path) -> None:
    database, log = sync_engine()
    (tmp_path / "SyncEngineDatabase.db").write_bytes(database)
    (tmp_path / "log").write_bytes(log)
    given = artefact(tmp_path / "SyncEngineDatabase.db")
    given.companions["-wal"] = artefact(tmp_path / "log")  # type: ignore[index]
    rows = run(one_drive, given).table(FILES)
    assert [one["file_name"] for one in rows][-1] == "後から.csv"
    assert {one["is_wal_applied"] for one in rows} == {True}


def test_deletions_are_told_with_time_and_program() -> None:
    found = fixture("deletions")
    rows = found.table(DELETIONS)
    assert [(one["kind"], one["deleted_path"], one.get("noticed_at"), one.get("program_path")) for one in rows] == [
        ("recycle_bin", "顧客一覧.xlsx", AT, None),
        ("filter", r"C:\Users\hanako\OneDrive\営業部\見積.xlsx", AT + timedelta(minutes=1), "explorer.exe"),
        ("filter", r"C:\odd", None, None),
    ]  # fmt: skip
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "noticed_at")]


def test_a_database_of_something_else_is_told(tmp_path: Path) -> None:
    content = one_drive_scenarios()["deletions"].content
    content = content.replace(b"filter_delete_info", b"filter_delete_inf0")
    content = content.replace(b"items_moved_to_recycle_bin", b"items_moved_to_recycle_bim")
    found = run(one_drive, from_bytes(content, tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.DAMAGED])


def test_which_files_are_wanted() -> None:
    folder = "/Users/a/AppData/Local/Microsoft/OneDrive/settings/Personal"
    for name in ("SyncEngineDatabase.db", "SafeDelete.db"):
        assert select((one_drive,), f"{folder}/{name}", b"SQLite format 3\0" + bytes(84)).chosen
    assert not select((one_drive,), "/x/SafeDelete.db", b"other").refused


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    for name in one_drive_scenarios():
        content = one_drive_scenarios()[name].content
        for size in range(0, len(content), 700):
            found = run(one_drive, from_bytes(content[:size], tmp_path))
            assert found.problems, size
            assert all(status == "partial" for _, _, status, _ in found.rows)
        for seed in range(120):
            chance = random.Random(seed)
            changed = bytearray(content)
            for _ in range(chance.choice((1, 10, 60))):
                changed[chance.randrange(len(changed))] = chance.randrange(256)
            run(one_drive, from_bytes(bytes(changed), tmp_path))
