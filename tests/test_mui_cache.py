"""Programs whose names Explorer looked up, from bytes."""

from __future__ import annotations

from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders.user_programs import FOLDER, RCLONE, SHELL, mui_cache_scenarios
from parsers.contract import ProblemKind
from parsers.windows.mui_cache import MUI_CACHE, mui_cache
from tests.artefacts import Yielded, artefact, run
from tests.hive_damage import survives


def fixture(name: str) -> Yielded:
    one = mui_cache_scenarios()[name]
    return run(mui_cache, artefact(FOLDER / "mui_cache" / name / one.artefact, one.path))


def test_name_and_maker_of_a_program_are_one_row() -> None:
    found = fixture("windows-10")
    rows = found.table("windows_mui_cache")
    assert [(one["program_path"], one.get("program_name"), one.get("publisher")) for one in rows] == [
        (RCLONE, "Rclone", "見本商会"),
        (r"C:\Windows\Explorer.exe", "エクスプローラー", None),
        (r"C:\bad.exe", None, None),
    ]
    assert {one["profile_name"] for one in rows} == {"見本花子"}
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "program_name")]
    assert MUI_CACHE.answers == ()  # a name looked up is no run


def test_windows_xp_names_the_path_alone() -> None:
    found = fixture("windows-xp")
    assert found.problems == []
    (row,) = found.table("windows_mui_cache")
    assert (row["program_path"], row["program_name"]) == (r"F:\持出し\copy.exe", "Copy")


def test_a_second_reader_sees_the_same_values() -> None:
    hive = RegistryHive(str(FOLDER / "mui_cache" / "windows-10" / "UsrClass.dat"))
    names = [one.name for one in hive.get_key("\\" + SHELL).iter_values()]
    assert f"{RCLONE}.FriendlyAppName" in names and len(names) == 6


def test_damage_never_raises_and_a_cut_is_told(tmp_path: Path) -> None:
    survives(mui_cache, mui_cache_scenarios()["windows-10"].content, tmp_path, "UsrClass.dat")
