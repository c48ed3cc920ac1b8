"""The application compatibility cache in each format, from bytes."""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from regipy.plugins.system.external.ShimCacheParser import get_shimcache_entries

from fixtures.builders import execution
from fixtures.builders.execution import ENTRIES, Cached, shim_cache_bytes, system_hive
from fixtures.builders.keys import AT
from parsers.contract import ProblemKind
from parsers.windows.shim_cache import shim_cache
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped

FOLDER = execution.FOLDER / "shim_cache"
FORMATS = ("7", "7-32", "8.0", "8.1", "10", "10-1703")
EXPECTED = [
    (1, r"C:\Users\hanako\Downloads\転送ツール.exe", AT - timedelta(days=3), True),
    (2, r"E:\NYURYOKU.EXE", datetime(2020, 2, 29, 1, 2, 3, tzinfo=UTC), False),
    (3, r"C:\Windows\System32\notepad.exe", None, True),
]


def read(cache: bytes, folder: Path) -> Yielded:
    return run(shim_cache, from_bytes(system_hive(cache=cache), folder, "SYSTEM"))


@pytest.mark.parametrize("cache_format", FORMATS)
def test_every_format_gives_the_same_entries_in_order(cache_format: str, tmp_path: Path) -> None:
    found = read(shim_cache_bytes(cache_format, ENTRIES), tmp_path)
    assert found.problems == []
    rows = found.table("windows_shim_cache")
    has_flag = not cache_format.startswith("10")
    assert [
        (one["cache_place"], one["program_path"], one["file_modified_at"], one["has_run_flag"])
        for one in rows
    ] == [(*one[:3], one[3] if has_flag else None) for one in EXPECTED]
    assert {one["cache_format"] for one in rows} == {cache_format.partition("-")[0]}


def test_only_a_flagged_entry_answers_that_a_program_ran() -> None:
    (answer,) = shim_cache.tables[0].answers
    assert answer.where == "has_run_flag"
    assert dict(answer.columns) == {"program_path": "program_path"}


def test_a_package_is_no_path() -> None:
    rows = run(shim_cache, artefact(FOLDER / "windows-10" / "SYSTEM")).table("windows_shim_cache")
    assert (rows[3].get("program_path"), rows[3]["package_name"]) == (None, "Kanshiki.Memo_8wekyb3d8bbwe")


@pytest.mark.parametrize("cache_format", ["7", "7-32", "8.1", "10", "10-1703"])
def test_the_parser_of_mandiant_reads_the_same(cache_format: str, tmp_path: Path) -> None:
    # It takes the first flags of Windows 8 for the length of a package; entries without a time it leaves out.
    cache = shim_cache_bytes(cache_format, ENTRIES[:2])
    rows = read(cache, tmp_path).table("windows_shim_cache")
    flags = {True: "True", False: "False", None: None}
    assert [
        (one["path"], one["last_mod_date"], one.get("exec_flag")) for one in get_shimcache_entries(cache)
    ] == [(one["program_path"], one["file_modified_at"], flags[one["has_run_flag"]]) for one in rows]  # type: ignore[index]


def test_a_cache_cut_off_gives_what_is_left_and_a_problem(tmp_path: Path) -> None:
    for cache_format in FORMATS:
        whole = shim_cache_bytes(cache_format, ENTRIES)
        found = read(whole[:-3], tmp_path)
        assert len(found.table("windows_shim_cache")) == 2, cache_format
        assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED]


def test_a_time_that_is_none_is_null_and_a_problem(tmp_path: Path) -> None:
    cache = bytearray(shim_cache_bytes("7", ENTRIES))
    struct.pack_into("<Q", cache, 128 + 16, (1 << 64) - 1)
    found = read(bytes(cache), tmp_path)
    assert found.table("windows_shim_cache")[0]["file_modified_at"] is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "file_modified_at")]
    assert [one[2] for one in found.rows] == ["partial", "ok", "ok"]


def test_an_entry_that_does_not_add_up_keeps_its_path(tmp_path: Path) -> None:
    entry = Cached(path="C:\\x.exe", modified_at=AT)
    cache = bytearray(shim_cache_bytes("10", (entry,)))
    struct.pack_into("<I", cache, len(cache) - 4, 77)
    found = read(bytes(cache), tmp_path)
    assert [(one["program_path"], one["file_modified_at"]) for one in found.table("windows_shim_cache")] == [
        ("C:\\x.exe", None)
    ]
    assert [one.column for one in found.problems] == ["file_modified_at"]


def test_formats_that_are_not_read_are_told(tmp_path: Path) -> None:
    for cache in (struct.pack("<II", 0xBADC0FFE, 1) + bytes(40), b"\1\2\3", b"", bytes(200)):
        found = read(cache, tmp_path)
        assert found.rows == []
        assert [one.kind for one in found.problems] == [ProblemKind.UNSUPPORTED]


def test_paths_that_overlap_do_not_multiply(tmp_path: Path) -> None:
    cache = bytearray(shim_cache_bytes("7", (Cached(path="a" * 20_000, modified_at=AT),) * 100))
    for number in range(100):
        struct.pack_into("<Q", cache, 128 + 48 * number + 8, 128)
    cache = cache[:60_000]
    found = read(bytes(cache), tmp_path)
    assert len(found.rows) == 1
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_an_empty_cache_is_no_problem(tmp_path: Path) -> None:
    for cache_format in ("7", "10", "10-1703"):
        found = read(shim_cache_bytes(cache_format, ()), tmp_path)
        assert (found.rows, found.problems) == ([], [])


def test_damage_neither_raises_nor_multiplies(tmp_path: Path) -> None:
    for cache_format in FORMATS:
        cache = shim_cache_bytes(cache_format, ENTRIES * 4)
        for damaged in (*flipped(cache, 40), *cut(cache, 12)):
            assert len(read(damaged, tmp_path).rows) <= 12
    content = (FOLDER / "windows-10" / "SYSTEM").read_bytes()
    for damaged in flipped(content, 80, spare=4):
        run(shim_cache, from_bytes(damaged, tmp_path, "SYSTEM"))
    whole = run(shim_cache, from_bytes(content, tmp_path, "SYSTEM")).rows
    for damaged in cut(content, 12):
        found = run(shim_cache, from_bytes(damaged, tmp_path, "SYSTEM"))
        assert found.problems or found.rows == whole
