"""Real hives of users: what the parsers read is what the expectations and regipy's plugins say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from regipy.exceptions import RegistryKeyNotFoundException
from regipy.plugins.ntuser.network_drives import NetworkDrivesPlugin
from regipy.plugins.ntuser.user_assist import UserAssistPlugin
from regipy.registry import RegistryHive

from parsers.windows.explorer_mru import explorer_mru
from parsers.windows.feature_usage import feature_usage
from parsers.windows.mapped_drives import mapped_drives
from parsers.windows.mount_points2 import mount_points2
from parsers.windows.office_mru import office_mru
from parsers.windows.recent_apps import recent_apps
from parsers.windows.recent_docs import recent_docs
from parsers.windows.run_keys import run_keys
from parsers.windows.terminal_server_client import terminal_server_client
from parsers.windows.trust_records import trust_records
from parsers.windows.typed_urls import typed_urls
from parsers.windows.user_assist import user_assist
from tests.artefacts import Yielded, run
from tests.corpus import CORPUS, needs_corpus
from tests.corpus.test_registry import HIVES, REGIPY, content, given

pytestmark = [needs_corpus, pytest.mark.corpus]

USERS = [name for name, one in HIVES.items() if "ntuser" in one and "NTUSER" in name]
# Entries of File MRU and Place MRU, counted by hand.
OFFICE = {
    f"{REGIPY}/NTUSER.DAT.xz": 6,
    f"{REGIPY}/NTUSER_BAGMRU.DAT.xz": 37,
    "plaso/test_data/NTUSER-WIN7.DAT": 7,
}
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


@pytest.mark.parametrize("name", USERS)
def test_user_assist_has_the_entries_expected_and_regipys_numbers(name: str, tmp_path: Path) -> None:
    rows = read(user_assist, name, tmp_path).table("windows_user_assist")
    counted = Counter(str(one["group_guid"]).upper() for one in rows)
    # The expected numbers count UEME_CTLSESSION, which holds sums and is left out.
    session = Counter(group_sessions(second_reader(name, tmp_path)))
    assert counted + session == Counter(
        {guid: count for guid, count in HIVES[name]["ntuser"]["userassist_guids"].items() if count}
    )
    theirs = {
        (
            one["session_id"],
            one["run_counter"],
            one.get("focus_count"),
            one.get("total_focus_time_ms"),
            None
            if one["timestamp"].startswith("1601")
            else milliseconds(datetime.fromisoformat(one["timestamp"])),
        )
        for one in plugin_entries(UserAssistPlugin, name, tmp_path)
    }
    ours = {
        (
            one["session_number"],
            one["stored_count"] - (0 if "focus_ms" in one else 5),
            one.get("focus_count"),
            one.get("focus_ms"),
            one["last_run_at"] and milliseconds(one["last_run_at"]),
        )
        for one in rows
    }
    assert ours == theirs


def milliseconds(at: datetime) -> datetime:
    """An instant cut to milliseconds: regipy rounds where it should cut."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


@pytest.mark.parametrize("name", USERS)
def test_each_real_profile_was_filled_with_entries_of_one_time(name: str, tmp_path: Path) -> None:
    rows = read(user_assist, name, tmp_path).table("windows_user_assist")
    seeds = [one for one in rows if one["is_time_shared"]]
    assert len({one["last_run_at"] for one in seeds}) == 1
    assert len(seeds) >= 5
    # Nobody can have started a program before the profile was there.
    assert all(one["last_run_at"] > seeds[0]["last_run_at"] for one in rows if one["is_time_shared"] is False)


def group_sessions(hive: RegistryHive) -> list[str]:
    """Groups of UserAssist that hold the sums of a session, as regipy lists them."""
    top = hive.get_key(r"\Software\Microsoft\Windows\CurrentVersion\Explorer\UserAssist")
    return [
        group.name.upper()
        for group in top.iter_subkeys()
        for value in group.get_subkey("Count").iter_values(trim_values=False)
        if value.name == "HRZR_PGYFRFFVBA"
    ]


