"""Real SYSTEM, SAM and SECURITY hives: devices, facts of the host, networks and users as expected and as regipy reads them."""

from __future__ import annotations

import json
import lzma
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyregf
import pytest
from regipy.plugins.sam.local_sid import LocalSidPlugin
from regipy.plugins.sam.samparse import SAMParsePlugin
from regipy.plugins.system.network_data import NetworkDataPlugin
from regipy.plugins.system.shutdown import ShutdownPlugin
from regipy.plugins.system.timezone_data import TimezoneDataPlugin
from regipy.registry import RegistryHive

from parsers.contract import Parser, ProblemKind
from parsers.windows.bitlocker_state import bitlocker_state
from parsers.windows.bluetooth_devices import bluetooth_devices
from parsers.windows.defender_exclusions import defender_exclusions
from parsers.windows.device_classes import device_classes
from parsers.windows.emd_mgmt import emd_mgmt
from parsers.windows.enum_devices import enum_devices
from parsers.windows.event_log_settings import event_log_settings
from parsers.windows.firewall_rules import firewall_rules
from parsers.windows.host_facts import host_facts
from parsers.windows.interfaces import interfaces
from parsers.windows.network_list import network_list
from parsers.windows.portable_devices import portable_devices
from parsers.windows.profile_list import profile_list
from parsers.windows.programs import programs
from parsers.windows.sam_users import sam_users
from parsers.windows.shares import shares
from parsers.windows.volume_info_cache import volume_info_cache
from tests.artefacts import Yielded, artefact, run
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

REGIPY = "regipy/regipy_tests/data"
MACHINE = (
    bitlocker_state, bluetooth_devices, defender_exclusions, device_classes, emd_mgmt, enum_devices, event_log_settings, firewall_rules, host_facts, interfaces, network_list,
    portable_devices, profile_list, programs, sam_users, shares, volume_info_cache,
)  # fmt: skip
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


def plugin(kind: Any, hive: RegistryHive) -> Any:
    """What a plug-in of regipy gives for a hive."""
    made = kind(hive, as_json=True)
    made.run()
    return made.entries


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


@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_every_disk_interface_is_a_row(name: str, tmp_path: Path) -> None:
    ours = [
        place.rpartition("\\")[2]
        for _, place, _, one in read(device_classes, name, tmp_path).rows
        if one["interface_class"] == "disk" and one["is_current_control_set"]
    ]
    assert ours == DEVICES[name]["device_classes_disk"]


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


@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_names_and_zones_are_those_expected(name: str, tmp_path: Path) -> None:
    rows = read(host_facts, name, tmp_path).table("windows_host_fact")
    now = {one["fact_name"]: one.get("fact_value") for one in rows if one.get("is_current_control_set")}
    said = DEVICES[name]
    assert (now["computer_name"], now["time_zone"]) == (said["computer_name"], said["timezone"])


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_facts_are_those_regipy_reads(name: str, tmp_path: Path) -> None:
    rows = read(host_facts, name, tmp_path).table("windows_host_fact")
    hive = RegistryHive(str(stored(name, tmp_path)))
    shutdowns = {
        one["key_path"]: str(one["fact_at"])[:19] for one in rows if one["fact_name"] == "last_shutdown"
    }
    assert shutdowns == {path: one["date"] for path, one in plugin(ShutdownPlugin, hive).items()}
    biases = {one["key_path"]: one["fact_value"] for one in rows if one["fact_name"] == "time_zone_bias"}
    assert biases == {
        path: str(value["value"])
        for path, values in plugin(TimezoneDataPlugin, hive).items()
        for value in values
        if value["name"] == "Bias"
    }


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_interfaces_are_those_regipy_reads(name: str, tmp_path: Path) -> None:
    rows = read(interfaces, name, tmp_path).table("windows_interfaces")
    hive = RegistryHive(str(stored(name, tmp_path)))
    theirs = [one for path in plugin(NetworkDataPlugin, hive).values() for one in path["interfaces"]]
    assert [(one["interface_guid"], bool(one["has_dhcp"])) for one in rows] == [
        (one["interface_name"].upper(), one["dhcp_enabled"]) for one in theirs
    ]
    assert [(one["dhcp_address"], one["dhcp_server"]) for one in rows if one["has_dhcp"]] == [
        (one["dhcp_ip_address"], one["dhcp_server"]) for one in theirs if one["dhcp_enabled"]
    ]
    assert [
        str(one["lease_obtained_at"])[:19] for one in rows if one["has_dhcp"] and one["lease_obtained_at"]
    ] == [one["dhcp_lease_obtained_time"] for one in theirs if "dhcp_lease_obtained_time" in one]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", [f"{REGIPY}/SAM.xz", "plaso/test_data/regf/SAM"])
