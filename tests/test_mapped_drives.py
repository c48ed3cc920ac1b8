"""Shares connected as drives, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from regipy.plugins.ntuser.network_drives import NetworkDrivesPlugin
from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from parsers.windows.mapped_drives import MAPPED_DRIVES, mapped_drives
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "mapped_drives" / "drives-and-typed" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)


def test_lasting_connections_and_shares_typed() -> None:
    found = run(mapped_drives, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    assert found.problems == []
    drive, other, *typed = found.table("windows_mapped_drives")
    assert (drive["drive_letter"], drive["network_path"]) == ("P:", r"\\fileserver\営業部")
    assert (drive["logon_name"], drive["key_written_at"]) == (None, AT)
    assert (other["drive_letter"], other["network_path"]) == ("Z:", r"\\192.0.2.10\backup")
    assert (other["logon_name"], other["key_written_at"]) == (r"CLIENT\管理者", AT - timedelta(days=4))
    assert other["network_provider"] == "Microsoft Windows Network"
    assert [(one["kind"], one["network_path"], one["mru_position"]) for one in typed] == [
        ("typed", r"\\fileserver\営業部", 2),
        ("typed", r"\\192.0.2.10\backup", 1),
    ]


def test_the_time_of_a_key_is_not_told_as_that_of_a_connection() -> None:
    (answer,) = MAPPED_DRIVES.answers
    assert "at" not in dict(answer.columns)


def test_regipy_reads_the_same_drives() -> None:
    plugin = NetworkDrivesPlugin(RegistryHive(str(FIXTURE)), as_json=False)
    plugin.run()
    ours = run(mapped_drives, artefact(FIXTURE)).table("windows_mapped_drives")
    assert [(f"{one['drive_letter'].upper()}:", one["network_path"]) for one in plugin.entries] == [
        (one["drive_letter"], one["network_path"]) for one in ours if one["kind"] == "drive"
    ]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(mapped_drives, FIXTURE.read_bytes(), tmp_path)
