"""Network interfaces of a SYSTEM hive, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fixtures.builders import machine_facts
from fixtures.builders.machine_facts import OBTAINED
from fixtures.builders.machine_hives import hive
from fixtures.builders.regf import dword
from parsers.contract import ProblemKind
from parsers.windows.interfaces import interfaces
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_leases_and_addresses_by_hand_are_told_apart(tmp_path: Path) -> None:
    found = run(interfaces, from_bytes(machine_facts.interfaces(), tmp_path, "SYSTEM"))
    wifi, met, wired, alone = found.table("windows_interfaces")
    start = OBTAINED.replace(microsecond=0)
    assert (wifi["connection_name"], wifi["network_hint"], wifi["has_dhcp"]) == ("Wi-Fi", None, True)
    assert (wifi["dhcp_address"], wifi["dhcp_server"], wifi["dhcp_domain"], wifi["dhcp_gateways"]) == (
        "192.0.2.77",
        "192.0.2.1",
        "mihon.example",
        ["192.0.2.1"],
    )
    assert (wifi["gateway_address"], wifi["gateway_mac"]) == ("192.0.2.1", "02:00:00:00:00:01")
    assert (wifi["lease_obtained_at"], wifi["lease_ends_at"], wifi["lease_seconds"]) == (
        start,
        start + timedelta(days=1),
        86400,
    )
    assert (met["network_hint"], met["interface_guid"], met["dhcp_address"]) == (
        "会議室WiFi",
        wifi["interface_guid"],
        "198.51.100.9",
    )
    assert (wired["connection_name"], wired["has_dhcp"]) == ("イーサネット", False)
    assert (wired["static_addresses"], wired["static_gateways"], wired["static_name_servers"]) == (
        ["203.0.113.5", "203.0.113.6"],
        ["203.0.113.1"],
        "203.0.113.53",
    )
    assert (wired["lease_obtained_at"], alone["dhcp_server"]) == (None, "255.255.255.255")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.UNRECOGNISED, "gateway_mac")]


def test_a_hive_without_interfaces_yields_nothing(tmp_path: Path) -> None:
    content = hive("SYSTEM", {"Select": (dword("Current", 1),), r"ControlSet001\Services": ()})
    found = run(interfaces, from_bytes(content, tmp_path, "SYSTEM"))
    assert (found.rows, found.problems) == ([], [])


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(interfaces, machine_facts.interfaces(), tmp_path, "SYSTEM")