def test_accounts_are_those_regipy_reads(name: str, tmp_path: Path) -> None:
    found = read(sam_users, name, tmp_path)
    assert found.problems == []
    hive = RegistryHive(str(stored(name, tmp_path)))
    columns = {
        "last_logon_at": "last_login",
        "password_set_at": "password_last_set",
        "last_failed_logon_at": "last_failed_login",
        "account_expires_at": "account_expires",
    }
    numbers = {"rid": "rid", "account_flags": "account_flags", "logon_count": "login_count"}
    ours, theirs = found.table("windows_sam_users"), plugin(SAMParsePlugin, hive)
    for one, other in zip(ours, theirs, strict=True):
        assert {key: one[key] for key in numbers} == {key: other[own] for key, own in numbers.items()}
        for key, own in columns.items():  # regipy rounds, we cut: at most one microsecond apart
            said = other[own] and datetime.fromisoformat(other[own])
            assert one[key] == said or abs(one[key] - said) <= timedelta(microseconds=1)
    (machine,) = plugin(LocalSidPlugin, hive)
    assert {one["account_sid"] for one in ours} == {
        f"{machine['machine_sid']}-{one['rid']}" for one in theirs
    }


@pytest.mark.parametrize("name", [f"{REGIPY}/SAM.xz", "plaso/test_data/regf/SAM"])
def test_accounts_have_the_names_their_keys_have(name: str, tmp_path: Path) -> None:
    file = pyregf.file()
    file.open(str(stored(name, tmp_path)))
    # The default value of a key below Names has the account's number for its type.
    names = {
        key.get_value(0).type: key.name
        for key in file.get_key_by_path("\\SAM\\Domains\\Account\\Users\\Names").sub_keys
    }
    ours = read(sam_users, name, tmp_path).table("windows_sam_users")
    assert {one["rid"]: one["account"] for one in ours} == names


@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_every_rule_of_the_firewall_is_read(name: str, tmp_path: Path) -> None:
    found = read(firewall_rules, name, tmp_path)
    assert {one.kind for one in found.problems} <= {ProblemKind.AMBIGUOUS}  # the dirty hive itself
    rows = found.table("windows_firewall_rules")
    assert {one["rule_action"] for one in rows} == {"allow", "block"}
    assert {one["direction"] for one in rows} == {"in", "out"}
    in_use = [one for one in rows if one["rule_origin"] == "machine" and one["is_current_control_set"]]
    assert len(in_use) == {WINDOWS_7: 323, WINDOWS_10: 480}[name]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("name", [WINDOWS_7, WINDOWS_10])
def test_sizes_of_event_logs_are_those_regipy_reads(name: str, tmp_path: Path) -> None:
    rows = read(event_log_settings, name, tmp_path).table("windows_event_log_setting")
    hive = RegistryHive(str(stored(name, tmp_path)))
    second = {
        (path.split("\\")[1], key.name): key.get_value("MaxSize")
        for path in hive.get_control_sets(r"Services\EventLog")
        for key in hive.get_key(path).iter_subkeys()
        if key.get_value("MaxSize") is not None
    }
    assert second
    found = {
        (one["control_set"], one["channel"]): one["most_bytes"]
        for one in rows
        if one.get("most_bytes") is not None
    }
    assert found == second


def test_every_hive_of_the_corpus_ends_without_raising(tmp_path: Path) -> None:
    """Hives of other kinds give nothing to a parser, and none raises."""
    given = {
        "NTUSER": f"{REGIPY}/NTUSER.DAT.xz",
        "AMCACHE": f"{REGIPY}/amcache.hve.xz",
        "BCD": f"{REGIPY}/BCD.xz",
        "TRUNCATED": "yarp/hives_for_tests/TruncatedHive",
    }
    for name in given.values():
        for one in MACHINE:
            found = read(one, name, tmp_path)
            assert not found.rows or one is programs
            assert not found.problems or "Truncated" in name or one is programs
