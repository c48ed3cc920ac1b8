"""Installed programs, from bytes, and as regipy reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from regipy.plugins.software.installed_programs import InstalledProgramsSoftwarePlugin
from regipy.registry import RegistryHive

from fixtures.builders import machine_settings
from fixtures.builders.hives import FOLDER
from fixtures.builders.machine_hives import AT
from parsers.contract import ProblemKind
from parsers.windows.programs import programs
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives


def test_programs_of_both_views(tmp_path: Path) -> None:
    found = run(programs, from_bytes(machine_settings.programs(), tmp_path, "SOFTWARE"))
    rows = {str(one["program_name"]): one for one in found.table("windows_programs")}
    assert len(rows) == 4
    ledger = rows["架空会計 2026"]
    assert (ledger["program_version"], ledger["publisher"], ledger["install_date"]) == (
        "12.0.1",
        "株式会社 見本ソフト",
        "20260401",
    )
    assert (ledger["install_path"], ledger["estimated_bytes"]) == ("C:\\Program Files\\架空会計\\", 2 << 20)
    assert (ledger["registry_view"], ledger["key_written_at"], ledger["profile_name"]) == ("native", AT, None)
    assert (rows["Cloud Drive"]["registry_view"], rows["Cloud Drive"]["is_system_component"]) == (
        "wow64",
        True,
    )
    assert (rows["Odd"]["install_date"], rows["Odd"]["estimated_bytes"]) == ("20260402", None)
    assert rows["None"]["program_key"] == "AddressBook"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "estimated_bytes")]


def test_a_user_has_programs_of_his_own() -> None:
    found = run(programs, artefact(FOLDER / "programs/one-user/NTUSER.DAT", "/Users/hanako/NTUSER.DAT"))
    (row,) = found.table("windows_programs")
    assert (row["profile_name"], row["program_name"], row["install_date"]) == (
        "hanako",
        "ファイル転送",
        "2026/09/20",
    )


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_regipy_reads_the_same_programs(tmp_path: Path) -> None:
    file = tmp_path / "SOFTWARE"
    file.write_bytes(machine_settings.programs())
    plugin = InstalledProgramsSoftwarePlugin(RegistryHive(str(file)), as_json=True)
    plugin.run()
    rows = run(programs, from_bytes(file.read_bytes(), tmp_path, "SOFTWARE")).table("windows_programs")
    assert {one["service_name"] for one in plugin.entries} == {one["program_key"] for one in rows}


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(programs, machine_settings.programs(), tmp_path, "SOFTWARE")
