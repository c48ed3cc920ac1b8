"""Amcache.hve of Windows 8 and 10, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from regipy.plugins.amcache.amcache import AmCachePlugin
from regipy.registry import RegistryHive

from fixtures.builders import execution
from fixtures.builders.amcache import PROGRAM_ID, SHA1, amcache_hive
from fixtures.builders.execution import system_hive
from fixtures.builders.keys import AT
from fixtures.builders.regf import Key, Value, dword, sz
from parsers.contract import ProblemKind
from parsers.windows.amcache import amcache
from tests.artefacts import artefact, from_bytes, run
from tests.damaged import cut, flipped

FOLDER = execution.FOLDER / "amcache"
WINDOWS_10 = FOLDER / "windows-10" / "Amcache.hve"
WINDOWS_8 = FOLDER / "windows-8" / "Amcache.hve"


def without_null(row: dict[str, object]) -> dict[str, object]:
    """A row's values but those that stand in every row of the fixture."""
    common = {"key_written_at", "is_replayed"}
    return {name: value for name, value in row.items() if value is not None and name not in common}


def one_file(*values: Value) -> bytes:
    entry = Key(name="a", written_at=AT, values=values)
    return amcache_hive(Key(name="InventoryApplicationFile", written_at=AT, subkeys=(entry,)))


def test_a_file_has_path_digest_and_versions() -> None:
    found = run(amcache, artefact(WINDOWS_10))
    rows = found.table("windows_amcache_file")
    assert without_null(rows[1]) == {
        "inventory": r"Root\InventoryApplicationFile",
        "file_path": r"c:\users\hanako\downloads\転送ツール.exe",
        "stated_sha1": SHA1,
        "file_bytes": 123456,
        "linked_at": datetime(2026, 4, 1, 3, 4, 5, tzinfo=UTC),
        "original_name": "TENSO.EXE",
        "product_name": "転送ツール",
        "file_version": "1.2.3.4",
        "publisher": "kanshiki examples",
        "binary_type": "pe64_amd64",
        "is_os_component": False,
        "program_id": PROGRAM_ID,
    }
    # A size in hex, a date of linking that is 0, and a digest that is none.
    assert without_null(rows[0]) == {
        "inventory": r"Root\InventoryApplicationFile",
        "file_path": r"e:\old.exe",
        "file_bytes": 0x7FAC0,
    }
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "stated_sha1")]
    assert [one[2] for one in found.rows][:3] == ["partial", "ok", "ok"]
    assert {(one["key_written_at"], one["is_replayed"]) for one in rows} == {(AT, False)}


def test_a_program_has_source_and_wall_clock_of_installation() -> None:
    (row,) = run(amcache, artefact(WINDOWS_10)).table("windows_amcache_program")
    assert (row["program_id"], row["application_name"], row["install_source"]) == (
        PROGRAM_ID,
        "転送ツール",
        "AddRemoveProgram",
    )
    assert row["installed_local"] == datetime(2026, 9, 20, 18, 30)  # noqa: DTZ001
    assert row["uninstall_command"] == r"C:\Program Files\Tenso\unins000.exe /S"


def test_a_driver_has_path_digest_and_signature() -> None:
    (row,) = run(amcache, artefact(WINDOWS_10)).table("windows_amcache_driver")
    assert without_null(row) == {
        "inventory": r"Root\InventoryDriverBinary",
        "driver_name": "knskdrv.sys",
        "file_path": "c:/windows/system32/drivers/knskdrv.sys",
        "stated_sha1": SHA1,
        "service_name": "knskdrv",
        "publisher": "kanshiki examples",
        "file_modified_local": datetime(2024, 2, 29, 12, 0),  # noqa: DTZ001
        "linked_at": datetime(2026, 1, 1, tzinfo=UTC),
        "is_signed": True,
        "is_in_box": False,
    }


