"""Connections of Windows' own VPN client, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.remote_traces import FOLDER, vpn_phonebook_scenarios
from parsers.contract import ProblemKind
from parsers.windows.vpn_phonebook import ENTRIES, vpn_phonebook
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_vpn_phonebook"


def fixture(name: str) -> Yielded:
    one = vpn_phonebook_scenarios()[name]
    return run(vpn_phonebook, artefact(FOLDER / "vpn_phonebook" / name / one.artefact, one.path))


def test_each_entry_is_told_with_the_servers_it_dials() -> None:
    found = fixture("two-servers")
    assert found.problems == []
    rows = found.table(TABLE)
    assert [(one["connection_name"], one["remote_host"]) for one in rows] == [
        ("本社VPN", "vpn.client.example"),
        ("Home", "home.example.net"),
        ("empty", None),
    ]
    assert rows[0]["dialled"] == ["vpn.client.example", "203.0.113.44"]
    assert rows[0]["dial_devices"] == ["WAN Miniport (IKEv2)"]
    assert (rows[0]["dns_suffix"], rows[0]["profile_name"]) == ("client.example", "見本花子")
    assert [locator for _, locator, _, _ in found.rows] == ["line:1", "line:21", "line:24"]
    (answer,) = ENTRIES.answers
    assert "at" not in dict(answer.columns)


def test_what_is_no_book_is_unrecognised_and_an_empty_one_is_not(tmp_path: Path) -> None:
    assert [one.kind for one in fixture("not-a-book").problems] == [ProblemKind.UNRECOGNISED]
    found = run(vpn_phonebook, from_bytes(b"", tmp_path))
    assert (found.rows, found.problems) == ([], [])


def test_endless_books_end(tmp_path: Path) -> None:
    found = run(vpn_phonebook, from_bytes(b"[a]\nPhoneNumber=b\n" * 11_000, tmp_path))
    assert len(found.rows) == 10_000
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    path = "/ProgramData/Microsoft/Network/Connections/Pbk/rasphone.pbk"
    assert select((vpn_phonebook,), path, b"[a]\r\n").chosen
    assert select((vpn_phonebook,), "/x/my.pbk", b"[a]\r\n").chosen
    assert not select((vpn_phonebook,), "/x/my.pbk", b"PK\3\4").refused


@pytest.mark.parametrize("name", sorted(vpn_phonebook_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = vpn_phonebook_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=14, count=200)):
        found = run(vpn_phonebook, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
