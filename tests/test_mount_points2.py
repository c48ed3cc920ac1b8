"""Volumes and shares of a user's desktop, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from fixtures.builders.regf import dword, sz
from parsers.contract import ProblemKind
from parsers.windows.mount_points2 import mount_points2
from tests.artefacts import artefact, from_bytes, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "mount_points2" / "volumes-and-shares" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)
PLACE = r"Software\Microsoft\Windows\CurrentVersion\Explorer\MountPoints2"


def test_each_kind_of_mount_point_is_told_apart() -> None:
    found = run(mount_points2, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    assert found.problems == []
    rows = {one["mount_point"]: one for one in found.table("windows_mount_points2")}
    assert len(rows) == 5  # CPC is no mount point
    assert {one["profile_name"] for one in rows.values()} == {"見本花子"}
    assert rows["E"]["drive_letter"] == "E:"
    share = rows["##fileserver#営業部"]
    assert (share["network_path"], share["shown_label"]) == (r"\\fileserver\営業部", "営業部 共有")
    assert share["key_written_at"] == AT - timedelta(days=3)
    assert rows["##192.0.2.10#backup#2026"]["network_path"] == r"\\192.0.2.10\backup\2026"
    volume = rows["{7A1B2C3D-9000-11f1-8001-020000000002}"]
    assert volume["volume_guid"] == "{7a1b2c3d-9000-11f1-8001-020000000002}"
    assert volume["key_written_at"] == AT - timedelta(hours=2)
    assert volume["autorun_command"] == r"E:\起動\setup.exe /s"
    assert "disk_signature" not in volume
    disk = rows["{5cbea03e-0000-0000-0000-501f00000000}"]
    # 501 MiB: where Windows puts the second partition behind a 500 MiB system partition.
    assert (disk["disk_signature"], disk["partition_offset_bytes"]) == ("5CBEA03E", 501 << 20)


def test_names_that_are_none_of_these_keep_only_their_name(tmp_path: Path) -> None:
    names = ("##", "###x", "##?#Volume", "EE", "{5cbea03e}", "{5cbea03e-0000-0000-0000-000000000000}")
    content = user_hives.hive({rf"{PLACE}\{name}": () for name in names})
    rows = run(mount_points2, from_bytes(content, tmp_path)).table("windows_mount_points2")
    told = {"drive_letter", "volume_guid", "network_path", "disk_signature", "partition_offset_bytes"}
    by_name = {one["mount_point"]: {key for key in told if one.get(key)} for one in rows}
    assert by_name.pop("{5cbea03e-0000-0000-0000-000000000000}") == {"volume_guid"}
    assert by_name == {name: set() for name in names[:-1]}


def test_a_label_that_is_no_text_is_a_problem(tmp_path: Path) -> None:
    content = user_hives.hive({rf"{PLACE}\E": (dword("_LabelFromReg", 7),), rf"{PLACE}\F": (sz("a", "b"),)})
    found = run(mount_points2, from_bytes(content, tmp_path))
    assert [(status, one["shown_label"]) for _, _, status, one in found.rows] == [
        ("partial", None),
        ("ok", None),
    ]
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "shown_label")]


def test_the_keys_are_those_regipy_reads() -> None:
    theirs = RegistryHive(str(FIXTURE)).get_key("\\" + PLACE)
    ours = run(mount_points2, artefact(FIXTURE)).table("windows_mount_points2")
    assert {one["mount_point"] for one in ours} == {one.name for one in theirs.iter_subkeys()} - {"CPC"}


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(mount_points2, FIXTURE.read_bytes(), tmp_path)
