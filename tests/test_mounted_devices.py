"""Volumes and drive letters of a SYSTEM hive, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fixtures.builders import hives
from fixtures.builders.regf import binary
from parsers.contract import ProblemKind
from parsers.windows.mounted_devices import mounted_devices
from tests.artefacts import artefact, from_bytes, run

FIXTURES = hives.FOLDER / "mounted_devices"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PATH = r"_??_USBSTOR#Disk&Ven_KNSK&Prod_Memory_Stick&Rev_1.00#KS20260914000777&0#{53f56307-b6bf-11d0-94f2-00a0c91efb8b}"


def test_each_kind_of_value_is_told_apart() -> None:
    found = run(mounted_devices, artefact(FIXTURES / "all-kinds" / "SYSTEM"))
    assert found.problems == []
    rows = {one["mount_point"]: one for one in found.table("windows_mounted_devices")}
    common = {"key_written_at": AT, "is_replayed": False}
    assert list(rows.values()) == [
        common
        | {
            "mount_point": r"\DosDevices\C:",
            "drive_letter": "C:",
            "kind": "mbr_disk",
            "disk_signature": "5CBEA03E",
            "partition_offset_bytes": 1 << 20,
        },
        common
        | {
            "mount_point": "#{5aae7822-77cb-11e9-bcf1-784f439fa657}",
            "kind": "mbr_disk",
            "disk_signature": "0000BEEF",
            "partition_offset_bytes": 106862837760,
        },
        common
        | {
            "mount_point": r"\??\Volume{5aae7822-77cb-11e9-bcf1-784f439fa658}",
            "volume_guid": "{5aae7822-77cb-11e9-bcf1-784f439fa658}",
            "kind": "gpt_partition",
            "partition_guid": "{7a1b2c3d-9000-11f1-8001-020000000009}",
        },
        common
        | {
            "mount_point": r"\DosDevices\A:",
            "drive_letter": "A:",
            "kind": "device_path",
            "device_path": r"\??\FDC#GENERIC_FLOPPY_DRIVE#6&2bc13940&0&0#{53f5630d-b6bf-11d0-94f2-00a0c91efb8b}",
            "device_serial": None,
        },
        common
        | {
            "mount_point": r"\DosDevices\Q:",
            "drive_letter": "Q:",
            "kind": "unknown",
            "value_bytes": b"\x01\x02\x03",
        },
        common
        | {
            "mount_point": r"\??\Volume{7a1b2c3d-9000-11f1-8001-020000000002}",
            "volume_guid": "{7a1b2c3d-9000-11f1-8001-020000000002}",
            "kind": "device_path",
            "device_path": PATH,
            "device_serial": "KS20260914000777",
        },
        common
        | {
            "mount_point": r"\DosDevices\E:",
            "drive_letter": "E:",
            "kind": "device_path",
            "device_path": PATH,
            "device_serial": "KS20260914000777",
        },
    ]


def test_a_log_is_replayed_before_the_values_are_read() -> None:
    folder = FIXTURES / "dirty-with-log"
    with_log = run(mounted_devices, artefact(folder / "SYSTEM", LOG1=folder / "SYSTEM.LOG1"))
    assert [
        one["drive_letter"] for one in with_log.table("windows_mounted_devices") if "drive_letter" in one
    ] == ["E:"]
    assert with_log.problems == []
    without = run(mounted_devices, artefact(folder / "SYSTEM"))
    assert without.rows == []
    assert [one.kind for one in without.problems] == [ProblemKind.AMBIGUOUS]


def test_odd_values_are_kept_as_bytes(tmp_path: Path) -> None:
    odd = (
        binary("empty", b""),
        binary("far", b"\1\2\3\4" + b"\xff" * 8),
        binary("half", "\\??\\x#".encode("utf-16-le") + b"\0\xd8"),
        binary("path", "C:\\..\\..\\x".encode("utf-16-le")),
        binary("dmio", b"DMIO:ID:short"),
    )
    content = hives.system_hive(computer_name="PC", written_at=AT, mounted=odd)
    found = run(mounted_devices, from_bytes(content, tmp_path)).table("windows_mounted_devices")
    assert [(one["mount_point"], one["kind"], one["value_bytes"]) for one in found] == [
        (one.name, "unknown", one.content) for one in odd
    ]


def test_a_hive_without_the_key_yields_nothing(tmp_path: Path) -> None:
    found = run(
        mounted_devices, from_bytes(hives.software_hive(written_at=AT, installed_at=AT), tmp_path, "SOFTWARE")
    )
    assert (found.rows, found.problems) == ([], [])
