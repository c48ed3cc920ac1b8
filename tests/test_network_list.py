"""Networks of a SOFTWARE hive, from bytes, and as regipy reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from regipy.plugins.software.networklist import NetworkListPlugin
from regipy.registry import RegistryHive

from fixtures.builders import machine_facts
from fixtures.builders.machine_facts import CAFE, FIRST, LAST, OFFICE, VPN
from fixtures.builders.machine_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.network_list import network_list
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(folder: Path) -> Yielded:
    return run(network_list, from_bytes(machine_facts.network_list(), folder, "SOFTWARE"))


def test_a_profile_is_joined_with_its_signatures(tmp_path: Path) -> None:
    office = [one for one in read(tmp_path).table("windows_network_list") if one["network_guid"] == OFFICE]
    assert [(one["first_network_name"], one["gateway_mac"]) for one in office] == [
        ("mihon.example", "02:00:00:00:00:01"),
        ("ネットワーク 2", None),
    ]
    for one in office:
        assert (one["network_name"], one["network_kind"], one["network_category"], one["is_managed"]) == (
            "mihon.example",
            "wired",
            "domain",
            True,
        )
        assert (one["first_connected_local"], one["last_connected_local"]) == (FIRST, LAST)
        assert (one.get("ssid"), one["key_written_at"], one["signature_written_at"]) == (None, AT, AT)


def test_a_renamed_wireless_network_keeps_its_ssid(tmp_path: Path) -> None:
    (cafe,) = [one for one in read(tmp_path).table("windows_network_list") if one["network_guid"] == CAFE]
    assert (cafe["network_name"], cafe["ssid"]) == ("駅前の喫茶店", "CAFE-Free-WiFi")
    assert (cafe["network_kind"], cafe["network_category"], cafe["is_managed"]) == (
        "wireless",
        "public",
        None,
    )


def test_times_that_are_none_and_signatures_without_profile(tmp_path: Path) -> None:
    found = read(tmp_path)
    rows = found.table("windows_network_list")
    (tunnel,) = [one for one in rows if one["network_guid"] == VPN]
    assert (tunnel["first_connected_local"], tunnel["last_connected_local"]) == (None, None)
    assert (tunnel["network_kind"], tunnel["network_category"]) == ("vpn", "7")
    assert tunnel.get("signature_key") is None
    assert rows[-1].get("network_name") is None
    assert (rows[-1]["first_network_name"], rows[-1]["gateway_mac"]) == ("消えた網", None)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "last_connected_local"),
        (ProblemKind.DAMAGED, "gateway_mac"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "ok", "ok", "partial", "partial"]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_regipy_reads_the_same_profiles(tmp_path: Path) -> None:
    rows = read(tmp_path).table("windows_network_list")
    plugin = NetworkListPlugin(RegistryHive(str(tmp_path / "SOFTWARE")), as_json=True)
    plugin.run()
    theirs = {one["profile_guid"]: one for one in plugin.entries if one["type"] == "profile"}
    ours = {one["network_guid"]: one for one in rows if one.get("network_name")}
    assert {guid: one["profile_name"] for guid, one in theirs.items()} == {
        guid: one["network_name"] for guid, one in ours.items()
    }
    assert (theirs[CAFE]["category"], theirs[CAFE]["name_type"]) == ("Public", "Wireless")
    assert sorted(one["first_network"] for one in plugin.entries if one["type"] == "signature") == sorted(
        str(one["first_network_name"]) for one in rows if one.get("first_network_name")
    )


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(network_list, machine_facts.network_list(), tmp_path, "SOFTWARE")
