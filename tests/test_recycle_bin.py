"""What was moved to a recycle bin, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.ntfs_files import (
    AT,
    FOLDER,
    SID,
    Recycled,
    dollar_i,
    info2,
    recycle_bin_scenarios,
)
from parsers.contract import ProblemKind
from parsers.windows.recycle_bin import recycle_bin
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_recycle_bin"


def fixture(name: str) -> Yielded:
    one = recycle_bin_scenarios()[name]
    return run(recycle_bin, artefact(FOLDER / "recycle_bin" / name / one.artefact, one.path))


def test_a_deleted_file_is_told_with_path_size_time_and_whose_bin() -> None:
    found = fixture("version-2")
    assert found.problems == []
    assert found.table(TABLE) == [
        {
            "original_path": "C:\\Users\\eigyo\\Documents\\顧客\\会員名簿①.xlsx",
            "original_bytes": 91822,
            "deleted_at": AT,
            "account_sid": SID,
            "recycled_name": "$R7K2QXA.xlsx",
            "bin_format": "i_2",
        }
    ]


def test_a_folder_of_version_1_is_told_with_a_size_beyond_32_bits() -> None:
    (row,) = fixture("version-1").table(TABLE)
    assert (row["original_path"], row["original_bytes"]) == ("D:\\退避", 5_000_000_000)
    assert (row["recycled_name"], row["bin_format"]) == ("$RAB12CD", "i_1")


def test_outside_a_bin_no_account_is_told(tmp_path: Path) -> None:
    (row,) = fixture("loose").table(TABLE)
    assert (row["account_sid"], row["recycled_name"]) == (None, "$R0Z9Y8X.lnk")
    # A $I deeper in the bin is one that was deleted with its folder: it is not that folder's owner's own.
    given = artefact(
        from_bytes(dollar_i("C:\\a", 1, AT), tmp_path, "$IAAAAAA").file,
        f"/$Recycle.Bin/{SID}/$RBBBBBB/sub/$IAAAAAA",
    )
    assert run(recycle_bin, given).table(TABLE)[0]["account_sid"] is None


def test_info2_tells_entries_that_were_taken_out_again() -> None:
    found = fixture("info2")
    assert found.problems == []
    told = [
        (one["original_path"], one["original_bytes"], one["deleted_at"], one["is_taken_out"], one["recycled_name"])
        for one in found.table(TABLE)
    ]  # fmt: skip
    assert told == [
        ("C:\\Documents and Settings\\eigyo\\デスクトップ\\能登.csv", 53248, AT, False, "Dc1.csv"),
        ("C:\\temp\\表.xls", 8192, AT + timedelta(minutes=1), True, "Dc2.xls"),
        ("E:\\控え", 4096, AT + timedelta(minutes=2), False, "De3"),
    ]
    assert {one["account_sid"] for one in found.table(TABLE)} == {SID}
    assert [locator for _, locator, _, _ in found.rows] == ["20", "820", "1620"]


def test_info2_of_windows_98_is_read_as_cp932_and_the_lost_drive_letter_put_back() -> None:
    rows = fixture("info2-ansi").table(TABLE)
    assert [(one["original_path"], one["account_sid"]) for one in rows] == [
        ("C:\\能登ソ.txt", None),
        ("C:\\消去.txt", None),
    ]
    assert [one["is_taken_out"] for one in rows] == [False, True]


def test_a_time_that_is_none_is_null_and_a_problem_naming_the_column() -> None:
    found = fixture("odd-time")
    assert found.table(TABLE)[0].get("deleted_at") is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "deleted_at")]
    assert found.rows[0][2] == "partial"


def test_no_time_and_no_size_of_a_file_are_not_made_up(tmp_path: Path) -> None:
    content = bytearray(dollar_i("C:\\a", 0, None))
    (row,) = run(recycle_bin, from_bytes(bytes(content), tmp_path)).table(TABLE)
    assert (row["deleted_at"], row["original_bytes"]) == (None, 0)
    content[8:16] = b"\xff" * 8
    found = run(recycle_bin, from_bytes(bytes(content), tmp_path))
    assert "original_bytes" not in found.table(TABLE)[0]
    assert [one.column for one in found.problems] == ["original_bytes"]


def test_a_path_cut_short_is_told() -> None:
    found = fixture("cut-off")
    (row,) = found.table(TABLE)
    assert (row["original_path"], row["original_bytes"], row["deleted_at"]) == (
        "C:\\Users\\eigyo\\D",
        91822,
        AT,
    )
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.TRUNCATED, "original_path")]


def test_half_a_surrogate_is_replaced_and_told(tmp_path: Path) -> None:
    found = run(recycle_bin, from_bytes(dollar_i("C:\\a\ud842b", 1, AT), tmp_path))
    assert found.table(TABLE)[0]["original_path"] == "C:\\a\ufffdb"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "original_path")]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    hostile = "..\\..\\../../etc/cron.d/x\u202e'; DROP TABLE--\x1b[2J=cmd|' /C calc'!A0"
    (row,) = run(recycle_bin, from_bytes(dollar_i(hostile, 1, AT), tmp_path)).table(TABLE)
    assert row["original_path"] == hostile


def test_bytes_behind_the_path_are_told(tmp_path: Path) -> None:
    found = run(recycle_bin, from_bytes(dollar_i("C:\\a", 1, AT) + b"MZ", tmp_path))
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.AMBIGUOUS, "38")]
    assert found.rows[0][2] == "ok"


def test_an_info2_cut_within_an_entry_is_told(tmp_path: Path) -> None:
    entry = Recycled(path="C:\\a.txt", number=1, size=1, deleted_at=AT)
    content = info2((entry, entry))
    found = run(recycle_bin, from_bytes(content[: 820 + 100], tmp_path))
    assert len(found.rows) == 1
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.TRUNCATED, "820")]
    found = run(recycle_bin, from_bytes(content[: 820 + 300], tmp_path))
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial"]
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]


@pytest.mark.parametrize(
    ("path", "is_chosen"),
    [
        (f"/$Recycle.Bin/{SID}/$I7K2QXA.xlsx", True),
        (f"/C/$RECYCLE.BIN/{SID}/$I7K2QXA", True),
        ("/x/$I7K2QXA.tar.gz", True),
        ("/x/$I30", False),
        ("/x/$R7K2QXA.xlsx", False),
        ("/x/notes.txt", False),
    ],
)
def test_which_entries_are_wanted(path: str, is_chosen: bool) -> None:
    assert bool(select((recycle_bin,), path, dollar_i("C:\\a", 1, AT)).chosen) is is_chosen


def test_what_is_named_like_one_in_a_bin_but_is_none_is_refused_there_alone() -> None:
    assert select((recycle_bin,), f"/$Recycle.Bin/{SID}/$I7K2QXA.exe", b"MZ" * 100).refused
    assert not select((recycle_bin,), "/games/$I7K2QXA.exe", b"MZ" * 100).refused
    assert not select((recycle_bin,), "/other/INFO2", b"MZ" * 100).refused


@pytest.mark.parametrize("name", sorted(recycle_bin_scenarios()))
def test_damage_gives_problems_and_never_raises(name: str, tmp_path: Path) -> None:
    content = recycle_bin_scenarios()[name].content
    for cut in cuts(content):
        found = run(recycle_bin, from_bytes(cut, tmp_path))
        # An INFO2 that ends where an entry ends looks whole: no count of entries is kept that could be held to.
        is_between = (
            name.startswith("info2")
            and len(cut) >= 20
            and (len(cut) - 20) % (800 if name == "info2" else 280) == 0
        )
        is_padding = name == "version-1" and len(cut) >= 544
        assert found.problems or is_between or is_padding, len(cut)
    for number, mutant in enumerate(mutants(content, seed=11, count=300)):
        found = run(recycle_bin, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems, number
        assert all(len(one.message) < 300 for one in found.problems), number
