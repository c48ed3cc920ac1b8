"""Automatic jump lists from bytes: entries with their links, those without either, damage; libolecf opens what is built."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyolecf
import pytest

from fixtures.builders.hives import FOLDER
from fixtures.builders.jump_lists import Entry, automatic, compound, scenarios
from fixtures.builders.lnk import Volume, build
from parsers.contract import ProblemKind
from parsers.formats.jump_list import MOST_LINKS
from parsers.windows.automatic_destinations import automatic_destinations
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import in_child, mutants

AT = datetime(2026, 9, 28, 8, 41, 7, 250000, tzinfo=UTC)
TABLE = "windows_automatic_destinations"
OWN = [name for name in scenarios() if name.startswith("automatic")]
LINK = build(target=r"C:\a.txt", volume=Volume(serial=7), size=5)


def read(content: bytes, folder: Path) -> Yielded:
    return run(
        automatic_destinations, from_bytes(content, folder, "9b9cdc69c1c24e2b.automaticDestinations-ms")
    )


def fixture(name: str) -> Yielded:
    one = scenarios()[f"automatic_destinations/{name}"]
    file = FOLDER / "automatic_destinations" / name / one.file
    return run(automatic_destinations, artefact(file, f"/Users/eigyo/AppData/Recent/{one.file}"))


@pytest.mark.parametrize("name", OWN)
def test_fixtures_are_what_the_builder_writes(name: str) -> None:
    assert (FOLDER / name / scenarios()[name].file).read_bytes() == scenarios()[name].content


def test_libolecf_finds_every_stream_the_builder_writes() -> None:
    streams = {"1": b"x" * 63, "a": b"y" * 5000, "DestList": b"z" * 700, "1f": b"", "2": b"w" * 4096}
    file = pyolecf.file()
    file.open_file_object(io.BytesIO(compound(streams)))
    found = {one.name: one.read_buffer(one.size) if one.size else b"" for one in file.root_item.sub_items}
    assert found == streams


def test_an_entry_tells_when_by_whom_on_which_volume() -> None:
    first, second, *_ = fixture("version-4").table(TABLE)
    assert (first["opened_path"], first["list_path"]) == (
        r"E:\顧客\髙橋①名簿.xlsx",
        r"E:\顧客\髙橋①名簿.xlsx",
    )
    assert (first["last_used_at"], first["access_count"], first["is_pinned"]) == (AT, 7, False)
    assert (first["volume_serial"], first["drive_type"], first["target_bytes"]) == (
        "0A1B2C3D",
        "removable",
        91822,
    )
    assert (first["profile_name"], first["app_id"], first["app_name"]) == (
        "eigyo",
        "fb3b0dbfee58fac8",
        "Microsoft Word 2016 or later",
    )
    assert (first["list_machine_id"], first["entry_number"], first["list_position"]) == ("eigyo-pc01", 2, 0)
    assert (second["is_pinned"], second["last_used_at"]) == (True, AT - timedelta(hours=3))
    assert second["list_droid_file_id"] == second["droid_file_id"] == "7a1b2c3d-9000-11f1-8001-0200000000aa"


def test_an_entry_without_link_and_a_link_without_entry_are_rows() -> None:
    found = fixture("version-4")
    rows = {one["entry_number"]: one for one in found.table(TABLE)}
    assert list(rows) == [2, 1, 5, 10, 31]
    gone, unlisted = rows[5], rows[31]
    assert (gone["has_link"], gone["opened_path"], gone.get("volume_serial")) == (
        False,
        r"E:\顧客\削除済.xlsx",
        None,
    )
    assert (unlisted["is_listed"], unlisted.get("last_used_at")) == (False, None)
    assert unlisted["opened_path"] == r"C:\Users\eigyo\Documents\控え.docx"
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.AMBIGUOUS, "DestList:396")]


def test_a_share_never_used_has_no_time() -> None:
    share = fixture("version-4").table(TABLE)[3]
    assert (share["opened_path"], share.get("last_used_at")) == (r"\\FS01\営業部\見積.xlsx", None)


def test_version_1_has_no_counts() -> None:
    found = fixture("version-1")
    assert found.problems == []
    assert [(one["list_version"], one.get("access_count")) for one in found.table(TABLE)] == [(1, None)] * 2


def test_a_time_that_is_none_is_null_and_a_problem_naming_the_column() -> None:
    found = fixture("odd-time")
    assert found.table(TABLE)[0].get("last_used_at") is None
    assert found.rows[0][2] == "partial"
    assert (found.problems[0].kind, found.problems[0].column) == (ProblemKind.DAMAGED, "last_used_at")


def test_links_without_a_list_are_rows_and_the_missing_list_a_problem() -> None:
    found = fixture("no-list")
    assert [one["is_listed"] for one in found.table(TABLE)] == [False]
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "DestList")]


def test_a_file_cut_short_keeps_the_links_that_are_there() -> None:
    found = fixture("cut-off")
    paths = {one.get("opened_path") for one in found.table(TABLE)}
    assert {r"E:\顧客\髙橋①名簿.xlsx", r"C:\Users\eigyo\Documents\計画.docx"} <= paths
    assert ProblemKind.DAMAGED in {one.kind for one in found.problems}


def test_where_the_compound_file_cannot_be_opened_links_are_found_by_their_signature(tmp_path: Path) -> None:
    broken = bytearray(automatic({1: LINK, 2: LINK}, (Entry(number=1, path=r"C:\a.txt", used_at=AT),)))
    broken[512:1536] = b"\xff" * 1024
    found = read(bytes(broken), tmp_path)
    assert [(status, one["opened_path"]) for _, _, status, one in found.rows] == [
        ("recovered", r"C:\a.txt")
    ] * 2
    assert found.problems


def test_a_link_in_a_free_sector_is_recovered_and_one_of_a_stream_is_not_given_twice(tmp_path: Path) -> None:
    content = automatic({1: LINK}, (Entry(number=1, path=r"C:\a.txt", used_at=AT),))
    removed = build(target=r"E:\削除済.xlsx", volume=Volume(serial=0x0A1B2C3D), size=9)
    found = read(content + removed.ljust(1024, b"\0") + LINK.ljust(512, b"\0"), tmp_path)
    assert [(status, one["opened_path"], one["is_listed"]) for _, _, status, one in found.rows] == [
        ("ok", r"C:\a.txt", True),
        ("recovered", r"E:\削除済.xlsx", False),
    ]
    assert found.rows[1][3].get("last_used_at") is None
    assert found.problems == []


def test_a_removed_link_is_recovered_though_its_header_is_that_of_a_link_in_the_list(tmp_path: Path) -> None:
    content = automatic({1: LINK}, (Entry(number=1, path=r"C:\a.txt", used_at=AT),))
    twin = build(target=r"E:\b.txt", volume=Volume(serial=8), size=5)
    assert twin[:76] == LINK[:76]
    found = read(content + twin.ljust(1024, b"\0"), tmp_path)
    assert [(status, one["opened_path"]) for _, _, status, one in found.rows] == [
        ("ok", r"C:\a.txt"),
        ("recovered", r"E:\b.txt"),
    ]


def test_an_empty_list_is_no_problem(tmp_path: Path) -> None:
    found = read(compound({"DestList": b""}), tmp_path)
    assert (found.rows, found.problems) == ([], [])


def test_fewer_entries_than_stated_are_told(tmp_path: Path) -> None:
    content = bytearray(automatic({1: LINK}, (Entry(number=1, path=r"C:\a.txt", used_at=AT),)))
    place = content.find(b"\4\0\0\0\1\0\0\0\0\0\0\0")
    content[place + 4] = 9
    found = read(bytes(content), tmp_path)
    assert len(found.rows) == 1
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]


def test_halves_of_surrogate_pairs_are_replaced_and_told(tmp_path: Path) -> None:
    found = read(automatic({1: LINK}, (Entry(number=1, path="C:\\a\ud842.txt", used_at=AT),)), tmp_path)
    assert found.table(TABLE)[0]["list_path"] == "C:\\a\ufffd.txt"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "list_path")]


@pytest.mark.parametrize("content", [b"", b"MZ" * 400])
def test_what_is_no_compound_file_is_unrecognised(content: bytes, tmp_path: Path) -> None:
    found = read(content, tmp_path)
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def flood() -> None:
    """Read a file full of signatures. Runs in a child of the test."""
    head = scenarios()["automatic_destinations/version-4"].content[:8]
    with tempfile.TemporaryDirectory() as place:
        found = read(head + LINK[:20].ljust(64, b"\x7f") * 200_000, Path(place))
    assert len(found.rows) == MOST_LINKS
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED, ProblemKind.LIMIT]


def test_a_file_full_of_signatures_is_bounded() -> None:
    in_child("tests.test_automatic_destinations", "flood()")


def damage(seed: int) -> None:
    """Read mutants of the fixtures. Runs in a child of the test."""
    with tempfile.TemporaryDirectory() as place:
        for content in mutants([scenarios()[name].content for name in OWN], seed, 400):
            found = read(content, Path(place))
            assert len(found.rows) < 500
            for one in found.problems:
                assert len(one.message) < 500
                assert place not in one.message


@pytest.mark.parametrize("seed", [1, 2])
def test_damaged_lists_never_raise_hang_or_grow(seed: int) -> None:
    in_child("tests.test_automatic_destinations", f"damage({seed})")


def test_every_cut_is_told(tmp_path: Path) -> None:
    whole = scenarios()["automatic_destinations/version-4"].content
    complete = [one[3] for one in read(whole, tmp_path).rows]
    for size in range(1, len(whole), 97):
        found = read(whole[:size], tmp_path)
        assert [one[3] for one in found.rows] == complete or len(found.problems) > 1 or found.rows == [], size
        assert found.problems, size
