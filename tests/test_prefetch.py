"""Prefetch files, from bytes: what they say of a program, its runs, files and volumes."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyscca
import pytest

from fixtures.builders import execution
from fixtures.builders.keys import AT
from fixtures.builders.scca import STICK, SYSTEM_VOLUME, pack, packed_prefetch, prefetch_bytes
from parsers.contract import ProblemKind
from parsers.formats.scca import MOST_BYTES, path_hashes
from parsers.formats.xpress_huffman import unpack
from parsers.windows.prefetch import prefetch
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped

FOLDER = execution.FOLDER / "prefetch"


def read(scenario: str) -> Yielded:
    (file,) = (FOLDER / scenario).glob("*.pf")
    return run(prefetch, artefact(file, f"/Windows/Prefetch/{file.name}"))


def plain(**changes: object) -> bytes:
    made: dict[str, object] = {
        "name": "MEMO.EXE",
        "hash_value": 1,
        "runs": [AT],
        "run_count": 1,
        "files": [(rf"{STICK.device_path}\MEMO.EXE", 7 << 48 | 99)],
        "volumes": [STICK],
    }
    return prefetch_bytes(**(made | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("scenario", ["from-removable-volume", "version-31"])
def test_a_program_run_from_a_stick_is_told_with_the_stick_s_serial_number(scenario: str) -> None:
    found = read(scenario)
    assert found.problems == []
    path = rf"{STICK.device_path}\NYURYOKU.EXE"
    assert found.table("windows_prefetch") == [
        {
            "program_name": "NYURYOKU.EXE",
            "program_path": path,
            "prefetch_hash": "89E00FDC",
            "is_hash_of_path": True,
            "volume_serial": "5A3C91E7",
            "run_count": 3,
            "last_run_at": AT,
            "format_version": 31 if scenario == "version-31" else 30,
            "is_packed": True,
            "file_count": 3,
        }
    ]
    runs = found.table("windows_prefetch_run")
    assert [(one["run_place"], one["ran_at"], one["program_path"]) for one in runs] == [
        (1, AT, path),
        (2, AT - timedelta(days=1), path),
        (3, AT - timedelta(days=8, hours=3), path),
    ]
    assert {(one["run_count"], one["volume_serial"]) for one in runs} == {(3, "5A3C91E7")}
    assert found.table("windows_prefetch_file")[0] == {
        "program_name": "NYURYOKU.EXE",
        "file_path": rf"{SYSTEM_VOLUME.device_path}\WINDOWS\SYSTEM32\NTDLL.DLL",
        "volume_serial": "0C1D2E3F",
        "file_reference": 0xC0DE,
        "sequence": 1,
    }
    assert found.table("windows_prefetch_file")[2] == {
        "program_name": "NYURYOKU.EXE",
        "file_path": rf"{STICK.device_path}\顧客\顧客名簿①.XLSX",
        "volume_serial": "5A3C91E7",
    }
    assert found.table("windows_prefetch_volume")[1] == {
        "program_name": "NYURYOKU.EXE",
        "device_path": STICK.device_path,
        "volume_serial": "5A3C91E7",
        "volume_created_at": datetime(2026, 9, 1, 1, 0, tzinfo=UTC),
        "folder_paths": [rf"{STICK.device_path}\顧客"],
    }


def test_of_two_files_of_the_program_s_name_neither_is_chosen_without_its_hash() -> None:
    (row,) = read("windows-7").table("windows_prefetch")
    assert (row["program_path"], row["is_hash_of_path"], row["volume_serial"]) == ("RUNDLL32.EXE", None, None)
    assert (row["run_count"], row["last_run_at"], row["format_version"]) == (41, AT, 23)


def test_windows_xp_keeps_one_run_and_no_references() -> None:
    found = read("windows-xp")
    assert found.problems == []
    (row,) = found.table("windows_prefetch")
    assert (row["program_path"], row["is_hash_of_path"]) == (r"\DEVICE\HARDDISKVOLUME1\道具\メモ.EXE", False)
    assert [one["ran_at"] for one in found.table("windows_prefetch_run")] == [AT]
    assert set(found.table("windows_prefetch_file")[0]) == {"program_name", "file_path", "volume_serial"}


def test_a_file_cut_off_keeps_its_runs_and_says_what_is_lost() -> None:
    found = read("cut-off")
    assert len(found.table("windows_prefetch_run")) == 3
    assert {one.kind for one in found.problems} == {ProblemKind.TRUNCATED}
    assert {one[2] for one in found.rows} == {"partial"}


def test_a_name_of_more_than_29_signs_finds_its_file(tmp_path: Path) -> None:
    name = "A" * 40 + ".EXE"
    content = plain(name=name[:29], files=[(rf"{STICK.device_path}\{name}", 0)])
    (row,) = run(prefetch, from_bytes(content, tmp_path)).table("windows_prefetch")
    assert row["program_path"] == rf"{STICK.device_path}\{name}"


def test_the_hash_is_taken_of_the_device_path() -> None:
    # [SCCA] Hashing the executable filename: notepad of Windows XP is NOTEPAD.EXE-189578DA.pf.
    assert 0x189578DA in path_hashes(r"\DEVICE\HARDDISKVOLUME1\WINDOWS\NOTEPAD.EXE")


def test_no_run_left_still_tells_that_the_program_ran(tmp_path: Path) -> None:
    found = run(prefetch, from_bytes(plain(runs=[]), tmp_path))
    assert found.table("windows_prefetch_run") == []
    assert found.table("windows_prefetch")[0]["last_run_at"] is None


def test_a_time_that_is_none_is_null_and_a_problem(tmp_path: Path) -> None:
    content = bytearray(plain())
    struct.pack_into("<Q", content, 128, (1 << 64) - 1)
    found = run(prefetch, from_bytes(bytes(content), tmp_path))
    assert [one["ran_at"] for one in found.table("windows_prefetch_run")] == [None]
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "128", "ran_at")
    ]


def test_what_is_no_prefetch_file_is_told(tmp_path: Path) -> None:
    for content, kind in (
        (b"", ProblemKind.UNRECOGNISED),
        (b"x" * 100, ProblemKind.UNRECOGNISED),
        (plain()[:40], ProblemKind.TRUNCATED),
        (b"MAM\x04", ProblemKind.TRUNCATED),
        (b"MAM\x02" + bytes(100), ProblemKind.UNSUPPORTED),
        (struct.pack("<I", 99) + plain()[4:], ProblemKind.UNSUPPORTED),
    ):
        found = run(prefetch, from_bytes(content, tmp_path))
        assert kind in {one.kind for one in found.problems}, content[:8]


def test_a_size_that_is_no_size_is_a_limit(tmp_path: Path) -> None:
    content = bytearray(packed_prefetch())
    struct.pack_into("<I", content, 4, MOST_BYTES + 1)
    found = run(prefetch, from_bytes(bytes(content), tmp_path))
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}
    assert len(found.table("windows_prefetch_run")) == 3


def test_names_that_overlap_do_not_multiply(tmp_path: Path) -> None:
    content = bytearray(plain(files=[("A" * 30000, 0)] + [("B", 0)] * 4000))
    for number in range(4001):
        struct.pack_into("<II", content, 0x130 + 32 * number + 12, 0, 30000)
    found = run(prefetch, from_bytes(bytes(content), tmp_path))
    assert len(found.table("windows_prefetch_file")) < 100
    assert any("names of" in one.message for one in found.problems)


def test_volumes_that_share_one_list_of_folders_do_not_multiply(tmp_path: Path) -> None:
    content = bytearray(plain(volumes=[STICK] * 1025) + bytes(200_000))
    (volumes_at,) = struct.unpack_from("<I", content, 108)
    for number in range(1025):
        # [SCCA] Volume information entry: place and number of its folders; each folder is empty here.
        place = volumes_at + 96 * number + 28
        struct.pack_into("<II", content, place, len(content) - 200_000 - volumes_at, 50_000)
    struct.pack_into("<I", content, 12, len(content))
    found = run(prefetch, from_bytes(bytes(content), tmp_path))
    rows = found.table("windows_prefetch_volume")
    assert sum(len(one["folder_paths"]) for one in rows) <= len(content) // 8  # type: ignore[arg-type]
    assert ProblemKind.LIMIT in {one.kind for one in found.problems}


@pytest.mark.parametrize("scenario", ["from-removable-volume", "windows-7", "windows-xp"])
def test_libscca_reads_the_same(scenario: str) -> None:
    (file,) = (FOLDER / scenario).glob("*.pf")
    other = pyscca.file()
    other.open_file_object(io.BytesIO(file.read_bytes()))
    found = read(scenario)
    (row,) = found.table("windows_prefetch")
    assert (row["program_name"], row["run_count"]) == (other.executable_filename, other.run_count)
    assert row["prefetch_hash"] == f"{other.prefetch_hash:08X}"
    assert [one["file_path"] for one in found.table("windows_prefetch_file")] == list(other.filenames)
    assert [
        (one["device_path"], one["volume_serial"], one["volume_created_at"])
        for one in found.table("windows_prefetch_volume")
    ] == [
        (one.device_path, f"{one.serial_number:08X}", one.creation_time.replace(tzinfo=UTC))
        for one in other.volumes
    ]
    other.close()


def test_packing_and_unpacking_give_the_same_bytes() -> None:
    content = plain() * 300 + bytes(range(256)) + b"\0" * 1000
    assert len(content) > 2 << 16
    packed = pack(content)[8:]
    assert len(packed) < len(content) // 2
    assert unpack(packed, len(content)) == (content, None)


def test_packed_bytes_cut_off_give_a_beginning_and_never_more() -> None:
    content = plain() * 100
    packed = pack(content)[8:]
    for one in cut(packed, 60):
        found, why = unpack(one, len(content))
        assert content.startswith(found)
        assert why is not None
        assert len(found) < len(content)


def test_damage_neither_raises_nor_hides_what_is_missing(tmp_path: Path) -> None:
    for content in (plain(), plain(version=17), packed_prefetch()):
        for damaged in flipped(content):
            run(prefetch, from_bytes(damaged, tmp_path))
        for damaged in cut(content):
            assert run(prefetch, from_bytes(damaged, tmp_path)).problems


def test_the_fixtures_are_those_the_builder_gives() -> None:
    for name, one in execution.scenarios().items():
        file = execution.FOLDER / name / one.name
        assert file.read_bytes() == one.content, f"{name}: python -m fixtures.builders.execution"
