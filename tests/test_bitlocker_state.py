"""Settings of BitLocker and removable storage, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders import machine_settings
from fixtures.builders.machine_hives import AT
from parsers.windows.bitlocker_state import bitlocker_state
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_system_tells_what_is_enforced(tmp_path: Path) -> None:
    found = run(bitlocker_state, from_bytes(machine_settings.bitlocker_system(), tmp_path, "SYSTEM"))
    policy, status = found.table("windows_bitlocker_state")
    assert (policy["setting_area"], policy["value_name"], policy["setting_number"]) == (
        "bitlocker",
        "RDVDenyWriteAccess",
        1,
    )
    assert policy["setting_meaning"] == "removable disks that are not encrypted cannot be written"
    assert (policy["control_set"], policy["key_written_at"]) == ("ControlSet001", AT)
    assert (status["setting_area"], status["setting_number"]) == ("bitlocker_status", 1)


def test_software_tells_groups_of_devices(tmp_path: Path) -> None:
    found = run(bitlocker_state, from_bytes(machine_settings.bitlocker_software(), tmp_path, "SOFTWARE"))
    assert found.problems == []
    told = {
        (one["device_group"], one["value_name"], one.get("setting_number"), one.get("setting_text"))
        for one in found.table("windows_bitlocker_state")
    }
    assert told == {
        (None, "RDVConfigureBDE", 1, None),
        (None, "IdentificationFieldString", None, "見本商事"),
        ("removable disks", "Deny_Write", 1, None),
        ("removable disks", "Deny_Read", 0, None),
        ("Custom", "Deny_Execute", 1, None),
    }


@pytest.mark.parametrize("name", ["SYSTEM", "SOFTWARE"])
def test_damage_is_told_and_never_raised(name: str, tmp_path: Path) -> None:
    survives(bitlocker_state, getattr(machine_settings, f"bitlocker_{name.lower()}")(), tmp_path, name)
