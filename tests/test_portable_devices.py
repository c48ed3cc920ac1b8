"""Portable devices of a SOFTWARE hive, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_devices
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import dword
from parsers.contract import ProblemKind
from parsers.windows.portable_devices import portable_devices
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(content: bytes, folder: Path, name: str = "SOFTWARE") -> Yielded:
    return run(portable_devices, from_bytes(content, folder, name))


def test_each_kind_of_device_is_told_by_its_path(tmp_path: Path) -> None:
    found = read(machine_devices.portable_devices(), tmp_path)
    assert found.problems == []
    rows = {str(one["friendly_name"]): one for one in found.table("windows_portable_devices")}
    stick = rows["営業部バックアップ"]
    assert (stick["enumerator"], stick["device_serial"], stick["is_serial_generated"]) == (
        "USBSTOR",
        "KS20260914000777",
        False,
    )
    assert (stick["vendor"], stick["product"], stick["revision"]) == ("KNSK", "MEMORY_STICK", "1.00")
    assert (stick["volume_label"], stick.get("drive_letter")) == ("営業部バックアップ", None)
    assert stick["key_written_at"] == AT
    nameless = rows["E:\\"]
    assert (nameless["drive_letter"], nameless.get("volume_label")) == ("E:", None)
    assert (nameless["device_serial"], nameless["is_serial_generated"]) == ("6&1F2E3D4C", True)
    disk = rows["UASP"]
    assert (disk["disk_id"], disk["partition_offset_bytes"]) == (machine_devices.DISK_ID, 1 << 20)
    assert disk.get("device_serial") is None
    card = rows["DCIM-01"]
    assert (card["enumerator"], card["device_class_id"]) == ("SD", "DISK&GENERIC&SD16G&8.0")
    old = rows["旧データ"]
    assert (old["enumerator"], old["device_serial"], old["volume_label"]) == ("USBSTOR", "AA0001", "旧データ")


def test_a_telephone_has_a_name_and_no_label(tmp_path: Path) -> None:
    rows = read(machine_devices.portable_devices(), tmp_path).table("windows_portable_devices")
    phone = next(one for one in rows if one["friendly_name"] == "花子のスマートフォン")
    assert (phone["enumerator"], phone["vendor_id"], phone["product_id"]) == ("USB", "F00D", "6860")
    assert phone.get("volume_label") is None
    television = next(one for one in rows if one["friendly_name"] == "会議室テレビ")
    assert television.get("device_serial") is None


def test_a_name_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    key = f"{machine_devices.PORTABLE}\\USB#VID_F00D&PID_0001#1"
    found = read(hive("SOFTWARE", {key: (dword("FriendlyName", 1),)}), tmp_path)
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "friendly_name")]
    assert [(status, one["friendly_name"]) for _, _, status, one in found.rows] == [("partial", None)]


def test_a_hive_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    found = read(hive("SYSTEM", {"Select": (dword("Current", 1),)}), tmp_path, "SYSTEM")
    assert (found.rows, found.problems) == ([], [])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(portable_devices, machine_devices.portable_devices(), tmp_path, "SOFTWARE")
