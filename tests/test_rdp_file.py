"""Connections saved for the Remote Desktop client, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.remote_traces import FOLDER, rdp_file_scenarios
from parsers.contract import ProblemKind
from parsers.windows.rdp_file import CONNECTIONS, rdp_file
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_rdp_file"


def fixture(name: str) -> Yielded:
    one = rdp_file_scenarios()[name]
    return run(rdp_file, artefact(FOLDER / "rdp_file" / name / one.artefact, one.path))


def test_a_host_is_told_with_what_was_shared_with_it() -> None:
    found = fixture("drives-shared")
    assert found.problems == []
    (row,) = found.table(TABLE)
    assert (row["remote_host"], row["other_remote_host"], row["gateway_host"]) == (
        "ts01.client.example:3390", "ts01.client.example", "gw.client.example",
    )  # fmt: skip
    assert (row["redirected_drives"], row["has_clipboard"], row["has_printers"]) == ("*", True, False)
    assert (row["logon_name"], row["start_program"]) == ("CLIENT\\見本花子", None)
    assert row["profile_name"] == "見本花子"
    (answer,) = CONNECTIONS.answers
    assert "at" not in dict(answer.columns)


def test_a_switch_that_is_neither_on_nor_off_is_null_and_told() -> None:
    found = fixture("odd")
    (row,) = found.table(TABLE)
    assert (row["remote_host"], row.get("has_clipboard")) == ("192.0.2.5", None)
    assert [(one.kind, one.column) for one in found.problems] == [(ProblemKind.DAMAGED, "has_clipboard")]


def test_what_is_no_connection_is_unrecognised(tmp_path: Path) -> None:
    found = run(rdp_file, from_bytes(b"hello\n", tmp_path))
    assert (found.rows, [one.kind for one in found.problems]) == ([], [ProblemKind.UNRECOGNISED])


def test_endless_lines_end(tmp_path: Path) -> None:
    found = run(rdp_file, from_bytes(b"a:i:1\n" * 20_000, tmp_path))
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]


def test_which_files_are_wanted() -> None:
    head = "screen mode id:i:2\r\n".encode("utf-16")
    assert select((rdp_file,), "/Users/a/Documents/Default.rdp", head).chosen
    assert not select((rdp_file,), "/x/a.rdp", b"\x89PNG").refused


@pytest.mark.parametrize("name", sorted(rdp_file_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = rdp_file_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=12, count=200)):
        found = run(rdp_file, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
