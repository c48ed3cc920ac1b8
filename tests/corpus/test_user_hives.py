"""Real hives of users: what the parsers read is what the expectations and regipy's plugins say."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from regipy.registry import RegistryHive

from parsers.windows.mount_points2 import mount_points2
from parsers.windows.recent_docs import recent_docs
from tests.artefacts import Yielded, run
from tests.corpus import CORPUS, needs_corpus
from tests.corpus.test_registry import HIVES, REGIPY, content, given

pytestmark = [needs_corpus, pytest.mark.corpus]

USERS = [name for name, one in HIVES.items() if "ntuser" in one and "NTUSER" in name]
DIRTY = [name for name in USERS if HIVES[name]["dirty"]]


def read(parser: Any, name: str, folder: Path) -> Yielded:
    found = run(parser, given(name, folder))
    assert {str(one.kind) for one in found.problems} == ({"ambiguous"} if name in DIRTY else set())
    return found


def second_reader(name: str, folder: Path) -> RegistryHive:
    file = folder / "for-regipy"
    file.write_bytes(content(name))
    return RegistryHive(str(file))


def plugin_entries(plugin: Any, name: str, folder: Path) -> list[dict[str, Any]]:
    made = plugin(second_reader(name, folder), as_json=True)
    made.run()
    return list(made.entries)


@pytest.mark.parametrize("name", USERS)
def test_mount_points_are_those_expected(name: str, tmp_path: Path) -> None:
    rows = read(mount_points2, name, tmp_path).table("windows_mount_points2")
    assert [(one["mount_point"], one["key_written_at"]) for one in rows] == [
        (one["key"], datetime.fromisoformat(one["last_written"]))
        for one in HIVES[name]["ntuser"]["mountpoints2"]
        if one["key"] != "CPC"
    ]


def test_a_volume_on_an_mbr_disk_is_the_one_the_system_hive_mounts(tmp_path: Path) -> None:
    devices = json.loads((CORPUS / "expected" / "usb_devices.json").read_text(encoding="utf-8"))[
        "system_hives"
    ]
    mounted = {
        (one["mbr_disk_signature"].upper(), one["partition_offset"])
        for one in devices[f"{REGIPY}/SYSTEM_WIN_10_1709.xz"]["mounted_devices"]
        if "mbr_disk_signature" in one
    }
    rows = read(mount_points2, f"{REGIPY}/transactions_NTUSER.DAT.xz", tmp_path).table(
        "windows_mount_points2"
    )
    told = {(one["disk_signature"], one["partition_offset_bytes"]) for one in rows if "disk_signature" in one}
    assert told == {("DF4546AE", 501 << 20)}
    assert told <= mounted  # the same machine, its drive C:


@pytest.mark.parametrize("name", USERS)
def test_recent_documents_are_as_many_as_expected_in_the_order_stored(name: str, tmp_path: Path) -> None:
    rows = read(recent_docs, name, tmp_path).table("windows_recent_docs")
    # The expected number counts the order itself as a value of the key.
    assert sum(one["extension"] is None for one in rows) == HIVES[name]["ntuser"]["recentdocs_values"] - 1
    ours: dict[Any, list[Any]] = {}
    for one in sorted(rows, key=lambda one: one["mru_position"]):
        assert str(one["link_name"]).endswith(".lnk")
        assert (one["opened_at"] is None) is (one["mru_position"] > 1)
        ours.setdefault(one["extension"], []).append(one["document_name"])
    assert ours == recent_names(second_reader(name, tmp_path))


def recent_names(hive: RegistryHive) -> dict[str | None, list[str]]:
    """Names of RecentDocs in stored order, from the bytes regipy reads."""
    top = hive.get_key(r"\Software\Microsoft\Windows\CurrentVersion\Explorer\RecentDocs")
    found: dict[str | None, list[str]] = {}
    for extension, key in ((None, top), *((one.name, one) for one in top.iter_subkeys() or ())):
        stored = {one.name: one.value for one in key.iter_values(trim_values=False)}
        order = stored.get("MRUListEx", b"")
        numbers = [int.from_bytes(order[at : at + 4], "little") for at in range(0, len(order) - 4, 4)]
        if numbers:
            texts = [stored[str(number)].decode("utf-16-le", "ignore") for number in numbers]
            found[extension] = [one.partition("\0")[0] for one in texts]
    return found
