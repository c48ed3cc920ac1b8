"""How event logs are kept, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_settings
from fixtures.builders.machine_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.event_log_settings import event_log_settings
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives

TABLE = "windows_event_log_setting"


def test_classic_logs_tell_size_and_what_happens_when_full(tmp_path: Path) -> None:
    found = run(event_log_settings, from_bytes(machine_settings.event_logs_of_services(), tmp_path, "SYSTEM"))
    rows = {str(one["channel"]): one for one in found.table(TABLE)}
    assert {name: (one["most_bytes"], one["when_full"]) for name, one in rows.items()} == {
        "Application": (20971520, "overwrite"),
        "Security": (1081344, "stop"),
        "System": (524288, "keep 7 days"),
    }
    application = rows["Application"]
    assert application["log_path"] == r"%SystemRoot%\system32\winevt\Logs\Application.evtx"
    assert (application["setting_origin"], application["control_set"], application["is_enabled"]) == (
        "service",
        "ControlSet001",
        None,
    )
    assert application["key_written_at"] == AT
    # A size that is no number is told and makes no row of nothing.
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "most_bytes")]


def test_channels_and_policies(tmp_path: Path) -> None:
    found = run(
        event_log_settings, from_bytes(machine_settings.event_logs_of_channels(), tmp_path, "SOFTWARE")
    )
    assert found.problems == []
    assert [
        tuple(
            one.get(name)
            for name in ("channel", "setting_origin", "is_enabled", "most_bytes", "when_full", "channel_kind")
        )
        for one in found.table(TABLE)
    ] == [
        ("Microsoft-Windows-Partition/Diagnostic", "channel", False, 1052672, None, "operational"),
        ("Microsoft-Windows-Sysmon/Operational", "channel", True, 8589934592, "archive", "7"),
        ("Security", "policy", None, 201326592, "overwrite", None),
    ]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(event_log_settings, machine_settings.event_logs_of_services(), tmp_path, "SYSTEM")
    survives(event_log_settings, machine_settings.event_logs_of_channels(), tmp_path, "SOFTWARE")
