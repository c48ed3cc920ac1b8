"""Hosts reached by Remote Desktop, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from regipy.plugins.ntuser.tsclient import TSClientPlugin
from regipy.registry import RegistryHive

from fixtures.builders import user_hives
from parsers.windows.terminal_server_client import REMOTE_HOSTS, terminal_server_client
from tests.artefacts import artefact, run
from tests.hive_damage import survives

FIXTURE = user_hives.FOLDER / "terminal_server_client" / "two-hosts" / "NTUSER.DAT"
AT = datetime(2026, 9, 28, 9, 12, 30, 123456, tzinfo=UTC)


def test_hosts_typed_and_hosts_with_settings() -> None:
    found = run(terminal_server_client, artefact(FIXTURE, "/Users/見本花子/NTUSER.DAT"))
    assert found.problems == []
    rows = found.table("windows_terminal_server_client")
    assert [(one["kind"], one["remote_host"], one.get("mru_position")) for one in rows] == [
        ("typed", "jump01.client.example:3390", 1),
        ("typed", "192.0.2.77", 2),
        ("settings", "192.0.2.77", None),
        ("settings", "jump01.client.example", None),
    ]
    plain, known = rows[2:]
    assert (plain["logon_name"], plain["certificate_sha1"]) == (None, None)
    assert known["logon_name"] == r"CLIENT\管理者"
    assert known["certificate_sha1"] == "000102030405060708090a0b0c0d0e0f10111213"
    assert known["key_written_at"] == AT - timedelta(days=30)


def test_the_time_of_a_key_is_not_told_as_that_of_a_session() -> None:
    (answer,) = REMOTE_HOSTS.answers
    assert dict(answer.columns) == {"remote": "remote_host", "account": "profile_name"}


def test_regipy_reads_the_same_hosts() -> None:
    plugin = TSClientPlugin(RegistryHive(str(FIXTURE)), as_json=False)
    plugin.run()
    rows = run(terminal_server_client, artefact(FIXTURE)).table("windows_terminal_server_client")
    assert [(one["server"], one["username_hint"]) for one in plugin.entries] == [
        (one["remote_host"], one["logon_name"]) for one in rows if one["kind"] == "settings"
    ]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(terminal_server_client, FIXTURE.read_bytes(), tmp_path)
