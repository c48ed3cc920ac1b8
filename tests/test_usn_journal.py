"""Records of the change journal, from bytes."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from fixtures.builders.ntfs_files import (
    AT,
    FOLDER,
    Change,
    taken_out,
    usn_journal_scenarios,
    usn_record,
    usn_state,
    usn_stream,
)
from parsers.contract import Batch, ProblemKind
from parsers.windows.usn_journal import JOURNAL, usn_journal
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_usn_journal"


def fixture(name: str) -> Yielded:
    one = usn_journal_scenarios()[name]
    return run(usn_journal, artefact(FOLDER / "usn_journal" / name / one.artefact, one.path))


def read(content: bytes, folder: Path) -> Yielded:
    return run(usn_journal, from_bytes(content, folder, "$J"))


def test_a_file_is_followed_from_making_to_deletion() -> None:
    found = fixture("sparse")
    assert found.problems == []
    minute = timedelta(minutes=1)
    told = [
        (one["file_name"], one["reasons"], one["recorded_at"], one["parent_reference"])
        for one in found.table(TABLE)
        if one["file_reference"] == 4711 and one["record_version"] == 2
    ]
    assert told == [
        ("会員名簿.xlsx", ["file_create"], AT, 812),
        ("会員名簿.xlsx", ["data_extend", "file_create", "close"], AT + timedelta(seconds=2), 812),
        ("会員名簿.xlsx", ["rename_old_name"], AT + minute, 812),
        ("$R7K2QXA.xlsx", ["rename_new_name"], AT + minute, 310),
        ("$R7K2QXA.xlsx", ["rename_new_name", "close"], AT + minute, 310),
        ("$R7K2QXA.xlsx", ["file_delete", "close"], AT + 5 * minute, 310),
    ]


def test_each_version_keeps_what_it_holds() -> None:
    rows = fixture("sparse").table(TABLE)
    assert rows[0]["usn"] == 8192
    ranged = next(one for one in rows if one["record_version"] == 4)
    assert (ranged["changed_ranges"], ranged["ranges_left_count"]) == (["0+91822", "131072+4096"], 0)
    assert (ranged["file_name"], ranged["recorded_at"], ranged["attributes_flags"]) == (None, None, None)
    wide = next(one for one in rows if one["file_name"] == "控え")
    assert (wide["file_reference"], wide["sequence"]) == (None, None)
    assert wide["wide_file_id"] == "0000000000010000000000000000004d"
    assert wide["change_sources"] == ["data_management", "client_replication_management"]
    assert rows[-1]["reasons"] == ["0x2000000"]
    assert (rows[-1]["file_reference"], rows[-1]["sequence"], rows[-1]["wide_file_id"]) == (40, 1, None)


def test_deleted_files_are_answered_by_name_alone() -> None:
    (answer,) = JOURNAL.answers
    assert answer.where == "list_contains(reasons, 'file_delete')"
    assert dict(answer.columns) == {"at": "recorded_at", "what": "file_name"}


def test_a_jump_of_the_numbers_is_told() -> None:
    found = fixture("jump")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.AMBIGUOUS, "4096", "usn")
    ]
    assert "to 1048576" in found.problems[0].message
    assert len(found.rows) == 8


def test_a_record_behind_damage_is_found_and_marked() -> None:
    found = fixture("damaged")
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    assert [status for _, _, status, _ in found.rows] == ["ok", "recovered", *["ok"] * 7]
    assert found.table(TABLE)[1]["record_version"] == 4


def test_a_stream_cut_within_a_record_is_told() -> None:
    found = fixture("cut-off")
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    assert len(found.rows) == len(taken_out()) - 1


def test_a_journal_of_zeros_is_told() -> None:
    found = fixture("zeros")
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.AMBIGUOUS])


def test_since_when_the_journal_has_existed(tmp_path: Path) -> None:
    found = fixture("max")
    assert found.problems == []
    (row,) = found.table("windows_usn_journal_state")
    assert (row["journal_created_at"], row["lowest_usn"]) == (AT - timedelta(days=400), 8192)
    assert (row["most_bytes"], row["step_bytes"]) == (32 << 20, 8 << 20)
    content = usn_state(AT, lowest=0)
    found = run(usn_journal, from_bytes(content[:20], tmp_path, "$Max"))
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    found = run(usn_journal, from_bytes(content[:16] + b"\xff" * 8 + content[24:], tmp_path, "$Max"))
    assert [one.column for one in found.problems] == ["journal_created_at"]


def test_records_across_blocks_and_pages_are_all_read(tmp_path: Path) -> None:
    names = [f"{number:05d}{'名' * (number % 200)}" for number in range(12_000)]
    content = usn_stream(Change(name=one, reason=0x100) for one in names)
    assert len(content) > 3 << 20
    given = from_bytes(bytes(1 << 20) + content, tmp_path, "$J")
    batches = [one for one in usn_journal.parse(given) if isinstance(one, Batch)]
    assert [name for one in batches for name in one.rows.column("file_name").to_pylist()] == names
    assert max(one.rows.num_rows for one in batches) <= 2000


def test_half_a_surrogate_and_a_time_that_is_none_are_told(tmp_path: Path) -> None:
    record = bytearray(usn_record(Change(name="a\ud842b", reason=0x100), 0))
    record[32:40] = b"\xff" * 8
    found = read(bytes(record), tmp_path)
    (row,) = found.table(TABLE)
    assert (row["file_name"], row["recorded_at"]) == ("a\ufffdb", None)
    assert sorted(one.column or "" for one in found.problems) == ["file_name", "recorded_at"]


def test_noise_is_passed_over_quickly_and_told_within_a_budget(tmp_path: Path) -> None:
    # What looks like the head of a record at every place, and a real record after every page.
    page = b"\x10\0\0\0\2\0\0\0" * 448
    content = b"".join(
        page + usn_stream([Change(name="a" * 200, reason=1)]) + b"\xff" * 8 for _ in range(1500)
    )
    begun = time.monotonic()
    found = read(content, tmp_path)
    assert time.monotonic() - begun < 20
    assert len(found.rows) == 1500
    assert len(found.problems) == 1001
    assert found.problems[-1].kind == ProblemKind.LIMIT


@pytest.mark.parametrize(
    "path", ["/$Extend/$UsnJrnl:$J", "/C/$Extend/$UsnJrnl%3A$J", "/x/$UsnJrnl_$J", "/C/$Extend/$J", "/$Extend/$UsnJrnl:$Max"]
)  # fmt: skip
def test_it_is_wanted_under_the_names_copies_have(path: str) -> None:
    head = usn_state(AT, lowest=0) if path.endswith("Max") else usn_stream(taken_out())[:4096]
    assert select((usn_journal,), path, head).chosen


def test_another_file_of_a_short_name_is_left_alone() -> None:
    chosen = select((usn_journal,), "/x/$J", b"hello" * 100)
    assert (chosen.chosen, chosen.refused) == ((), ())


@pytest.mark.parametrize("name", sorted(usn_journal_scenarios()))
def test_damage_gives_problems_and_never_raises(name: str, tmp_path: Path) -> None:
    one = usn_journal_scenarios()[name]
    file = one.path.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
    for cut in cuts(one.content):
        run(usn_journal, from_bytes(cut, tmp_path, file))
    for number, mutant in enumerate(mutants(one.content, seed=5, count=200)):
        found = run(usn_journal, from_bytes(mutant, tmp_path, file))
        assert found.rows or found.problems, number
        assert all(len(one.message) < 300 for one in found.problems), number


def test_no_cut_goes_untold_but_one_between_records(tmp_path: Path) -> None:
    changes = taken_out()
    ends = {0}
    for one in changes:
        ends.add(max(ends) + len(usn_record(one, 0)))
    content = usn_stream(changes)
    for size in range(1, len(content)):
        found = read(content[:size], tmp_path)
        assert bool(found.problems) is (size not in ends), size
        assert len(found.rows) == sum(end <= size for end in ends) - 1, size