@pytest.mark.parametrize("name", USERS)
def test_the_head_of_a_list_of_office_is_as_old_as_its_key(name: str, tmp_path: Path) -> None:
    rows = read(office_mru, name, tmp_path).table("windows_office_mru")
    assert len(rows) == OFFICE.get(name, 0)
    assert all(one["target_path"] and one["opened_at"] for one in rows)
    for one in rows:
        if one["mru_position"] == 1:
            assert abs(one["key_written_at"] - one["opened_at"]) < timedelta(milliseconds=20)


@pytest.mark.parametrize("name", USERS)
def test_lists_of_office_are_in_order_of_time(name: str, tmp_path: Path) -> None:
    lists: dict[str, list[Any]] = {}
    for _, locator, _, one in read(office_mru, name, tmp_path).rows:
        lists.setdefault(locator.rpartition("@")[0], []).append((one["mru_position"], one["opened_at"]))
    for one in lists.values():
        times = [at for _, at in sorted(one)]
        assert times == sorted(times, reverse=True)


def test_trust_is_in_the_minute_the_key_was_written_in_or_the_document_was_opened(tmp_path: Path) -> None:
    told = {}
    for name in USERS:
        opened = {
            (str(one["target_path"]).rpartition("\\")[2], at.replace(second=0, microsecond=0))
            for one in read(office_mru, name, tmp_path).table("windows_office_mru")
            if isinstance(at := one["opened_at"], datetime)
        }
        for one in read(trust_records, name, tmp_path).table("windows_trust_records"):
            file, key_at = str(one["target_path"]).rpartition("\\")[2], one["key_written_at"]
            is_key = key_at.replace(second=0, microsecond=0) == one["trusted_at"]
            assert is_key or (file, one["trusted_at"]) in opened
            told[file] = (one["trusted_at"].isoformat(), one["trusted_for"], one["clock_offset_minutes"])
    assert told == {
        "indeces.xlsx": ("2022-02-23T18:58:00+00:00", "editing", 120),
        "Sql analysis reaserch.docx": ("2022-02-23T09:09:00+00:00", "editing", 120),
        "StarFury.docx": ("2012-03-12T20:52:00+00:00", "editing", -240),
        "Earthforce SA-26 Thunderbolt Star Fury.docx": ("2012-03-12T20:53:00+00:00", "editing", -240),
        "SA-23E Mitchell-Hyundyne Starfury.docx": ("2012-03-12T21:23:00+00:00", "editing", -240),
    }


@pytest.mark.parametrize("name", USERS)
def test_what_was_typed_is_what_regipy_reads(name: str, tmp_path: Path) -> None:
    found = read(explorer_mru, name, tmp_path)
    top = r"\Software\Microsoft\Windows\CurrentVersion\Explorer"
    stored = {
        part: stored_values(second_reader(name, tmp_path), rf"{top}\{part}")
        for part in ("TypedPaths", "WordWheelQuery", "RunMRU")
    }
    typed = {f"url{one['mru_position']}": one["typed_path"] for one in found.table("windows_typed_paths")}
    assert typed == stored["TypedPaths"]
    order = stored["WordWheelQuery"].pop("MRUListEx", b"")
    searches = sorted(found.table("windows_word_wheel_query"), key=lambda one: one["mru_position"])
    numbers = [int.from_bytes(order[at : at + 4], "little") for at in range(0, len(order) - 4, 4)]
    assert [one["search_words"] for one in searches] == [
        stored["WordWheelQuery"][str(number)].decode("utf-16-le").removesuffix("\0") for number in numbers
    ]
    letters = stored["RunMRU"].pop("MRUList", "")
    commands = sorted(found.table("windows_run_mru"), key=lambda one: one["mru_position"])
    assert [f"{one['command']}\\1" for one in commands] == [stored["RunMRU"][letter] for letter in letters]


