"""Device installation logs, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders.windows_logs import FOLDER, setupapi_scenarios
from parsers.contract import ProblemKind
from parsers.windows.setupapi import SECTIONS, setupapi
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_setupapi"


def fixture(name: str) -> Yielded:
    one = setupapi_scenarios()[name]
    return run(setupapi, artefact(FOLDER / "setupapi" / name / one.artefact, one.path))


def wall(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[arg-type, misc]


def named(row: dict[str, Any]) -> tuple[object, ...]:
    columns = (
        "enumerator",
        "device_type",
        "vendor",
        "product",
        "vendor_id",
        "device_serial",
        "is_serial_generated",
    )
    return tuple(row.get(one) for one in columns)  # fmt: skip


def test_a_memory_stick_is_told_on_the_bus_as_a_disk_and_as_a_volume() -> None:
    found = fixture("memory-stick")
    assert found.problems == []
    rows = found.table(TABLE)
    serial = "KS20260914000777"
    assert [named(one) for one in rows] == [
        ("USB", None, None, None, "0781", serial, False),
        ("USBSTOR", "Disk", "KNSK", "Memory_Stick", None, serial, False),
        ("USBSTOR", "Disk", "KNSK", "Memory_Stick", None, serial, False),
        ("SCSI", "disk", "knsk", "uas_ssd", None, "6&2f1a9b3c&0&000000", True),
        (None,) * 7,
        (None,) * 7,
    ]
    assert (
        rows[1]["device_instance_id"]
        == r"USBSTOR\Disk&Ven_KNSK&Prod_Memory_Stick&Rev_1.00\KS20260914000777&0"
    )
    assert (rows[1]["started_local"], rows[1]["ended_local"], rows[1]["boot_local"]) == (
        wall(2026, 9, 14, 18, 42, 11, 250000),
        wall(2026, 9, 14, 18, 42, 13, 777000),
        wall(2026, 9, 14, 8, 30, 0, 500000),
    )
    assert [(one["exit_status"], one["error_count"]) for one in rows][2:4] == [
        ("SUCCESS", 0),
        ("FAILURE(0xe0000203)", 1),
    ]
    assert (rows[4]["section_title"], rows[4]["section_subject"]) == (
        "Setup Import Driver Package",
        "C:\\営業部\\表示.inf",
    )
    assert rows[5]["section_subject"] is None


def test_the_encoding_does_not_change_what_is_told() -> None:
    assert fixture("rotated-utf-16").rows == fixture("memory-stick").rows


def test_no_column_pretends_to_know_an_instant() -> None:
    assert not [one.name for one in SECTIONS.columns if one.name.endswith("_at")]
    assert [one.question.name for one in SECTIONS.answers] == ["device"]


def test_a_log_of_windows_xp_names_devices_within_sections() -> None:
    found = fixture("windows-xp")
    assert found.problems == []
    first, second = found.table(TABLE)
    assert named(first)[:4] == ("USBSTOR", "DISK", "KNSK", "MEMORY_STICK")
    assert (first["device_serial"], first["exit_status"]) == ("KS20090302000001", "finished successfully")
    assert (first["started_local"], first["ended_local"]) == (wall(2009, 3, 2, 9, 12, 44), None)
    assert (first["section_title"], second["section_title"]) == ("Driver Install", None)
    assert named(second) == ("USB", None, None, None, "058F", "6&2F1A9B3C&0&1", True)
    assert (second["exit_status"], second["error_count"]) == (None, 1)


def test_sections_without_an_end_and_times_that_are_none_are_told() -> None:
    found = fixture("cut-off")
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial", "partial"]
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "started_local"),
        (ProblemKind.DAMAGED, None),
        (ProblemKind.TRUNCATED, None),
    ]


def test_what_is_no_log_is_unrecognised_and_an_empty_log_is_not(tmp_path: Path) -> None:
    found = run(setupapi, from_bytes(b"hello\nworld\n", tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])
    found = run(setupapi, from_bytes(b"[Device Install Log]\r\n     OS Version = 10.0\r\n", tmp_path))
    assert (found.rows, found.problems) == ([], [])


def test_an_endless_line_does_not_grow(tmp_path: Path) -> None:
    content = b"[BeginLog]\n>>>  [a - " + b"x" * (5 << 20) + b"]\n<<<  [Exit status: SUCCESS]\n"
    found = run(setupapi, from_bytes(content, tmp_path))
    # The overlong line has lost its bracket: it is no title.
    assert (found.rows, [(one.kind, one.locator) for one in found.problems]) == (
        [],
        [(ProblemKind.LIMIT, "line:2")],
    )


def test_many_problems_are_told_within_a_budget(tmp_path: Path) -> None:
    found = run(setupapi, from_bytes(b">>>  [a]\n" * 3000, tmp_path))
    assert len(found.rows) == 3000
    assert len(found.problems) == 1001
    assert found.problems[-1].kind == ProblemKind.LIMIT


@pytest.mark.parametrize(
    "name",
    ["setupapi.dev.log", "SetupAPI.dev.20260914_183000.log", "setupapi.upgrade.log", "setupapi.log", "setupapi.log.0.old"],
)  # fmt: skip
def test_which_logs_are_wanted(name: str) -> None:
    assert select((setupapi,), f"/Windows/INF/{name}", b"[BeginLog]\r\n").chosen


@pytest.mark.parametrize("name", sorted(setupapi_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = setupapi_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=9, count=120)):
        found = run(setupapi, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
