"""Programs the compatibility layer of Windows knows of, from bytes."""

from __future__ import annotations

from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders.user_programs import FLAGS, FOLDER, RCLONE, app_compat_layers_scenarios
from parsers.contract import ProblemKind
from parsers.windows.app_compat_layers import LAYERS, app_compat_layers
from tests.artefacts import Yielded, artefact, run
from tests.hive_damage import survives

TABLE = "windows_app_compat_layers"


def fixture(name: str) -> Yielded:
    one = app_compat_layers_scenarios()[name]
    return run(app_compat_layers, artefact(FOLDER / "app_compat_layers" / name / one.artefact, one.path))


def test_programs_watched_are_told_without_a_time_and_layers_as_settings() -> None:
    found = fixture("windows-10")
    rows = found.table(TABLE)
    assert [(one["kind"], one["program_path"]) for one in rows] == [
        ("store", RCLONE),
        ("store", "setup64.exe"),
        ("layers", r"C:\業務\旧販売管理.exe"),
        ("layers", r"C:\odd.exe"),
    ]
    assert (rows[1]["media_sign"], rows[2]["compat_layers"]) == ("6F60F6C", "~ WINXPSP3 RUNASADMIN")
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "compat_layers")]
    (answer,) = LAYERS.answers
    assert "at" not in dict(answer.columns) and "layers" not in answer.where
    assert not [
        one.name for one in LAYERS.columns if one.name.endswith("_at") and one.name != "key_written_at"
    ]


def test_windows_7_persists_what_the_assistant_watched() -> None:
    (row,) = fixture("windows-7").table(TABLE)
    assert (row["kind"], row["program_path"]) == ("persisted", r"\\fs01.client.example\tools\Setup.exe")
    assert row["profile_name"] == "見本花子"


def test_layers_of_the_machine_have_no_profile() -> None:
    found = fixture("machine")
    assert found.problems == []
    (row,) = found.table(TABLE)
    assert (row["kind"], row["compat_layers"], row["profile_name"]) == ("layers", "~ HIGHDPIAWARE", None)


def test_a_second_reader_sees_the_same_values() -> None:
    hive = RegistryHive(str(FOLDER / "app_compat_layers" / "windows-10" / "NTUSER.DAT"))
    key = hive.get_key(rf"\Software\{FLAGS}\Compatibility Assistant\Store")
    assert [one.name for one in key.iter_values()] == [RCLONE, "SIGN.MEDIA=6f60f6c setup64.exe"]


def test_damage_never_raises_and_a_cut_is_told(tmp_path: Path) -> None:
    survives(app_compat_layers, app_compat_layers_scenarios()["windows-10"].content, tmp_path)
