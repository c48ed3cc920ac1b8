"""Facts of the machine, from bytes, and as regipy reads them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from regipy.plugins.software.winver import WinVersionPlugin
from regipy.registry import RegistryHive

from fixtures.builders import machine_facts
from fixtures.builders.machine_facts import INSTALLED, SHUTDOWN, SID
from fixtures.builders.machine_hives import AT, hive
from fixtures.builders.regf import binary, dword
from parsers.contract import ProblemKind
from parsers.windows.host_facts import host_facts
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(content: bytes, folder: Path, name: str) -> Yielded:
    return run(host_facts, from_bytes(content, folder, name))


def facts(found: Yielded, control_set: str | None = None) -> dict[str, dict[str, Any]]:
    rows = found.table("windows_host_fact")
    return {str(one["fact_name"]): one for one in rows if one.get("control_set") == control_set}


def test_each_control_set_has_its_own_facts(tmp_path: Path) -> None:
    found = read(machine_facts.system_facts(), tmp_path, "SYSTEM")
    now, before = facts(found, "ControlSet001"), facts(found, "ControlSet002")
    assert (now["computer_name"]["fact_value"], before["computer_name"]["fact_value"]) == (
        "EIGYO-PC01",
        "旧名PC",
    )
    assert (
        now["computer_name"]["is_current_control_set"],
        before["computer_name"]["is_current_control_set"],
    ) == (
        True,
        False,
    )
    assert now["computer_name"]["key_path"] == r"\ControlSet001\Control\ComputerName\ComputerName"
    assert now["computer_name"]["key_written_at"] == AT
    assert now["domain"]["fact_value"] == "mihon.example"
    assert now["time_zone"]["fact_value"] == "Tokyo Standard Time"  # what lies behind its NUL is another's
    assert (now["time_zone_bias"]["fact_value"], now["time_zone_bias"]["fact_meaning"]) == (
        "-540",
        "local time is 540 minutes ahead of UTC",
    )
    assert (now["last_shutdown"]["fact_at"], now["last_shutdown"].get("fact_value")) == (SHUTDOWN, None)
    assert now["ntfs_last_access"]["fact_meaning"] == "last access times are not kept, as the system decided"
    assert before["ntfs_last_access"]["fact_meaning"] == "last access times are not kept"
    assert now["prefetch"]["fact_meaning"] == "programs and start of Windows"
    assert now["page_files"]["fact_value"] == "?:\\pagefile.sys, D:\\pagefile.sys 0 0"
    assert now["crash_dump"]["fact_meaning"] == "automatic"
    assert now["remote_desktop"]["fact_meaning"] == "remote desktop is allowed"
    assert now["everyone_includes_anonymous"]["fact_value"] == "1"
    assert now["usb_storage_driver"]["fact_meaning"] == "disabled"


def test_facts_of_the_whole_system_stand_in_no_control_set(tmp_path: Path) -> None:
    found = read(machine_facts.system_facts(), tmp_path, "SYSTEM")
    whole = facts(found)
    assert [
        whole[f"{one}_control_set"]["fact_value"] for one in ("current", "failed", "last_known_good")
    ] == [
        "1",
        "0",
        "2",
    ]
    assert whole["earlier_build"]["fact_value"] == "19045"
    assert whole["earlier_installed"]["fact_at"] == INSTALLED - timedelta(days=700)
    assert whole["earlier_registered_owner"]["fact_person"] == "営業部"
    assert len([one for one in whole if one.startswith("earlier_")]) == 4


def test_a_value_of_another_type_is_null_and_a_problem(tmp_path: Path) -> None:
    found = read(machine_facts.system_facts(), tmp_path, "SYSTEM")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "fact_value")] * 2
    assert facts(found, "ControlSet001")["storage_write_protect"]["fact_value"] is None
    assert {status for _, at, status, _ in found.rows if at.endswith("WriteProtect")} == {"partial"}


def test_the_build_tells_windows_11(tmp_path: Path) -> None:
    found = read(machine_facts.software_facts(), tmp_path, "SOFTWARE")
    assert found.problems == []
    told = facts(found)
    assert told["product_name"]["fact_value"] == "Windows 10 Pro"
    assert told["product_name"]["fact_meaning"] == "Windows 11: build 22631 is later than any of Windows 10"
    assert told["installed"]["fact_at"] == told["installed_precise"]["fact_at"] == INSTALLED
    assert (
        told["registered_owner"]["fact_person"] == told["last_logged_on_name"]["fact_person"] == "架空 花子"
    )
    assert told["last_logged_on_sid"]["fact_value"] == f"{SID}-1001"
    assert "never read" not in str(found.rows)


def test_security_names_machine_and_domain(tmp_path: Path) -> None:
    found = read(machine_facts.security_facts(), tmp_path, "SECURITY")
    told = facts(found)
    assert told["account_domain_name"]["fact_value"] == "EIGYO-PC01"
    assert told["account_domain_sid"]["fact_value"] == SID
    assert told["primary_domain_sid"]["fact_value"] is None  # empty: no domain
    assert told["primary_domain_name"]["fact_value"] is None
    assert [one.locator for one in found.problems] == [r"\Policy\PolPrDmN@"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_regipy_reads_the_same_version(tmp_path: Path) -> None:
    file = tmp_path / "SOFTWARE"
    file.write_bytes(machine_facts.software_facts())
    plugin = WinVersionPlugin(RegistryHive(str(file)), as_json=True)
    plugin.run()
    (theirs,) = plugin.entries.values()
    told = facts(read(file.read_bytes(), tmp_path, "SOFTWARE"))
    names = {"ProductName": "product_name", "CurrentBuild": "build", "EditionID": "edition"}
    assert {key: theirs[key] for key in names} == {key: told[own]["fact_value"] for key, own in names.items()}
    assert theirs["RegisteredOwner"] == told["registered_owner"]["fact_person"]


def test_times_that_are_none_are_told(tmp_path: Path) -> None:
    keys = {
        "Select": (dword("Current", 1),),
        r"ControlSet001\Control\Windows": (binary("ShutdownTime", b"\xff" * 8),),
        r"ControlSet001\Control\TimeZoneInformation": (binary("Bias", b"\1"),),
    }
    found = read(hive("SYSTEM", keys), tmp_path, "SYSTEM")
    assert [one.column for one in found.problems] == ["fact_value", "fact_at"]
    assert facts(found, "ControlSet001")["last_shutdown"]["fact_at"] is None


@pytest.mark.parametrize("name", ["SYSTEM", "SOFTWARE", "SECURITY"])
def test_damage_is_told_and_never_raised(name: str, tmp_path: Path) -> None:
    content = getattr(machine_facts, f"{name.lower()}_facts")()
    survives(host_facts, content, tmp_path, name)
