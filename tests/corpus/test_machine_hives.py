"""Real SYSTEM, SAM and SECURITY hives: devices, facts of the host, networks and users as expected and as regipy reads them."""

from __future__ import annotations

import json
import lzma
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from parsers.contract import Parser
from parsers.windows.enum_devices import enum_devices
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

REGIPY = "regipy/regipy_tests/data"
WINDOWS_7, WINDOWS_10 = f"{REGIPY}/SYSTEM.xz", f"{REGIPY}/SYSTEM_WIN_10_1709.xz"


def expected(name: str) -> Any:
    file = CORPUS / "expected" / name
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"system_hives": {}}


DEVICES = expected("usb_devices.json")["system_hives"]


def stored(name: str, folder: Path) -> Path:
    content = (CORPUS / name).read_bytes()
    file = folder / Path(name).name.removesuffix(".xz")
    file.write_bytes(lzma.decompress(content) if name.endswith(".xz") else content)
    return file


def read(parser: Parser, name: str, folder: Path) -> Yielded:
    return run(parser, artefact(stored(name, folder)))


@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_portable_devices_are_those_expected(name: str, tmp_path: Path) -> None:
    rows = read(enum_devices, name, tmp_path).table("windows_enum_devices")
    ours = [
        (one["instance_id"], one["friendly_name"], one["key_written_at"])
        for one in rows
        if one["bus_key"] in ("SWD\\WPDBUSENUM", "WPDBUSENUMROOT") and one["is_current_control_set"]
    ]
    assert ours == [
        (one["key"], one["friendly_name"], datetime.fromisoformat(one["last_written"]))
        for one in DEVICES[name]["wpdbusenum"]
    ]


@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_every_disk_of_the_disk_class_is_a_row(name: str, tmp_path: Path) -> None:
    rows = read(enum_devices, name, tmp_path).table("windows_enum_devices")
    ours = {
        f"##?#SCSI#{one['device_class_id']}#{one['instance_id']}#"
        for one in rows
        if one["bus_key"] == "SCSI" and one["is_current_control_set"] and one.get("device_type") == "Disk"
    }
    said = {one.rpartition("{")[0] for one in DEVICES[name]["device_classes_disk"] if "#SCSI#" in one}
    assert ours == said


def test_the_two_real_disks_behind_uas_find_their_usb_devices(tmp_path: Path) -> None:
    rows = read(enum_devices, WINDOWS_10, tmp_path).table("windows_enum_devices")
    linked = {
        (one["bus_key"], one.get("product"), one["parent_device_serial"])
        for one in rows
        if one.get("parent_device_serial") and one["bus_key"] != "HID"
    }
    assert linked == {
        ("SCSI", "Silicon-Power", "MSFT30160087320341700000F9"),
        ("SCSI", "Extreme_SSD", "MSFT30313735303835343230333437"),
        ("SCSI", "SES_Device", "MSFT30313735303835343230333437"),
        ("SWD\\WPDBUSENUM", None, "MSFT30160087320341700000F9"),
        ("SWD\\WPDBUSENUM", None, "MSFT30313735303835343230333437"),
        ("SWD\\WPDBUSENUM", None, "200608767007B7C08A6A"),
        ("STORAGE", None, "MSFT30160087320341700000F9"),
        ("STORAGE", None, "MSFT30313735303835343230333437"),
        ("STORAGE", None, "200608767007B7C08A6A"),
    }
