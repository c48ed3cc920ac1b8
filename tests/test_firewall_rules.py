"""Rules of the Windows firewall, from bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fixtures.builders import machine_settings
from parsers.contract import ProblemKind
from parsers.windows.firewall_rules import firewall_rules
from tests.artefacts import Yielded, from_bytes, run
from tests.hive_damage import survives


def read(folder: Path) -> Yielded:
    return run(firewall_rules, from_bytes(machine_settings.firewall_rules(), folder, "SYSTEM"))


def rules(found: Yielded) -> dict[str, dict[str, Any]]:
    return {str(one["rule_key"]): one for one in found.table("windows_firewall_rules")}


def test_a_rule_is_told_by_its_parts(tmp_path: Path) -> None:
    found = rules(read(tmp_path))
    one = found["{1}"]
    assert (one["rule_action"], one["is_active"], one["direction"], one["protocol_number"]) == (
        "allow",
        True,
        "in",
        6,
    )
    assert (one["program_path"], one["rule_name"], one["rule_description"]) == (
        "C:\\転送\\send.exe",
        "ファイル転送",
        "a=b",
    )
    assert (one["local_ports"], one["remote_ports"]) == (["445", "5000-5020"], [])
    assert one["remote_addresses"] == ["192.0.2.0/24", "LocalSubnet"]
    assert one["firewall_profiles"] == ["Domain", "Private"]
    assert (found["{2}"]["is_active"], found["{2}"]["remote_ports"]) == (False, ["53", "5353"])


def test_names_of_parts_are_told_in_any_case(tmp_path: Path) -> None:
    found = rules(read(tmp_path))
    service = found["AxInstSV-1"]
    assert (service["rule_origin"], service["program_path"], service["local_ports"]) == (
        "service",
        "%windir%\\System32\\svchost.exe",
        ["546"],
    )
    assert (service["is_active"], service["protocol_number"]) == (None, 6)
    app = found["{5}"]
    assert (app["rule_origin"], app["owner_sid"], app["remote_addresses"]) == (
        "app",
        "S-1-5-21-1-2-3-1001",
        ["IntErnet"],
    )


def test_what_is_no_rule_is_told(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert [(one.kind, one.column) for one in found.problems] == [
        (ProblemKind.UNRECOGNISED, "rule_action"),
        (ProblemKind.DAMAGED, "rule_text"),
    ]
    assert rules(found)["{3}"]["rule_text"] == "no rule"


def test_a_rule_may_come_by_policy(tmp_path: Path) -> None:
    found = run(firewall_rules, from_bytes(machine_settings.firewall_policy(), tmp_path, "SOFTWARE"))
    (one,) = found.table("windows_firewall_rules")
    assert (one["rule_origin"], one["rule_action"], one.get("control_set")) == ("policy", "block", None)


def test_a_rule_of_very_many_parts_is_bounded(tmp_path: Path) -> None:
    rule = machine_settings.sz("{9}", "v2.30|Action=Allow" + "|LPort=1" * 5000)
    key = rf"ControlSet001\{machine_settings.FIREWALL}\FirewallRules"
    content = machine_settings.hive("SYSTEM", {key: (rule,)})
    found = run(firewall_rules, from_bytes(content, tmp_path, "SYSTEM"))
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(firewall_rules, machine_settings.firewall_rules(), tmp_path, "SYSTEM")
