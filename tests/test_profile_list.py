"""User profiles of a SOFTWARE hive, from bytes, and as regipy reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from regipy.plugins.software.profilelist import ProfileListPlugin
from regipy.registry import RegistryHive

from fixtures.builders import machine_users
from fixtures.builders.machine_facts import SID
from fixtures.builders.machine_hives import AT
from fixtures.builders.machine_users import DOMAIN_SID, LOADED, UNLOADED
from parsers.contract import ProblemKind
from parsers.windows.profile_list import profile_list
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_an_account_is_linked_with_its_folder(tmp_path: Path) -> None:
    found = run(profile_list, from_bytes(machine_users.profile_list(), tmp_path, "SOFTWARE"))
    rows = {str(one["account_sid"]): one for one in found.table("windows_profile_list")}
    hanako = rows[f"{SID}-1001"]
    assert (hanako["profile_path"], hanako["profile_name"]) == ("C:\\Users\\花子", "花子")
    assert (hanako["loaded_at"], hanako["unloaded_at"], hanako["central_loaded_at"]) == (
        LOADED,
        UNLOADED,
        None,
    )
    assert (hanako["is_backup"], hanako["key_written_at"]) == (False, AT)
    tanaka = rows[f"{DOMAIN_SID}-1107"]
    assert (tanaka["profile_name"], tanaka["is_backup"], tanaka["profile_state_flags"]) == (
        "tanaka.MIHON",
        True,
        0x8000,
    )
    assert rows["S-1-5-18"]["profile_name"] == "systemprofile"
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "loaded_at")]
    assert (rows["no sid"]["loaded_at"], rows["no sid"]["is_backup"]) == (None, False)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_regipy_reads_the_same_profiles(tmp_path: Path) -> None:
    keys = {
        path: values for path, values in _keys().items() if not path.endswith("no sid")
    }  # regipy raises for a time that is none
    file = tmp_path / "SOFTWARE"
    file.write_bytes(machine_users.hive("SOFTWARE", keys))
    plugin = ProfileListPlugin(RegistryHive(str(file)), as_json=False)
    plugin.run()
    rows = run(profile_list, from_bytes(file.read_bytes(), tmp_path, "SOFTWARE")).table(
        "windows_profile_list"
    )
    assert [one["path"] for one in plugin.entries] == [one["profile_path"] for one in rows]
    assert [one["state"] for one in plugin.entries] == [one["profile_state_flags"] for one in rows]


def _keys() -> dict[str, machine_users.Values]:
    place = rf"{machine_users.NT}\ProfileList"
    return {
        rf"{place}\S-1-5-18": (
            machine_users.expand_sz("ProfileImagePath", "%x%"),
            machine_users.dword("State", 0),
        ),
        rf"{place}\{SID}-1001": (
            machine_users.expand_sz("ProfileImagePath", "C:\\Users\\花子"),
            machine_users.dword("State", 256),
        ),
    }


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(profile_list, machine_users.profile_list(), tmp_path, "SOFTWARE")
