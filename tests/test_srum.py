"""Resource usage from bytes: who sent how much, and what a row does not say."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders import ese
from fixtures.builders.ese_databases import FOLDER, SID, damaged, srum_tables
from parsers.contract import ProblemKind
from parsers.windows.srum import program, srum
from tests.artefacts import artefact, from_bytes, run

FIXTURES = FOLDER / "srum"
SYNC = r"\Device\HarddiskVolume3\Users\eigyo\AppData\Local\同期ソフト\sync.exe"


def test_the_bytes_a_program_sent_stand_with_its_path_and_account() -> None:
    found = run(srum, artefact(FIXTURES / "three-hours" / "SRUDB.dat"))
    rows = found.table("windows_srum_network")
    assert len(rows) == 15
    largest = max(rows, key=lambda one: one["sent_bytes"])  # type: ignore[arg-type,return-value]
    assert largest == {
        "record_id": 6,
        "interval_ended_at": datetime(2026, 9, 28, 10, 12, 30, tzinfo=UTC),
        "program_path": SYNC,
        "program_identity": SYNC,
        "account_sid": SID,
        "interface_type": "ethernet",
        "interface_luid": "0006008000000000",
        "network_profile_id": 0,
        "sent_bytes": 734_005_201,
        "received_bytes": 1000,
    }
    assert found.rows[5][1] == "{973F5D5C-1D90-4944-BE8E-24B94231A174}#6"


def test_services_packages_and_nameless_programs_are_told_apart() -> None:
    rows = run(srum, artefact(FIXTURES / "three-hours" / "SRUDB.dat")).table("windows_srum_network")[:5]
    names = ("program_path", "hosted_service", "package_full_name", "account_sid")
    assert [tuple(one.get(name) for name in names) for one in rows] == [
        (SYNC, None, None, SID),
        (r"\Device\HarddiskVolume3\Windows\System32\svchost.exe", None, None, "S-1-5-18"),
        (None, "Dnscache", None, "S-1-5-18"),
        (None, None, "Example.Mail_1.2.3.0_x64__abcdefghjkmnp", SID),
        (None, None, None, "S-1-5-18"),
    ]


def test_null_counters_are_null_and_an_odd_time_is_a_problem_of_its_column() -> None:
    found = run(srum, artefact(FIXTURES / "three-hours" / "SRUDB.dat"))
    assert [one.get("foreground_written_bytes") for one in found.table("windows_srum_application")] == [
        8192,
        None,
    ] * 3
    focus, odd = found.table("windows_srum_timeline")
    assert (focus["in_focus_seconds"], focus["mouse_seconds"], focus["keyboard_seconds"]) == (42, 5, None)
    assert odd.get("span_ended_at") is None
    assert [(one.kind, one.column, one.locator[-2:]) for one in found.problems] == [
        (ProblemKind.DAMAGED, "span_ended_at", "#2")
    ]


def test_a_connection_has_a_time_of_its_own() -> None:
    (row,) = run(srum, artefact(FIXTURES / "three-hours" / "SRUDB.dat")).table("windows_srum_connectivity")
    assert row["connection_started_at"] == datetime(2026, 9, 28, 8, 13, 30, tzinfo=UTC)
    assert (row["connected_seconds"], row["interface_type"], row["network_profile_id"]) == (
        3540,
        "wifi",
        268435457,
    )


def test_a_dirty_and_damaged_database_is_told_and_the_rest_read() -> None:
    found = run(srum, artefact(FIXTURES / "dirty-and-damaged" / "SRUDB.dat"))
    assert [one.kind for one in found.problems][:3] == [
        ProblemKind.AMBIGUOUS,
        ProblemKind.DAMAGED,
        ProblemKind.DAMAGED,
    ]
    assert len(found.table("windows_srum_network")) == 55
    assert {status for _, _, status, _ in found.rows} == {"partial"}


def test_without_the_map_numbers_stay_without_names(tmp_path: Path) -> None:
    content = ese.build(srum_tables()[1:])
    found = run(srum, from_bytes(content, tmp_path, "SRUDB.dat"))
    assert found.problems[0].locator == "SruDbIdMapTable"
    assert {one.get("program_path") for one in found.table("windows_srum_network")} == {None}
    assert len(found.table("windows_srum_network")) == 15


@pytest.mark.parametrize(
    ("stored", "kind", "path", "service", "package"),
    [
        ("!!svchost.exe!1972/12/14:16:22:50!1c364![netsvcs] [Winmgmt]", 0, "svchost.exe", "Winmgmt", None),
        ("!!svchost.exe!1972/12/14:16:22:50!1c364![LocalServiceNetworkRestricted]", 0, "svchost.exe", None, None),
        ("Example.App_1.0_x64__abc!App!host.exe!1985/07/16:07:12:39!13bb3!", 2, "host.exe", None, "Example.App_1.0_x64__abc"),
        (r"\device\harddiskvolume3\windows\system32\nslookup.exe", 0, r"\device\harddiskvolume3\windows\system32\nslookup.exe", None, None),
        ("C125", 0, None, None, None),
        ("", 0, None, None, None),
    ],
)  # fmt: skip
def test_identities(
    stored: str, kind: int, path: str | None, service: str | None, package: str | None
) -> None:
    found = program(stored, kind)
    assert (found.get("program_path"), found.get("hosted_service"), found.get("package_full_name")) == (
        path,
        service,
        package,
    )
    assert found["program_identity"] == stored


def test_cuts_and_changed_bytes_never_raise(tmp_path: Path) -> None:
    content = ese.build(srum_tables())
    whole = len(run(srum, from_bytes(content, tmp_path)).rows)
    for share in (0, 10, 30, 50, 90, 99):
        found = run(srum, from_bytes(content[: len(content) * share // 100], tmp_path))
        assert found.problems
    for seed in range(40):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 10, 60))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        found = run(srum, from_bytes(bytes(changed), tmp_path))
        assert len(found.rows) == whole or found.problems, f"seed {seed}"
    assert run(srum, from_bytes(damaged(content, 4), tmp_path)).problems
