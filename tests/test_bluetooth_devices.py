"""Bluetooth devices of a SYSTEM hive, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_devices
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import binary, dword
from parsers.contract import ProblemKind
from parsers.windows.bluetooth_devices import bluetooth_devices
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(content: bytes, folder: Path, name: str = "SYSTEM") -> Yielded:
    return run(bluetooth_devices, from_bytes(content, folder, name))


def test_a_paired_telephone_is_told_with_its_last_connection(tmp_path: Path) -> None:
    phone, *_ = read(machine_devices.bluetooth_devices(), tmp_path).table("windows_bluetooth_device")
    assert (phone["device_address"], phone["device_name"], phone["friendly_name"]) == (
        "0200000000AA",
        "花子のスマートフォン",
        "私用",
    )
    assert (phone["device_kind"], phone["can_transfer_objects"], phone["is_paired"]) == ("phone", True, True)
    assert (phone["vendor_id"], phone["product_id"], phone["radio_addresses"]) == (
        "F00D",
        "001A",
        ["020000000001"],
    )
    assert (phone["last_seen_at"], phone["last_connected_at"]) == (AT, machine_devices.CONNECTED)
    assert phone["is_current_control_set"] is False


def test_what_was_only_seen_is_not_paired(tmp_path: Path) -> None:
    found = read(machine_devices.bluetooth_devices(), tmp_path)
    headset = found.table("windows_bluetooth_device")[1]
    assert (headset["device_kind"], headset["can_transfer_objects"]) == ("audio_video", False)
    assert (headset["is_paired"], headset["radio_addresses"]) == (False, [])
    assert (headset["device_name"], headset.get("last_seen_at")) == ("KNSK \\xff", None)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "device_name"),
        (ProblemKind.DAMAGED, "last_seen_at"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial", "ok"]


def test_a_key_of_pairing_alone_shows_a_device(tmp_path: Path) -> None:
    known = read(machine_devices.bluetooth_devices(), tmp_path).table("windows_bluetooth_device")[2]
    assert (known["device_address"], known["is_paired"], known.get("key_written_at")) == (
        "0200000000CC",
        True,
        None,
    )


def test_no_key_of_pairing_is_ever_told(tmp_path: Path) -> None:
    secret = bytes(range(0xA0, 0xB0))
    key = f"{machine_devices.BLUETOOTH}\\Keys\\{machine_devices.RADIO}"
    found = read(hive("SYSTEM", {key: (binary("0200000000aa", secret),)}), tmp_path)
    assert len(found.rows) == 1
    assert secret.hex() not in str(found.rows).casefold()
    assert str(secret) not in str(found.rows)


def test_without_the_keys_pairing_is_not_known(tmp_path: Path) -> None:
    key = f"{machine_devices.BLUETOOTH}\\Devices\\0200000000aa"
    found = read(hive("SYSTEM", {key: (dword("COD", 0x1F00),)}), tmp_path)
    (row,) = found.table("windows_bluetooth_device")
    assert (row.get("is_paired"), row["device_kind"], row.get("is_current_control_set")) == (None, "31", None)


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(bluetooth_devices, machine_devices.bluetooth_devices(), tmp_path, "SYSTEM")
