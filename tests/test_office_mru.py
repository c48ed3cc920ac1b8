"""Lists of recently used files of Microsoft Office, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import user_hives
from fixtures.builders.regf import dword, sz
from parsers.contract import ProblemKind
from parsers.windows.office_mru import office_mru
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "office_mru" / "two-programs" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PLACE = r"Software\Microsoft\Office\16.0\Word\File MRU"


def test_files_and_folders_have_path_and_time() -> None:
    found = run(office_mru, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    told = [
        (
            one["office_version"],
            one["office_program"],
            one["kind"],
            one["mru_position"],
            one.get("target_path"),
            one.get("opened_at"),
            one.get("entry_flags"),
        )
        for one in found.table("windows_office_mru")
    ]
    plain, pinned = "00000000", "00000001"
    assert told == [
        ("12.0", "Word", "file", 1, r"D:\資料\旧名簿.doc", AT - timedelta(days=900), plain),
        ("16.0", "Excel", "file", 1, r"E:\持出し\顧客一覧_2026.xlsx", AT, plain),
        ("16.0", "Excel", "file", 2, r"\\fileserver\営業部\単価表.xlsx", AT - timedelta(days=1), pinned),
        ("16.0", "Excel", "file", 3, None, None, None),
        ("16.0", "Excel", "place", 1, "E:\\持出し\\", AT, plain),
        (
            "16.0",
            "Excel",
            "file",
            1,
            "https://storage.example/hanako/会員名簿.xlsx",
            AT - timedelta(hours=5),
            plain,
        ),
    ]
    accounts = [one.get("office_account") for one in found.table("windows_office_mru")]
    assert accounts[:5] == [None] * 5
    assert str(accounts[5]).startswith("LiveId_5F2B")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "target_path")]


@pytest.mark.parametrize(
    ("stored", "column"),
    [
        ("[F00000000][TFFFFFFFFFFFFFFFF][O00000000]*C:\\a.docx", "opened_at"),
        ("[F00000000][T01CD]*C:\\a.docx", "target_path"),
        ("", "target_path"),
    ],
)
def test_an_entry_that_cannot_be_read_is_a_problem(stored: str, column: str, tmp_path: Path) -> None:
    found = run(office_mru, from_bytes(user_hives.hive({PLACE: (sz("Item 1", stored),)}), tmp_path))
    (row,) = found.table("windows_office_mru")
    assert row.get(column) is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, column)]


def test_values_that_are_no_entries_are_left_out(tmp_path: Path) -> None:
    values = (dword("Max Display", 25), sz("Item", "x"), sz("Item Metadata 1", "<x/>"), sz("", "x"))
    found = run(office_mru, from_bytes(user_hives.hive({PLACE: values}), tmp_path))
    assert (found.rows, found.problems) == ([], [])


def test_an_entry_without_a_time_has_none(tmp_path: Path) -> None:
    stored = f"[F00000000][T{0:016X}][O00000000]*C:\\a*b\n.docx"
    found = run(office_mru, from_bytes(user_hives.hive({PLACE: (sz("Item 7", stored),)}), tmp_path))
    (row,) = found.table("windows_office_mru")
    assert (row["opened_at"], row["target_path"], row["mru_position"]) == (None, "C:\\a*b\n.docx", 7)
    assert found.problems == []


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(office_mru, FIXTURE.read_bytes(), tmp_path)
