"""Volumes tested for ReadyBoost, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fixtures.builders import machine_devices
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import dword
from parsers.contract import ProblemKind
from parsers.windows.emd_mgmt import emd_mgmt
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_a_device_is_linked_with_each_volume_it_carried(tmp_path: Path) -> None:
    found = run(emd_mgmt, from_bytes(machine_devices.emd_mgmt(), tmp_path, "SOFTWARE"))
    rows = found.table("windows_emd_mgmt")
    linked = {
        (one.get("device_serial"), one.get("volume_serial"), one.get("volume_label"), one["last_tested_at"])
        for one in rows
    }
    tested = AT - timedelta(days=3)
    assert linked == {
        ("KS20260914000777", "DEADBEEF", "顧客_データ", tested),
        ("KS20260914000777", "12345678", "KNSK", None),  # a FILETIME of 0 is no time
        ("6&1f2e3d4c", "FFFFFFFE", None, None),
        (None, "0000000F", "RAMDISK", None),
        ("KS20260914000777", None, "X", None),
        ("KS20260914000777", None, None, None),
    }
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.UNRECOGNISED, "volume_serial"),
        (ProblemKind.DAMAGED, "last_tested_at"),
        (ProblemKind.DAMAGED, "volume_serial"),
    ]


def test_a_hive_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    found = run(emd_mgmt, from_bytes(hive("SYSTEM", {"Select": (dword("Current", 1),)}), tmp_path, "SYSTEM"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(emd_mgmt, machine_devices.emd_mgmt(), tmp_path, "SOFTWARE")
