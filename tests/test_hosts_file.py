"""The hosts file of Windows, from bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.windows_logs import FOLDER, hosts_file_scenarios
from parsers.contract import ProblemKind
from parsers.windows.hosts_file import hosts_file
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "windows_hosts"


def fixture(name: str) -> Yielded:
    one = hosts_file_scenarios()[name]
    return run(hosts_file, artefact(FOLDER / "hosts_file" / name / one.artefact, one.path))


def test_names_are_told_with_where_they_were_turned() -> None:
    found = fixture("turned-away")
    columns = ("host_name", "host_address", "is_turned_away", "line_comment")
    assert [tuple(one[column] for column in columns) for one in found.table(TABLE)] == [
        ("bank.example", "203.0.113.80", False, "更新"),
        ("www.bank.example", "203.0.113.80", False, "更新"),
        ("update.example", "127.0.0.1", True, None),
        ("av.example", "0.0.0.0", True, None),
        ("printer", "fe80::1%3", False, None),
    ]
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:8"),
        (ProblemKind.DAMAGED, "line:9"),
    ]


def test_comments_alone_give_nothing() -> None:
    found = fixture("as-shipped")
    assert (found.rows, found.problems) == ([], [])


def test_localhost_is_where_it_belongs(tmp_path: Path) -> None:
    (row,) = run(hosts_file, from_bytes(b"::1 LocalHost\n", tmp_path)).table(TABLE)
    assert row["is_turned_away"] is False


def test_problems_are_told_within_a_budget(tmp_path: Path) -> None:
    found = run(hosts_file, from_bytes(b"x\n" * 5000, tmp_path))
    assert len(found.problems) == 101
    assert found.problems[-1].kind == ProblemKind.LIMIT


def test_only_the_file_of_windows_is_wanted() -> None:
    assert select((hosts_file,), "/Windows/System32/drivers/etc/HOSTS", b"# a\n").chosen
    assert not select((hosts_file,), "/etc/hosts", b"# a\n").chosen


@pytest.mark.parametrize("name", sorted(hosts_file_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = hosts_file_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=8, count=150)):
        run(hosts_file, from_bytes(mutant, tmp_path))
