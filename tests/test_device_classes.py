"""Interfaces of devices of a SYSTEM hive, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_devices
from fixtures.builders.machine_hives import AT, hive
from parsers.contract import ProblemKind
from parsers.windows.device_classes import device_classes
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(content: bytes, folder: Path, name: str = "SYSTEM") -> Yielded:
    return run(device_classes, from_bytes(content, folder, name))


def test_a_stick_is_told_by_its_interfaces_alone(tmp_path: Path) -> None:
    rows = read(machine_devices.device_classes(), tmp_path).table("windows_device_classes")
    stick = [one for one in rows if one.get("device_serial") == "KS20260914000777"]
    assert [(one["interface_class"], one["enumerator"]) for one in stick] == [
        ("disk", "USBSTOR"),
        ("volume", "USBSTOR"),
    ]
    assert (stick[0]["vendor"], stick[0]["product"], stick[0]["revision"]) == ("KNSK", "Memory_Stick", "1.00")
    assert stick[0]["device_path"] == r"USBSTOR\Disk&Ven_KNSK&Prod_Memory_Stick&Rev_1.00\KS20260914000777&0"
    assert (stick[0]["key_written_at"], stick[0]["is_current_control_set"]) == (AT, True)


def test_a_place_on_the_bus_is_no_serial_number(tmp_path: Path) -> None:
    rows = read(machine_devices.device_classes(), tmp_path).table("windows_device_classes")
    (disk,) = (one for one in rows if one.get("enumerator") == "SCSI")
    assert (disk["product"], disk["instance_id"], disk.get("device_serial")) == ("SSD", "000000", None)


def test_a_volume_names_its_disk_and_place(tmp_path: Path) -> None:
    rows = read(machine_devices.device_classes(), tmp_path).table("windows_device_classes")
    (volume,) = (one for one in rows if one.get("disk_id"))
    assert (volume["disk_id"], volume["partition_offset_bytes"]) == (machine_devices.DISK_ID, 1 << 20)


def test_the_stored_path_stands_in_for_a_name_of_another_form(tmp_path: Path) -> None:
    found = read(machine_devices.device_classes(), tmp_path)
    rows = found.table("windows_device_classes")
    assert [one["product"] for one in rows if one.get("device_serial") == "AA0001"] == ["旧型"]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "device_path")]


def test_interfaces_of_other_kinds_are_left_out(tmp_path: Path) -> None:
    rows = read(machine_devices.device_classes(), tmp_path).table("windows_device_classes")
    assert len(rows) == 7
    assert not [one for one in rows if "HDAUDIO" in str(one)]


def test_another_hive_holds_none(tmp_path: Path) -> None:
    assert read(hive("SYSTEM", {"Select": ()}), tmp_path).rows == []


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(device_classes, machine_devices.device_classes(), tmp_path, "SYSTEM")
