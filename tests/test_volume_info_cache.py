"""Volumes Windows Search has seen, from bytes."""

from __future__ import annotations

from pathlib import Path

from fixtures.builders import machine_devices
from fixtures.builders.machine_hives import AT
from parsers.windows.volume_info_cache import volume_info_cache
from tests.artefacts import from_bytes, run
from tests.hive_damage import survives


def test_a_letter_has_label_and_kind(tmp_path: Path) -> None:
    found = run(volume_info_cache, from_bytes(machine_devices.volume_info_cache(), tmp_path, "SOFTWARE"))
    rows = found.table("windows_volume_info_cache")
    assert [(one["drive_letter"], one["volume_label"], one["drive_type"]) for one in rows] == [
        ("C:", "", "fixed"),
        ("E:", "営業部バックアップ", "removable"),
        (None, None, "0x9"),
        ("Z:", "共有", "network"),
    ]
    assert {one["key_written_at"] for one in rows} == {AT}
    assert [one.column for one in found.problems] == ["volume_label"]


def test_damage_is_told_and_never_raised(tmp_path: Path) -> None:
    survives(volume_info_cache, machine_devices.volume_info_cache(), tmp_path, "SOFTWARE")
