"""Devices beyond USB and USBSTOR, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from fixtures.builders import machine_devices
from fixtures.builders.machine_devices import CONNECTED, DISK_ID, REMOVED
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import sz
from parsers.windows.enum_devices import DEVICES, enum_devices
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def rows(folder: Path) -> list[dict[str, Any]]:
    found = run(enum_devices, from_bytes(machine_devices.enum_devices(), folder, "SYSTEM"))
    assert [one.column for one in found.problems] == ["container_id"] * 2  # a number where text should stand
    return found.table("windows_enum_devices")


def of(found: list[dict[str, Any]], bus: str, number: int = 1) -> list[dict[str, Any]]:
    return [one for one in found if (one["bus_key"], one["control_set"]) == (bus, f"ControlSet00{number}")]


def test_a_disk_behind_uas_has_the_serial_number_of_its_usb_device(tmp_path: Path) -> None:
    disk = next(one for one in of(rows(tmp_path), "SCSI") if one["vendor"] == "KNSK" and one["service"])
    assert (disk["parent_device_serial"], disk["is_parent_serial_generated"]) == (
        "MSFT30KS20260914000888",
        False,
    )
    assert (disk["vendor_id"], disk["product_id"], disk["product"]) == ("F00D", "558C", "Portable_SSD")
    assert (disk.get("device_serial"), disk["disk_id"]) == (None, DISK_ID)  # 000000 is a place, no number
    assert (disk["first_installed_at"], disk["installed_at"]) == (
        AT - timedelta(days=10),
        AT - timedelta(days=9),
    )
    assert (disk["last_connected_at"], disk["last_removed_at"]) == (CONNECTED, REMOVED)
    assert disk["class_guid"] == "{4d36e967-e325-11ce-bfc1-08002be10318}"
    assert disk["is_current_control_set"] is True


def test_volumes_and_portable_devices_are_linked_with_what_they_lie_on(tmp_path: Path) -> None:
    found = rows(tmp_path)
    on_disk, on_stick = of(found, "STORAGE")
    if on_disk.get("disk_id") is None:
        on_disk, on_stick = on_stick, on_disk
    assert (on_disk["disk_id"], on_disk["partition_offset_bytes"]) == (DISK_ID, 1 << 20)
    assert on_disk["parent_device_serial"] == "MSFT30KS20260914000888"
    assert (on_stick["enumerator"], on_stick["device_serial"]) == ("USBSTOR", "KS20260914000777")
    (portable,) = of(found, "SWD\\WPDBUSENUM")
    assert (portable["friendly_name"], portable["parent_device_serial"]) == (
        "顧客データ",
        "MSFT30KS20260914000888",
    )
    assert portable["last_connected_at"] == CONNECTED
    (old,) = of(found, "WPDBUSENUMROOT")
    assert (old["friendly_name"], old["device_serial"]) == ("旧データ", "KS20260914000777")


def test_two_usb_devices_of_one_container_give_no_link(tmp_path: Path) -> None:
    twin = next(one for one in of(rows(tmp_path), "SCSI") if one["product"] == "Twin")
    assert twin.get("parent_device_serial") is None


def test_only_storage_and_portable_devices_answer(tmp_path: Path) -> None:
    found = rows(tmp_path)
    names = [column.name for column in DEVICES.columns]
    windows_enum_devices = pa.Table.from_pylist(
        [{name: one.get(name) for name in names} for one in found], schema=DEVICES.schema()
    )
    with duckdb.connect() as connection:
        connection.register("t", windows_enum_devices)
        told = set()
        for answer in DEVICES.answers:
            own = dict(answer.columns)
            query = f'select bus_key, "{own["device_serial"]}" from t where {answer.where}'  # noqa: S608
            told |= {(answer.question.name, *one) for one in connection.execute(query).fetchall()}
    wanted = {
        ("SCSI", "MSFT30KS20260914000888"),
        ("STORAGE", "MSFT30KS20260914000888"),
        ("SWD\\WPDBUSENUM", "MSFT30KS20260914000888"),
        ("STORAGE", "KS20260914000777"),
        ("WPDBUSENUMROOT", "KS20260914000777"),
        ("SD", "5&19fb0a6c&0&0"),
        ("PCISTOR", None),
    }
    assert told == {(question, *one) for question in ("device", "connected") for one in wanted}
    assert any(one["bus_key"] == "HID" for one in found)


def test_a_hive_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    content = hive("SOFTWARE", {"Microsoft": (sz("x", "y"),)})
    found = run(enum_devices, from_bytes(content, tmp_path, "SOFTWARE"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(enum_devices, machine_devices.enum_devices(), tmp_path, "SYSTEM")
