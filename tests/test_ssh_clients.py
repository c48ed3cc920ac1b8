"""Servers PuTTY and WinSCP remember, from bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from fixtures.builders.user_hives import AT, FOLDER
from fixtures.builders.user_tools import PUTTY, SECRET, ssh_clients_scenarios
from parsers.contract import ProblemKind
from parsers.formats.remote_site import as_port, fingerprint_site, host_key, unescaped
from parsers.windows.ssh_clients import SITES, ssh_clients
from tests.artefacts import artefact, run
from tests.hive_damage import survives

TABLE = "windows_ssh_clients"
ONE = ssh_clients_scenarios()["putty-and-winscp"]
FOUND = run(ssh_clients, artefact(FOLDER / "ssh_clients" / "putty-and-winscp" / ONE.artefact, ONE.path))
ROWS = FOUND.table(TABLE)


def of(kind: str) -> list[dict[str, object]]:
    return [one for one in ROWS if one["site_kind"] == kind]


def test_sessions_are_told_with_host_name_and_folders() -> None:
    by_name = {one["session_name"]: one for one in of("session")}
    assert set(by_name) == {"Default Settings", "本番", "odd", "納品", "folder/plain"}
    putty, winscp = by_name["本番"], by_name["納品"]
    assert (putty["remote_host"], putty["remote_port"]) == ("sftp01.client.example", 2222)
    assert (putty["logon_name"], putty["protocol"]) == ("hanako", "ssh")
    assert putty["key_file_path"] == r"E:\鍵\id.ppk"
    assert putty["key_written_at"] == AT - timedelta(days=2)
    assert (winscp["protocol"], winscp["logon_name"]) == ("FTP", "kojo hanako")
    assert (winscp["local_directory"], winscp["remote_port"]) == (r"E:\out", 21)
    # WinSCP writes only what is not the default of its protocol.
    assert (by_name["folder/plain"]["remote_port"], by_name["folder/plain"]["protocol"]) == (None, None)
    assert by_name["Default Settings"]["remote_host"] is None


def test_host_keys_and_fingerprints_tell_hosts_that_were_reached() -> None:
    assert [(one["remote_host"], one["remote_port"], one["host_key_type"]) for one in of("host_key")] == [
        ("sftp01.client.example", 2222, "ssh-ed25519"),
        ("2001:db8::7", 22, "rsa2"),
    ]
    assert [
        (one["remote_host"], one.get("remote_port"), one["host_fingerprint"]) for one in of("fingerprint")
    ] == [
        ("upload.example.net", 22, "ssh-ed25519 255 abcDEF="),
        ("alone.example.net", None, "x"),
    ]
    assert [(one["typed_text"], one["mru_position"]) for one in of("typed")] == [
        ("/incoming/*.*", 1),
        ("/old/*.*", 2),
    ]


def test_a_password_is_told_and_never_given() -> None:
    assert SECRET.encode("utf-16-le") in ONE.content
    assert [one["session_name"] for one in ROWS if one.get("has_stored_password")] == ["納品"]
    assert SECRET not in repr((FOUND.rows, FOUND.problems))


def test_odd_values_are_null_and_a_problem() -> None:
    (odd,) = [one for one in of("session") if one["session_name"] == "odd"]
    assert (odd["remote_host"], odd["remote_port"]) == (None, None)
    assert [(one.kind, one.locator, one.column) for one in FOUND.problems] == [
        (ProblemKind.DAMAGED, rf"\{PUTTY}\Sessions\odd@HostName", "remote_host"),
        (ProblemKind.DAMAGED, rf"\{PUTTY}\Sessions\odd@PortNumber", "remote_port"),
    ]


def test_no_time_is_told_as_that_of_a_connection() -> None:
    (answer,) = SITES.answers
    assert "at" not in dict(answer.columns)


def test_names_with_percent_signs() -> None:
    assert unescaped("%EF%BB%BF%E7%B4%8D%E5%93%81") == "納品"
    assert unescaped("100% of it") == "100% of it"
    assert unescaped("plain") == "plain"
    assert host_key("ssh-rsa@99999:host") == {}
    assert host_key("@22:") == {}
    assert fingerprint_site("host") == {"remote_host": "host"}
    assert [as_port(one) for one in ("0", "65535", "65536", "-1", "²", "")] == [
        0,
        65535,
        None,
        None,
        None,
        None,
    ]


def test_damage_ends_in_problems(tmp_path: Path) -> None:
    survives(ssh_clients, ONE.content, tmp_path)
