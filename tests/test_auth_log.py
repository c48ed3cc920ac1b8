"""Logons and rights in syslog, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.server_logs import FOLDER, auth_log_scenarios
from parsers.contract import ProblemKind
from parsers.servers.auth_log import auth_log
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "server_auth_event"


def wall(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


def fixture(name: str) -> Yielded:
    one = auth_log_scenarios()[name]
    return run(auth_log, artefact(FOLDER / "auth_log" / name / one.artefact, one.path))


def test_who_was_let_in_or_refused_and_what_was_done_with_rights() -> None:
    found = fixture("rotated")
    assert found.problems == []
    columns = ("event_kind", "action", "account", "target_account", "from_host")
    assert [tuple(one[column] for column in columns) for one in found.table(TABLE)] == [
        ("session_opened", None, "root", None, None),
        # What was typed may look like the end of the line; the last address is the one that tried.
        ("refused", "failed", "oracle from 203.0.113.5", None, "203.0.113.5"),
        ("unknown_account", "failed", "oracle", None, "203.0.113.5"),
        ("accepted", "logon", "kanri", None, "198.51.100.7"),
        ("session_opened", None, "kanri", None, None),
        ("sudo", None, "kanri", "root", None),
        ("sudo", "failed", "web", "root", None),
        ("session_opened", None, "kanri", "root", None),
        ("account_added", None, None, "backup2", None),
        ("group_joined", None, None, "backup2", None),
        ("password_changed", None, None, "backup2", None),
        ("disconnected", "logoff", "kanri", None, "198.51.100.7"),
    ]
    assert found.table(TABLE)[5]["command"] == "/usr/bin/tar czf /tmp/kokyaku.tgz /srv/data"
    assert found.table(TABLE)[9]["group_name"] == "sudo"


def test_the_year_is_that_of_the_name_and_turns_within_the_log() -> None:
    rows = fixture("rotated").table(TABLE)
    assert rows[0]["logged_local"] == wall(2025, 12, 31, 23, 58, 1)
    assert rows[3]["logged_local"] == wall(2026, 1, 1, 0, 0, 10)
    assert all(one["logged_at"] is None for one in rows)


def test_without_a_year_there_is_no_time_but_what_is_written() -> None:
    found = fixture("no-year")
    assert found.problems == []
    rows = found.table(TABLE)
    assert all(one["logged_at"] is None and one["logged_local"] is None for one in rows)
    assert [(rows[at]["clock_text"], rows[at]["year_turns"]) for at in (0, 3)] == [
        ("Dec 31 23:58:01", 1),
        ("Jan 1 00:00:10", 0),
    ]


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("secure-20260928", 2026),
        ("secure-20260927", 2026),  # dateyesterday
        ("secure-20260926", 2025),
        ("auth.log.2026-10-01", 2026),
        ("auth.log-20261399", None),
    ],
)
def test_a_rotated_log_ends_before_the_day_of_its_name(name: str, year: int | None, tmp_path: Path) -> None:
    line = b"Sep 28 21:05:33 web01 sshd[3]: Accepted password for kanri from 198.51.100.7 port 5 ssh2\n"
    (row,) = run(auth_log, from_bytes(line, tmp_path, name)).table(TABLE)
    assert row["logged_local"] == (None if year is None else wall(year, 9, 28, 21, 5, 33))


def test_times_with_a_zone_are_exact() -> None:
    found = fixture("iso")
    assert found.problems == []
    ssh, login, failed, new, ftp = found.table(TABLE)
    assert (ssh["logged_at"], ssh["account"], ssh["from_host"], ssh["from_port"]) == (
        datetime(2026, 9, 28, 12, 5, 33, 123456, tzinfo=UTC), "保守", "2001:db8::7", 40022,
    )  # fmt: skip
    assert (login["action"], login["account"], login["target_account"]) == ("logon", "kanri", None)
    assert (failed["action"], failed["account"], failed["from_host"]) == ("failed", "root", None)
    assert (new["machine_name"], new["program_name"], new["process_id"], new["auth_method"]) == (
        "web02", "sshd", 901, "publickey",
    )  # fmt: skip
    assert (ftp["clock_text"], ftp["action"], ftp["from_host"]) == (
        "Sep 28 21:09:00",
        "failed",
        "203.0.113.6",
    )


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [(one.kind, one.locator, one.column) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:1", "logged_local"),
        (ProblemKind.DAMAGED, "line:2", "logged_at"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["partial", "partial", "ok"]


def test_it_is_wanted_by_name_or_by_its_lines() -> None:
    auth = auth_log_scenarios()["no-year"].content
    other = b"Sep 28 21:05:33 web01 kernel: [997.39] sda2: rw=0\n" * 3
    for name in ("auth.log", "auth.log.1", "secure", "secure-20260928", "syslog", "messages"):
        assert select((auth_log,), f"/var/log/{name}", other).chosen, name
    assert select((auth_log,), "/handed/over.txt", auth).chosen
    assert not select((auth_log,), "/handed/over.txt", other).chosen
    assert select((auth_log,), "/var/log/auth.log", b"what\nis this\n").refused
    assert not select((auth_log,), "/etc/securetty", other).chosen


@pytest.mark.parametrize("name", sorted(auth_log_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    one = auth_log_scenarios()[name]
    for mutant in (*cuts(one.content), *mutants(one.content, seed=7, count=100)):
        found = run(auth_log, from_bytes(mutant, tmp_path, one.artefact))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
