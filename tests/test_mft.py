"""Master file tables handed over alone, from bytes; libfsntfs reads the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyfsntfs
import pytest

from fixtures.builders.mft import MADE, ROOT, Entry, Name, table, taken_out
from fixtures.builders.ntfs_files import FOLDER, mft_scenarios
from parsers.contract import Batch, ProblemKind
from parsers.windows.mft import mft
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_mft"


def fixture(name: str) -> Yielded:
    one = mft_scenarios()[name]
    return run(mft, artefact(FOLDER / "mft" / name / one.artefact, one.path))


def by_path(found: Yielded) -> dict[Any, dict[str, object]]:
    return {one["path"]: one for one in found.table(TABLE)}


def test_paths_are_those_of_the_volume() -> None:
    found = fixture("small-records")
    assert found.problems == []
    assert [(one["file_reference"], one["path"]) for one in found.table(TABLE)] == [
        (0, "/$MFT"),
        (5, "/"),
        (40, "/営業部"),
        (41, "/営業部/退避"),
        (42, "/営業部/退避/会員名簿.xlsx"),
        (43, "/営業部/新規"),
        (44, "/$OrphanFiles/孤児.csv"),
        (45, "/営業部/顧客.csv"),
        (46, "/営業部/set-back.exe"),
        (47, "/営業部/一.txt"),
        (47, "/二.txt"),
        (47, "/a\\\\b\\x2fc\\ud842"),
        (49, "/営業部/lost.txt"),
        (51, "/$OrphanFiles/$MFT-51"),
        (52, "/$OrphanFiles/loop/loop"),
    ]
    assert found.rows[4][1] == "mft:42"


def test_a_deleted_file_is_told_with_size_times_and_folder() -> None:
    row = by_path(fixture("small-records"))["/営業部/退避/会員名簿.xlsx"]
    assert (row["is_allocated"], row["size_bytes"], row["allocated_bytes"]) == (False, 91822, 94208)
    assert (row["parent_reference"], row["parent_sequence"], row["sequence"]) == (41, 3, 2)
    assert (row["created_at"], row["modified_at"], row["name_created_at"]) == (
        MADE,
        MADE + timedelta(days=1),
        MADE,
    )
    assert (row["last_usn"], row["security_id"], row["is_resident"], row["kind"]) == (
        8192,
        0x107,
        False,
        "file",
    )


def test_streams_and_resident_content_are_told() -> None:
    row = by_path(fixture("small-records"))["/営業部/顧客.csv"]
    assert (row["stream_names"], row["is_resident"], row["size_bytes"]) == (
        ["Zone.Identifier", "隠し"],
        True,
        5,
    )


def test_signs_of_times_set_back() -> None:
    rows = by_path(fixture("small-records"))
    stamped, other = rows["/営業部/set-back.exe"], rows["/営業部/顧客.csv"]
    assert (stamped["is_name_later"], stamped["has_zero_fraction"]) == (True, True)
    assert stamped["created_at"] == datetime(2024, 1, 1, tzinfo=UTC)
    assert stamped["size_bytes"] == 5_000_000_000
    assert (other["is_name_later"], other["has_zero_fraction"]) == (False, False)


def test_object_identifiers_placeholders_and_what_deleted_files_held(tmp_path: Path) -> None:
    ids = [UUID(f"{number:08x}-0000-11f0-9abc-0242ac120002") for number in (1, 2, 3, 0)]
    held, recalled, one_drive = "氏名,電話\r\n".encode("cp932"), 0x00401220, 0x9000601A
    entries = (
        Entry(index=5, sequence=5, names=(Name(text="."),), is_directory=True),
        Entry(index=24, names=(Name(text="a.xlsx"),), size=9000, object_ids=tuple(ids)),
        Entry(index=25, names=(Name(text="b.xlsx"),), size=9000, object_ids=(ids[0],)),
        Entry(
            index=26, names=(Name(text="away.xlsx"),), size=9000, attributes=recalled, reparse_tag=one_drive
        ),
        Entry(index=27, names=(Name(text="here.xlsx"),), size=9000, reparse_tag=one_drive),
        # Attributes of tapes: another driver's file that is recalled, and no cloud's.
        Entry(
            index=28, names=(Name(text="tape.xlsx"),), size=9000, attributes=recalled, reparse_tag=0xC0000004
        ),
        Entry(index=29, names=(Name(text="gone.csv"),), is_in_use=False, content=held),
        Entry(index=30, names=(Name(text="kept.csv"),), content=held),
    )
    found = run(mft, from_bytes(table(entries, count=40), tmp_path))
    assert found.problems == []
    rows = by_path(found)
    assert [rows["/a.xlsx"][name] for name in ("object_id", "birth_volume_id", "birth_object_id")] == [
        "00000001-0000-11F0-9ABC-0242AC120002",
        "00000002-0000-11F0-9ABC-0242AC120002",
        "00000003-0000-11F0-9ABC-0242AC120002",
    ]
    assert (rows["/b.xlsx"]["object_id"], rows["/b.xlsx"]["birth_volume_id"]) == (
        "00000001-0000-11F0-9ABC-0242AC120002",
        None,
    )
    assert {path: one["is_placeholder"] for path, one in rows.items() if path != "/"} == {
        path: path == "/away.xlsx"
        for path in ("/a.xlsx", "/b.xlsx", "/away.xlsx", "/here.xlsx", "/tape.xlsx", "/gone.csv", "/kept.csv")
    }
    assert rows["/here.xlsx"]["reparse_tag"] == one_drive
    assert (rows["/gone.csv"]["resident_data"], rows["/kept.csv"]["resident_data"]) == (held, None)


def test_an_extension_of_a_record_that_is_gone_is_told_apart() -> None:
    rows = by_path(fixture("small-records"))
    assert (rows["/営業部/lost.txt"]["base_reference"], rows["/営業部/lost.txt"]["created_at"]) == (50, None)
    assert rows["/二.txt"]["base_reference"] is None
    assert rows["/二.txt"]["created_at"] == rows["/営業部/一.txt"]["created_at"] == MADE


def test_large_records_are_numbered_as_the_volume_numbers_them() -> None:
    small, large = fixture("small-records"), fixture("large-records")
    assert large.problems == []
    unlike = {"allocated_bytes", "size_bytes"}  # of $MFT itself
    for one, other in zip(small.table(TABLE)[1:], large.table(TABLE)[1:], strict=True):
        assert {k: v for k, v in one.items() if k not in unlike} == {
            k: v for k, v in other.items() if k not in unlike
        }


def test_damaged_records_are_told_and_the_others_read() -> None:
    found = fixture("damaged")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "mft:45", None),
        (ProblemKind.DAMAGED, "mft:46", None),
        (ProblemKind.DAMAGED, "mft:47", "created_at"),
    ]
    rows = by_path(found)
    assert "/営業部/set-back.exe" not in rows
    status = {values["path"]: status for _, _, status, values in found.rows}
    assert (status["/営業部/顧客.csv"], status["/営業部/一.txt"], status["/営業部/退避"]) == (
        "partial",
        "partial",
        "ok",
    )


def test_a_table_cut_short_is_told(tmp_path: Path) -> None:
    assert [one.kind for one in fixture("cut-off").problems] == [ProblemKind.TRUNCATED]
    # Cut between records: the table's own size tells.
    found = run(mft, from_bytes(taken_out()[: 60 * 1024], tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]
    found = run(mft, from_bytes(taken_out()[:700], tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.TRUNCATED])


def test_libfsntfs_reads_the_same_of_what_the_builder_makes() -> None:
    rows = {(one["file_reference"], one["name"]): one for one in fixture("small-records").table(TABLE)}
    other = pyfsntfs.mft_metadata_file()
    other.open(str(FOLDER / "mft" / "small-records" / "MFT"))
    compared = 0
    for index in (0, 40, 41, 42, 43, 44, 45, 46):
        entry = other.get_file_entry(index)
        (attribute, *_) = [one for one in entry.attributes if one.get_attribute_type() == 0x30]
        row = rows[index, attribute.get_name()]
        assert entry.is_allocated() == row["is_allocated"]
        assert entry.get_creation_time() == row["created_at"].replace(tzinfo=None)  # type: ignore[attr-defined]
        assert entry.get_modification_time() == row["modified_at"].replace(tzinfo=None)  # type: ignore[attr-defined]
        assert attribute.get_creation_time() == row["name_created_at"].replace(tzinfo=None)  # type: ignore[attr-defined]
        assert [one.get_name() for one in entry.alternate_data_streams] == row["stream_names"]
        # Without the volume libfsntfs gives the size of the attribute alone.
        if row["kind"] == "file":
            data = [one for one in entry.attributes if one.get_attribute_type() == 0x80]
            assert row["size_bytes"] in [one.get_data_size() for one in data]
        compared += 1
    assert compared == 8


def test_many_records_come_in_batches_and_deep_folders_end(tmp_path: Path) -> None:
    deep = [
        Entry(index=n, names=(Name(text="深", parent=(n - 1) | 1 << 48),), is_directory=True)
        for n in range(11, 600)
    ]
    flat = [Entry(index=n, names=(Name(text=f"{n}", parent=300 | 1 << 48),)) for n in range(600, 4000)]
    top = Entry(index=10, names=(Name(text="top", parent=ROOT),), is_directory=True)
    given = from_bytes(table((top, *deep, *flat), count=4000), tmp_path)
    batches = [one for one in mft.parse(given) if isinstance(one, Batch)]
    assert sum(one.rows.num_rows for one in batches) == 1 + 589 + 3400
    assert max(one.rows.num_rows for one in batches) <= 2000
    paths = batches[-1].rows.column("path").to_pylist()
    assert paths[-1] == "/top" + "/深" * 290 + "/3999"


def test_a_folder_loop_of_any_length_ends(tmp_path: Path) -> None:
    ring = [
        Entry(index=n, names=(Name(text="輪", parent=(10 + (n - 9) % 50) | 1 << 48),), is_directory=True)
        for n in range(10, 60)
    ]
    found = run(mft, from_bytes(table(tuple(ring), count=60), tmp_path))
    assert all(str(one["path"]).startswith("/$OrphanFiles/") for one in found.table(TABLE))
    assert max(len(str(one["path"])) for one in found.table(TABLE)) < 13 + 2 * 52


@pytest.mark.parametrize("path", ["/$MFT", "/C/$MFT", "/triage/C_$MFT", "/x/server.mft"])
def test_which_files_are_wanted(path: str) -> None:
    assert select((mft,), path, taken_out()[:4096]).chosen


def test_what_is_named_otherwise_or_is_none_is_left_alone() -> None:
    assert not select((mft,), "/$MFTMirr", taken_out()[:4096]).chosen
    assert not select((mft,), "/x/game.mft", b"MZ" * 100).refused
    assert select((mft,), "/C/$MFT", b"MZ" * 100).refused


@pytest.mark.parametrize("name", ["small-records", "large-records"])
def test_damage_gives_problems_and_never_raises(name: str, tmp_path: Path) -> None:
    content = mft_scenarios()[name].content
    for cut in cuts(content):
        assert run(mft, from_bytes(cut, tmp_path)).problems, len(cut)
    for number, mutant in enumerate(mutants(content, seed=21, count=60)):
        found = run(mft, from_bytes(mutant, tmp_path))
        assert found.rows or found.problems, number
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems, number
    # Within one record: what is wrong there is told, the others stay.
    size = 1024 if name == "small-records" else 4096
    for number, mutant in enumerate(mutants(content[45 * size : 46 * size], seed=22, count=150)):
        record = mutant[:size].ljust(size, b"\0")
        found = run(mft, from_bytes(content[: 45 * size] + record + content[46 * size :], tmp_path))
        assert len(found.rows) >= 12, number
