"""Choices in file dialogs from bytes: item lists of Windows 10 and texts of XP, order and time of the newest."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fixtures.builders import hives, shellitems
from fixtures.builders.shellitems import mru_key, scenarios
from parsers.contract import ProblemKind
from parsers.windows.dialog_mru import dialog_mru
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import in_child, mutants

FIXTURE = hives.FOLDER / "dialog_mru" / "two-generations" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
TABLE = "windows_dialog_mru"


def test_the_fixture_is_what_the_builder_writes() -> None:
    assert FIXTURE.read_bytes() == scenarios()["dialog_mru/two-generations"].files[0][1]


def test_each_choice_stands_with_its_list_order_and_time() -> None:
    found = run(dialog_mru, artefact(FIXTURE, "/Users/eigyo/NTUSER.DAT"))
    assert found.problems == []
    columns = (
        "dialog_list", "file_extension", "program_name", "opened_path", "mru_position", "last_interacted_at",
    )  # fmt: skip
    pdf, book = r"C:\Users\eigyo\Documents\見積.pdf", r"E:\持出し\顧客名簿.xlsx"
    assert [tuple(one.get(column) for column in columns) for one in found.table(TABLE)] == [
        ("OpenSavePidlMRU", "*", None, pdf, 1, None),
        ("OpenSavePidlMRU", "*", None, book, 0, AT),
        ("OpenSavePidlMRU", "pdf", None, pdf, 0, AT - timedelta(days=2)),
        ("OpenSavePidlMRU", "xlsx", None, book, 0, AT),
        ("OpenSaveMRU", "txt", None, r"C:\メモ.txt", 1, None),
        ("OpenSaveMRU", "txt", None, r"A:\控え.txt", 0, AT),
        ("LastVisitedPidlMRU", None, "EXCEL.EXE", r"E:\持出し", 0, AT),
        ("LastVisitedMRU", None, "notepad.exe", "A:\\", 0, AT),
    ]
    assert {one["profile_name"] for one in found.table(TABLE)} == {"eigyo"}


def test_a_list_cut_short_keeps_what_came_before_and_is_told(tmp_path: Path) -> None:
    whole = shellitems.id_list(
        shellitems.root(shellitems.THIS_PC), shellitems.drive("E:\\"), shellitems.entry("顧客", at=AT)
    )
    lists = shellitems.Key(
        name="ComDlg32",
        written_at=AT,
        subkeys=(
            shellitems.Key(
                name="OpenSavePidlMRU", written_at=AT, subkeys=(mru_key("*", AT, (whole[:-9],), (0,)),)
            ),
        ),
    )
    found = run(dialog_mru, from_bytes(shellitems.ntuser(AT, lists), tmp_path, "NTUSER.DAT"))
    assert [(status, one["opened_path"]) for _, _, status, one in found.rows] == [("partial", "E:\\")]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.TRUNCATED, "opened_path")]


def test_a_hive_without_the_key_yields_nothing(tmp_path: Path) -> None:
    for content, name in (
        (hives.software_hive(written_at=AT, installed_at=AT), "SOFTWARE"),
        (hives.ntuser_hive(written_at=AT, user_folder=r"C:\Users\x"), "NTUSER.DAT"),
    ):
        found = run(dialog_mru, from_bytes(content, tmp_path, name))
        assert (found.rows, found.problems) == ([], [])


def damage(seed: int) -> None:
    """Read mutants of the fixture. Runs in a child of the test."""
    with tempfile.TemporaryDirectory() as place:
        for content in mutants([FIXTURE.read_bytes()], seed, 250):
            found = run(dialog_mru, from_bytes(content, Path(place), "NTUSER.DAT"))
            assert len(found.rows) < 100


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_hives_never_raise_hang_or_grow(seed: int) -> None:
    in_child("tests.test_dialog_mru", f"damage({seed})")
