"""What the parsers of a user's hive share: the budget, orders of last use, known folders."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from fixtures.builders import user_hives
from fixtures.builders.regf import binary, sz
from parsers.contract import ProblemKind
from parsers.formats import user_hive
from parsers.formats.known_folders import resolve
from parsers.windows.recent_docs import recent_docs
from tests.artefacts import from_bytes, run

PLACE = rf"{user_hives.EXPLORER}\RecentDocs"


def test_the_budget_ends_the_reading_with_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [user_hives.recent_value(number, f"{number}.txt", f"{number}.lnk") for number in range(9)]
    given = from_bytes(user_hives.hive({PLACE: (), rf"{PLACE}\.txt": values}), tmp_path)
    assert len(run(recent_docs, given).rows) == 9
    monkeypatch.setattr(user_hive.UserHive.__init__, "__kwdefaults__", {"left": 5})
    found = run(recent_docs, given)
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]
    assert found.rows == []


@pytest.mark.parametrize(
    ("order", "positions", "is_told"),
    [
        (struct.pack("<3I", 1, 0, 0xFFFFFFFF), [2, 1], False),
        (struct.pack("<4I", 1, 1, 0, 0xFFFFFFFF), [2, 1], False),
        (struct.pack("<4I", 1, 0xFFFFFFFF, 0, 0xFFFFFFFF), [None, 1], False),
        (struct.pack("<2I", 1, 0), [2, 1], True),
        (struct.pack("<I", 1) + b"\0\0", [None, 1], True),
        (b"", [None, None], True),
    ],
)
def test_orders_of_last_use(order: bytes, positions: list[int | None], is_told: bool, tmp_path: Path) -> None:
    values = [user_hives.recent_value(number, f"{number}.txt", f"{number}.lnk") for number in range(2)]
    content = user_hives.hive({PLACE: (*values, binary("MRUListEx", order))})
    found = run(recent_docs, from_bytes(content, tmp_path))
    assert [one["mru_position"] for one in found.table("windows_recent_docs")] == positions
    assert [one.column for one in found.problems] == (["mru_position"] if is_told else [])


def test_a_hive_of_another_kind_is_passed_over_in_silence(tmp_path: Path) -> None:
    content = user_hives.hive({r"Microsoft\Windows": (sz("x", "y"),)}, file_name="SOFTWARE")
    found = run(recent_docs, from_bytes(content, tmp_path, "NTUSER-of-another"))
    assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (r"{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\calc.exe", r"%windir%\system32\calc.exe"),
        (r"{6d809377-6af0-444b-8957-a3773f02200e}\見本\a.exe", r"%ProgramFiles%\見本\a.exe"),
        ("{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}", r"%USERPROFILE%\Desktop"),
        ("{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}x", "{B4BFCC3A-DB2C-424C-B029-7FE99A87C641}x"),
        (r"{00000000-1111-4222-8333-444455556666}\a.exe", r"{00000000-1111-4222-8333-444455556666}\a.exe"),
        (
            r"C:\{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\a.exe",
            r"C:\{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\a.exe",
        ),
        ("", ""),
    ],
)
def test_known_folders_are_told_by_name(stored: str, told: str) -> None:
    assert resolve(stored) == told
