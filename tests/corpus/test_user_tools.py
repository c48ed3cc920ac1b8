"""Real hives of users: what packers, Sysinternals' tools and clients of SSH left is what regipy finds."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest
from regipy.exceptions import RegistryKeyNotFoundException
from regipy.plugins.ntuser.winrar import WinRARPlugin

from parsers.formats.remote_site import unescaped
from parsers.windows.archive_history import archive_history
from parsers.windows.eula_accepted import BULK, eula_accepted
from parsers.windows.ssh_clients import ssh_clients
from tests.artefacts import run
from tests.corpus import needs_corpus
from tests.corpus.test_registry import HIVES, REGIPY, given
from tests.corpus.test_user_hives import USERS, plugin_entries, read, second_reader

pytestmark = [needs_corpus, pytest.mark.corpus]

# Values of WinRAR's lists, counted by hand.
WINRAR = {f"{REGIPY}/NTUSER.DAT.xz": 6, f"{REGIPY}/NTUSER_BAGMRU.DAT.xz": 26}
_OPERATIONS = {"opened": "archive_opened", "made": "archive_created", "extracted_to": "archive_extracted"}


@pytest.mark.parametrize("name", USERS)
def test_lists_of_winrar_are_those_regipy_reads(name: str, tmp_path: Path) -> None:
    rows = read(archive_history, name, tmp_path).table("windows_archive_history")
    ours = Counter((_OPERATIONS[str(one["history_kind"])], one["target_path"]) for one in rows)
    entries = plugin_entries(WinRARPlugin, name, tmp_path)
    assert ours == Counter((one["operation"], one.get("file_path", one.get("file_name"))) for one in entries)
    assert len(rows) == WINRAR.get(name, 0)
    newest = [one for one in rows if one["mru_position"] == 1]
    assert [one["last_interacted_at"] for one in newest] == [one["key_written_at"] for one in newest]


@pytest.mark.parametrize("name", USERS)
def test_accepted_licences_are_those_stored(name: str, tmp_path: Path) -> None:
    rows = read(eula_accepted, name, tmp_path).table("windows_eula_accepted")
    try:
        key = second_reader(name, tmp_path).get_key(r"\Software\Sysinternals")
    except RegistryKeyNotFoundException:
        assert rows == []
        return
    stored = {
        one.name
        for one in key.iter_subkeys()
        if any(value.name == "EulaAccepted" and value.value == 1 for value in one.iter_values())
    }
    assert {one["tool_name"] for one in rows if one["is_accepted"]} == stored


def test_a_suite_that_was_installed_does_not_tell_what_ran(tmp_path: Path) -> None:
    rows = read(eula_accepted, f"{REGIPY}/NTUSER_BAGMRU.DAT.xz", tmp_path).table("windows_eula_accepted")
    alone = {one["tool_name"] for one in rows if int(str(one["accepted_together_count"])) < BULK}
    # Process Monitor was started later and kept its settings: its key was written apart from the others.
    assert (len(rows), alone) == (62, {"Process Monitor"})


def test_hives_of_the_machine_pass_in_silence(tmp_path: Path) -> None:
    for name in HIVES:
        if "SYSTEM" in name or "SOFTWARE" in name:
            for parser in (archive_history, eula_accepted, ssh_clients):
                found = run(parser, given(name, tmp_path))
                assert (found.rows, found.problems) == ([], [])


@pytest.mark.parametrize("name", USERS)
def test_servers_of_winscp_and_putty_are_those_stored(name: str, tmp_path: Path) -> None:
    rows = read(ssh_clients, name, tmp_path).table("windows_ssh_clients")
    stored: list[str] = []
    for path in (r"\Software\SimonTatham\PuTTY\Sessions", r"\Software\Martin Prikryl\WinSCP 2\Sessions"):
        with contextlib.suppress(RegistryKeyNotFoundException):
            stored += [one.name for one in second_reader(name, tmp_path).get_key(path).iter_subkeys()]
    assert [unescaped(one) for one in stored] == [
        one["session_name"] for one in rows if one["site_kind"] == "session"
    ]
