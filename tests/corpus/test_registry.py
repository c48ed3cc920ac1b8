"""Real hives: every key and value counted, logs replayed to what Windows wrote, USB devices as expected."""

from __future__ import annotations

import json
import lzma
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from parsers.contract import ProblemKind, Status
from parsers.formats.regf import open_hive
from parsers.formats.regf_log import read_log, replay
from parsers.formats.regf_tree import Hive
from parsers.windows.mounted_devices import mounted_devices
from parsers.windows.usbstor import usbstor
from tests.artefacts import FileArtefact, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

YARP = "yarp/hives_for_tests"
REGIPY = "regipy/regipy_tests/data"
SYSTEMS = (f"{REGIPY}/SYSTEM.xz", f"{REGIPY}/SYSTEM_WIN_10_1709.xz")


def expected(name: str) -> Any:
    file = CORPUS / "expected" / name
    return (
        json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {"hives": {}, "system_hives": {}}
    )


HIVES = expected("registry.json")["hives"]
DEVICES = expected("usb_devices.json")["system_hives"]
READABLE = [name for name, one in HIVES.items() if isinstance(one.get("pyregf"), dict)]
WITH_LOGS = [name for name, one in HIVES.items() if "transaction_logs" in one]


def content(name: str) -> bytes:
    stored = (CORPUS / name).read_bytes()
    return lzma.decompress(stored) if name.endswith(".xz") else stored


def given(name: str, folder: Path, *logs: str) -> FileArtefact:
    files = []
    for number, one in enumerate((name, *logs)):
        file = folder / f"{number}-{Path(one).name.removesuffix('.xz')}"
        file.write_bytes(content(one))
        files.append(file)
    return artefact(files[0], **{f"LOG{number}": file for number, file in enumerate(files[1:], 1)})


def counted(hive: Hive) -> tuple[int, int]:
    """Keys, the root included, and values."""
    keys = values = 0
    for key in hive.walk():
        keys += 1
        values += sum(1 for _ in hive.values(key))
    return keys, values


@pytest.mark.parametrize("name", READABLE)
def test_keys_and_values_are_as_many_as_expected(name: str, tmp_path: Path) -> None:
    hive = open_hive(given(name, tmp_path))
    said = HIVES[name]
    assert counted(hive) == (said["pyregf"]["keys"], said["pyregf"]["values"])
    assert hive.is_dirty is said["dirty"]
    kinds = {one.kind for one in hive.problems()}
    assert kinds == {ProblemKind.AMBIGUOUS} if said["dirty"] else kinds <= {ProblemKind.DAMAGED}
    assert bool(kinds) is (said["dirty"] or not said["pyregf_and_dissect_agree"])


@pytest.mark.parametrize("name", WITH_LOGS)
def test_replayed_hives_have_the_keys_and_values_expected(name: str, tmp_path: Path) -> None:
    logs = HIVES[name]["transaction_logs"]
    hive = open_hive(given(name, tmp_path, logs["log1"], logs["log2"]))
    after = logs["after_yarp_recovery"]
    if after is None:
        assert not hive.is_replayed
        assert hive.status() is Status.PARTIAL
        assert {one.kind for one in hive.problems()} == {ProblemKind.DAMAGED, ProblemKind.AMBIGUOUS}
        return
    assert hive.is_replayed
    assert counted(hive) == (after["keys"], after["values"])
    assert max(key.written_at for key in hive.walk() if key.written_at) == datetime.fromisoformat(
        after["newest_key_time"]
    )


def test_a_replayed_hive_is_the_one_windows_10_wrote() -> None:
    folder = f"{YARP}/NewDirtyHive1"
    logs = [read_log(suffix, content(f"{folder}/NewDirtyHive{suffix}")) for suffix in (".LOG1", ".LOG2")]
    ours = replay(content(f"{folder}/NewDirtyHive"), logs).content
    windows = bytearray(content(f"{folder}/RecoveredHive_Windows10"))
    # Windows counted its own write of the recovered hive: both sequence numbers are one higher there.
    differing = [place for place, (one, other) in enumerate(zip(ours, windows, strict=True)) if one != other]
    assert differing == [4, 8]
    assert (windows[4], windows[8]) == (ours[4] + 1, ours[8] + 1)