def test_a_stick_is_told_with_its_serial_number_as_stored() -> None:
    found = run(amcache, artefact(WINDOWS_10))
    rows = {one["enumerator"]: one for one in found.table("windows_amcache_device")}
    assert without_null(rows["usbstor"]) == {
        "inventory": r"Root\InventoryDevicePnp",
        "enumerator": "usbstor",
        "device_class_id": "disk&ven_knsk&prod_memory_stick&rev_1.00",
        "instance_id": "ks20260914000777&0",
        "device_serial": "ks20260914000777",
        "is_serial_generated": False,
        "vendor": "knsk",
        "product": "memory_stick",
        "revision": "1.00",
        "container_id": "{0d5c1f3a-1111-5222-8333-444455556666}",
        "device_model": "KNSK Memory Stick USB Device",
        "manufacturer": "(Standard disk drives)",
        "device_description": "Disk drive",
        "setup_class": "diskdrive",
        "service": "disk",
        "parent_path": r"usb\vid_f00d&pid_0042\ks20260914000777",
    }
    usb = rows["usb"]
    assert (usb["vendor_id"], usb["product_id"], usb["is_serial_generated"]) == ("F00D", "0001", True)
    assert rows["acpi"].get("device_serial") is None
    (container,) = found.table("windows_amcache_container")
    assert (container["container_id"], container["friendly_name"], container["is_this_machine"]) == (
        "{0d5c1f3a-1111-5222-8333-444455556666}",
        "顧客データ",
        False,
    )


def test_windows_8_names_values_by_number_and_keys_by_file_reference() -> None:
    found = run(amcache, artefact(WINDOWS_8))
    assert found.problems == []
    (file,) = found.table("windows_amcache_file")
    assert without_null(file) == {
        "inventory": r"Root\File",
        "file_path": r"C:\Users\hanako\転送ツール.exe",
        "volume_guid": "{ccbe4c57-0000-0000-0000-100000000000}",
        "file_reference": 0xC0DE,
        "sequence": 0x100,
        "stated_sha1": SHA1,
        "file_bytes": 4096,
        "file_created_at": AT - timedelta(days=31),
        "file_modified_at": AT - timedelta(days=30),
        "linked_at": datetime(2026, 1, 1, tzinfo=UTC),
        "product_name": "転送ツール",
        "file_version": "1.2.3.4",
        "publisher": "kanshiki examples",
        "program_id": PROGRAM_ID,
    }
    (program,) = found.table("windows_amcache_program")
    assert (program["application_name"], program["install_source"]) == ("転送ツール", "Msi")


def test_presence_is_not_told_as_a_run() -> None:
    answered = {answer.question.name for table in amcache.tables for answer in table.answers}
    assert answered == {"device"}


@pytest.mark.parametrize(
    ("value", "column"),
    [
        (sz("Size", "many"), "file_bytes"),
        (sz("Size", "9" * 19 + "9"), "file_bytes"),
        (sz("IsOsComponent", "perhaps"), "is_os_component"),
        (sz("LinkDate", "13/45/2026 00:00:00"), "linked_at"),
        (sz("LinkDate", "02/30/2026 00:00:00"), "linked_at"),
        (sz("FileId", "0000xyz"), "stated_sha1"),
        (dword("LowerCaseLongPath", 1), "file_path"),
    ],
)
def test_a_value_that_cannot_be_read_is_null_and_a_problem(value: Value, column: str, tmp_path: Path) -> None:
    found = run(amcache, from_bytes(one_file(value), tmp_path, "Amcache.hve"))
    (row,) = found.table("windows_amcache_file")
    assert row[column] is None
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, column)]


def test_regipy_reads_the_same_files() -> None:
    for file in (WINDOWS_10, WINDOWS_8):
        plugin = AmCachePlugin(RegistryHive(str(file)), as_json=False)
        plugin.run()
        theirs = [
            (one.get("lower_case_long_path") or one.get("full_path"), one["timestamp"])
            for one in plugin.entries
        ]
        rows = run(amcache, artefact(file)).table("windows_amcache_file")
        assert [(one["file_path"], one["key_written_at"]) for one in rows] == theirs


def test_another_hive_passes_in_silence(tmp_path: Path) -> None:
    found = run(amcache, from_bytes(system_hive(), tmp_path, "SYSTEM"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_neither_raises_nor_hides_a_cut(tmp_path: Path) -> None:
    for file in (WINDOWS_10, WINDOWS_8):
        content = file.read_bytes()
        for damaged in flipped(content, 100, spare=4):
            run(amcache, from_bytes(damaged, tmp_path, "Amcache.hve"))
        whole = run(amcache, from_bytes(content, tmp_path, "Amcache.hve")).rows
        for damaged in cut(content, 12):
            found = run(amcache, from_bytes(damaged, tmp_path, "Amcache.hve"))
            assert found.problems or found.rows == whole