def stored_values(hive: RegistryHive, path: str) -> dict[str, Any]:
    """Values of a key as regipy reads them; none where there is no such key."""
    try:
        key = hive.get_key(path)
    except RegistryKeyNotFoundException:
        return {}
    return {one.name: one.value for one in key.iter_values(trim_values=False)}


@pytest.mark.parametrize("name", USERS)
def test_mapped_drives_are_regipys(name: str, tmp_path: Path) -> None:
    rows = read(mapped_drives, name, tmp_path).table("windows_mapped_drives")
    ours = [(one["drive_letter"], one["network_path"], one["key_written_at"]) for one in rows]
    assert ours == [
        (f"{one['drive_letter'].upper()}:", one["network_path"], datetime.fromisoformat(one["last_write"]))
        for one in plugin_entries(NetworkDrivesPlugin, name, tmp_path)
    ]
    assert len(ours) == (name in (f"{REGIPY}/NTUSER.DAT.xz", "plaso/test_data/NTUSER-WIN7.DAT"))


RUN = r"\Software\Microsoft\Windows\CurrentVersion\Run"


@pytest.mark.parametrize("name", USERS)
def test_commands_at_logon_are_regipys(name: str, tmp_path: Path) -> None:
    rows = read(run_keys, name, tmp_path).table("windows_run_keys")
    assert {one["value_name"]: one["command"] for one in rows} == stored_values(
        second_reader(name, tmp_path), RUN
    )
    assert rows


TYPED = r"\Software\Microsoft\Internet Explorer\TypedURLs"


@pytest.mark.parametrize("name", USERS)
def test_typed_addresses_are_regipys(name: str, tmp_path: Path) -> None:
    rows = read(typed_urls, name, tmp_path).table("windows_typed_urls")
    assert {f"url{one['list_number']}": one["url"] for one in rows} == stored_values(
        second_reader(name, tmp_path), TYPED
    )


def test_counts_of_the_task_bar_are_regipys(tmp_path: Path) -> None:
    name = f"{REGIPY}/NTUSER_BAGMRU.DAT.xz"
    rows = read(feature_usage, name, tmp_path).table("windows_feature_usage")
    top = r"\Software\Microsoft\Windows\CurrentVersion\Explorer\FeatureUsage"
    hive = second_reader(name, tmp_path)
    counters = ("AppBadgeUpdated", "AppLaunch", "AppSwitched", "ShowJumpView", "TrayButtonClicked")
    for counter in counters:
        ours = {one["entry_name"]: one["use_count"] for one in rows if one["counter"] == counter}
        assert ours == stored_values(hive, rf"{top}\{counter}")
    assert len(rows) == 88
    assert {one["counted_since_at"].isoformat() for one in rows} == {"2021-05-13T10:50:56.877197+00:00"}


def test_a_recent_app_is_the_one_stored(tmp_path: Path) -> None:
    rows = read(recent_apps, f"{REGIPY}/transactions_NTUSER.DAT.xz", tmp_path).table("windows_recent_apps")
    (one,) = rows
    assert (one["program_path"], one["run_count"]) == (r"D:\setup64.exe", 1)
    assert one["last_run_at"].isoformat() == "2017-07-12T07:34:32.178000+00:00"
    assert abs(one["key_written_at"] - one["last_run_at"]) < timedelta(milliseconds=1)


def test_every_hive_of_the_corpus_ends_and_other_kinds_pass_in_silence(tmp_path: Path) -> None:
    ours = (
        explorer_mru, feature_usage, mapped_drives, mount_points2, office_mru,
        recent_apps, recent_docs, terminal_server_client, trust_records, user_assist,
    )  # fmt: skip
    for name in HIVES:
        for parser in ours:
            found = run(parser, given(name, tmp_path))
            assert not found.rows or name in USERS
            if "SYSTEM" in name or "SOFTWARE" in name:
                assert found.problems == []