def test_cut_and_foreign_files_give_problems(tmp_path: Path) -> None:
    cut = open_hive(given(f"{YARP}/TruncatedHive", tmp_path))
    assert [key.name for key in cut.walk()][1:] == ["key_with_many_subkeys"]
    assert {one.kind for one in cut.problems()} == {ProblemKind.TRUNCATED, ProblemKind.DAMAGED}
    foreign = open_hive(given(f"{YARP}/TruncatedHiveBin", tmp_path))
    assert [one.kind for one in foreign.problems()] == [ProblemKind.UNRECOGNISED]


@pytest.mark.parametrize("name", SYSTEMS)
def test_usbstor_agrees_with_every_expected_device(name: str, tmp_path: Path) -> None:
    said = DEVICES[name]
    rows = run(usbstor, given(name, tmp_path)).table("windows_usbstor")
    storage = [one for one in rows if one["bus"] == "USBSTOR"]
    columns = {
        "control_set": "control_set",
        "device_key": "device_class_id",
        "instance_id": "instance_id",
        "serial": "device_serial",
        "serial_is_windows_generated": "is_serial_generated",
        "vendor": "vendor",
        "product": "product",
        "revision": "revision",
        "friendly_name": "friendly_name",
        "container_id": "container_id",
        "parent_id_prefix": "parent_id_prefix",
    }
    times = {
        "instance_key_last_written": "key_written_at",
        "first_install_0064": "installed_at",
        "last_install_or_first_install_date_0065": "first_installed_at",
        "last_arrival_0066": "last_connected_at",
        "last_removal_0067": "last_removed_at",
    }
    assert [{key: one.get(own) for key, own in columns.items()} for one in storage] == [
        {key: one[key] for key in columns} for one in said["usbstor"]
    ]
    assert [{key: one.get(own) for key, own in times.items()} for one in storage] == [
        {key: one[key] and datetime.fromisoformat(one[key]) for key in times} for one in said["usbstor"]
    ]
    assert [one["disk_id"] for one in storage] == [one["disk_guid"] for one in said["regipy_usbstor_plugin"]]
    for control_set in {one["control_set"] for one in rows}:
        on_bus = [one for one in rows if one["bus"] == "USB" and one["control_set"] == control_set]
        assert [
            (one["device_class_id"], one["instance_id"], one["service"], one["port_location"])
            for one in on_bus
        ] == [(one["device"], one["instance_id"], one["service"], one["location"]) for one in said["usb"]]
    current = [one for one in rows if one["bus"] == "USB" and one["is_current_control_set"]]
    assert {one["control_set"] for one in current} == {said["current_control_set"]}
    assert [one["key_written_at"] for one in current] == [
        datetime.fromisoformat(one["key_last_written"]) for one in said["usb"]
    ]


def test_the_two_real_disks_find_their_usb_numbers(tmp_path: Path) -> None:
    found = {}
    for name in SYSTEMS:
        for one in run(usbstor, given(name, tmp_path)).table("windows_usbstor"):
            if one["bus"] == "USBSTOR":
                found[one["device_serial"]] = (one["vendor_id"], one["product_id"])
    assert found == {"AA951D0000007252": ("03F0", "3207"), "200608767007B7C08A6A": ("0781", "5530")}


@pytest.mark.parametrize("name", SYSTEMS)
def test_mounted_devices_agree_value_by_value(name: str, tmp_path: Path) -> None:
    rows = run(mounted_devices, given(name, tmp_path)).table("windows_mounted_devices")
    ours = [
        (
            one["mount_point"],
            (one.get("disk_signature") or "").lower(),
            one.get("partition_offset_bytes"),
            one.get("device_path"),
        )
        for one in rows
    ]
    assert ours == [
        (one["name"], one.get("mbr_disk_signature", ""), one.get("partition_offset"), one.get("text"))
        for one in DEVICES[name]["mounted_devices"]
    ]


def test_every_hive_and_log_of_the_corpus_ends_without_raising(tmp_path: Path) -> None:
    for name in HIVES:
        for parser in (usbstor, mounted_devices):
            found = run(parser, given(name, tmp_path))
            assert not found.rows or name in SYSTEMS
