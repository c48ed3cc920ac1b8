"""Exclusions of Microsoft Defender, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_settings
from parsers.contract import ProblemKind
from parsers.windows.defender_exclusions import defender_exclusions
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_exclusions_and_switches_by_origin(tmp_path: Path) -> None:
    found = run(defender_exclusions, from_bytes(machine_settings.defender_exclusions(), tmp_path, "SOFTWARE"))
    assert [
        (one["setting_origin"], one["setting_kind"], one["setting_name"], one.get("is_turned_off"))
        for one in found.table("windows_defender_exclusions")
    ] == [
        ("machine", "paths", "C:\\Users\\花子\\Downloads", None),
        ("machine", "paths", "E:\\", None),
        ("machine", "extensions", ".zip", None),
        ("machine", "processes", "send.exe", None),
        ("machine", "turned_off", "DisableRealtimeMonitoring", True),
        ("machine", "turned_off", "DisableBehaviorMonitoring", None),
        ("policy", "paths", "D:\\共有", None),
        ("policy", "turned_off", "DisableAntiSpyware", False),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok"] * 5 + ["partial"] + ["ok"] * 2
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "is_turned_off")]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(defender_exclusions, machine_settings.defender_exclusions(), tmp_path, "SOFTWARE")
