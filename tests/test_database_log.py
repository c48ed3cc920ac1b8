"""Statement logs of database servers, from bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.builders.server_logs import FOLDER, database_log_scenarios
from parsers.contract import ProblemKind
from parsers.formats import mysql_log, postgres_log
from parsers.servers.database_log import database_log
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cuts, mutants

TABLE = "server_sql_statement"


def fixture(name: str) -> Yielded:
    one = database_log_scenarios()[name]
    return run(database_log, artefact(FOLDER / "database_log" / name / one.artefact, one.path))


def test_statements_of_the_general_log_belong_to_their_session() -> None:
    found = fixture("general")
    assert found.problems == []
    columns = ("session_id", "account", "client_host", "database_name", "action", "statement_kind")
    assert [tuple(one[column] for column in columns) for one in found.table(TABLE)] == [
        (8, "app", "10.0.0.5", "shop", "connect", None),
        (8, "app", "10.0.0.5", "shop", None, "SELECT"),
        (9, "root", "203.0.113.5", None, "failed", None),
        (8, "app", "10.0.0.5", "crm", None, None),
        (8, "app", "10.0.0.5", "crm", None, "SELECT"),
        (7, None, None, None, None, "SHOW"),
        (8, "app", "10.0.0.5", "crm", "logoff", None),
        (8, None, None, None, None, "SELECT"),
    ]
    rows = found.table(TABLE)
    assert rows[1]["statement"] == "SELECT name, card\n  FROM members\n WHERE id > 0"
    assert rows[4]["written_at"] == datetime(2026, 9, 28, 12, 5, 34, 5, tzinfo=UTC)
    assert [locator for _, locator, _, _ in found.rows][:3] == ["line:4", "line:5", "line:9"]


def test_the_older_form_has_the_clock_of_the_machine() -> None:
    found = fixture("general-mariadb")
    assert found.problems == []
    connect, insert, end = found.table(TABLE)
    at = datetime(2026, 9, 28, 21, 5, 33, tzinfo=UTC).replace(tzinfo=None)
    assert [(one["written_at"], one["written_local"]) for one in (connect, insert)] == [(None, at)] * 2
    assert (insert["account"], insert["statement_kind"]) == ("app", "INSERT")
    assert end["written_local"] == at.replace(hour=9, second=34)


def test_the_slow_log_tells_rows_and_bytes_given() -> None:
    found = fixture("slow")
    assert found.problems == []
    injection, dump = found.table(TABLE)
    assert (injection["rows_sent"], injection["rows_examined"], injection["database_name"]) == (
        50000,
        50010,
        "shop",
    )
    assert injection["statement"] == "SELECT * FROM members\nWHERE 1=1 UNION SELECT * FROM cards;"
    assert (injection["client_host"], injection["query_seconds"], injection["sent_bytes"]) == (
        "10.0.0.5",
        5.2105,
        None,
    )
    assert injection["written_at"] == datetime(2026, 9, 28, 12, 5, 33, 123456, tzinfo=UTC)
    assert (dump["account"], dump["client_host"], dump["sent_bytes"], dump["rows_sent"]) == (
        "dump", "198.51.100.7", 73400320, 120000,
    )  # fmt: skip


def test_the_slow_log_of_mariadb_begins_entries_without_a_time() -> None:
    found = fixture("slow-mariadb")
    assert found.problems == []
    delete, end = found.table(TABLE)
    assert delete["written_at"] == datetime(2026, 9, 28, 12, 5, 33, tzinfo=UTC)
    assert (delete["session_id"], delete["database_name"], delete["sent_bytes"], delete["statement_kind"]) == (
        21, "shop", 4096, "DELETE",
    )  # fmt: skip
    assert (end["written_at"], end["session_id"]) == (datetime(2026, 9, 28, 12, 5, 34, tzinfo=UTC), 22)
    assert [locator for _, locator, _, _ in found.rows] == ["line:1", "line:8"]


def test_records_of_postgres() -> None:
    found = fixture("postgres")
    assert found.problems == []
    connect, copy, error, refused = found.table(TABLE)
    assert (connect["action"], connect["account"], connect["client_host"]) == (
        "connect",
        "app",
        "198.51.100.7",
    )
    assert (copy["statement_kind"], copy["query_seconds"], copy["statement"]) == (
        "COPY", 1.5205, 'COPY (SELECT * FROM members\nWHERE name = "見本") TO STDOUT',
    )  # fmt: skip
    assert copy["written_at"] == datetime(2026, 9, 28, 12, 5, 33, 123000, tzinfo=UTC)
    assert (error["server_command"], error["statement"]) == ("ERROR", "SELECT * FROM card")
    # CST is the abbreviation of several zones.
    assert (refused["action"], refused["account"], refused["written_at"]) == ("failed", "postgres", None)
    assert refused["written_local"] is not None
    assert [locator for _, locator, _, _ in found.rows] == ["line:1", "line:2", "line:4", "line:5"]


def test_damage_is_told_and_the_rest_read() -> None:
    found = fixture("damaged")
    assert [(one.kind, one.locator) for one in found.problems] == [
        (ProblemKind.DAMAGED, "line:1"),
        (ProblemKind.DAMAGED, "line:3"),
    ]
    assert [status for _, _, status, _ in found.rows] == ["ok", "partial", "ok"]
    found = fixture("damaged-slow")
    assert {(one.locator, one.column) for one in found.problems} == {
        ("line:1", "written_at"), ("line:1", "rows_sent"), ("line:1", "query_seconds"), ("line:4", "written_at"),
    }  # fmt: skip
    found = fixture("damaged-postgres")
    assert len(found.rows) == 1
    assert [one.locator for one in found.problems] == ["line:2", "line:3"]


def test_a_statement_beyond_the_limit_is_cut_and_told(tmp_path: Path) -> None:
    first = b"2026-09-28T12:05:31.000002Z\t    8 Query\tINSERT INTO t VALUES\n"
    content = first + b"('x'),\n" * mysql_log.MOST_SIGNS + first
    found = run(database_log, from_bytes(content, tmp_path))
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.LIMIT, "line:1")]
    long, short = found.table(TABLE)
    assert mysql_log.MOST_SIGNS - 20 < len(long["statement"]) <= mysql_log.MOST_SIGNS
    assert short["statement"] == "INSERT INTO t VALUES"


def test_a_record_without_its_end_does_not_swallow_the_log(tmp_path: Path) -> None:
    record = database_log_scenarios()["damaged-postgres"].content.split(b"\n")[0] + b"\n"
    content = (
        record + record.replace(b'SELECT 1"', b"SELECT 1") + b"x\n" * postgres_log.MOST_SIGNS + record * 3
    )
    found = run(database_log, from_bytes(content, tmp_path))
    assert [one["statement"] for one in found.table(TABLE)] == ["SELECT 1"] * 4
    assert len(found.problems) == 1


def test_sessions_that_never_end_are_forgotten_at_a_limit() -> None:
    given: list[dict[str, object]] = []
    reader = mysql_log.General(lambda _, values, __: given.append(values))
    for number in range(mysql_log.MOST_SESSIONS + 1):
        reader.feed(number, f"2026-09-28T12:05:30Z\t{number} Connect\tapp@10.0.0.5 on shop")
    for number in (0, 1):
        reader.feed(number, f"2026-09-28T12:05:31Z\t{number} Query\tSELECT 1")
    reader.end()
    assert [one.get("account") for one in given[-2:]] == [None, "app"]


def test_what_looks_like_many_comments_takes_no_time(tmp_path: Path) -> None:
    content = b"2026-09-28T12:05:31.000002Z\t    8 Query\t" + b"/**/" * 10_000 + b"1\n"
    found = run(database_log, from_bytes(content * 2, tmp_path))
    assert [one["statement_kind"] for one in found.table(TABLE)] == [None, None]


def test_it_is_wanted_by_its_lines() -> None:
    for one in database_log_scenarios().values():
        assert select((database_log,), "/handed/over.txt", one.content[:4096]).chosen, one.path
    for other in (
        b"2026-09-28T12:05:30.000001Z 0 [Note] [MY-010051] [Server] Event Scheduler: scheduler thread initialized\n"
        * 3,
        b"# Time to go\nSELECT 1;\n",
        b"2026-09-28 21:05:30.000 JST,a,b\n",
    ):
        assert not select((database_log,), "/handed/over.txt", other).chosen


@pytest.mark.parametrize("name", sorted(database_log_scenarios()))
def test_damage_never_raises(name: str, tmp_path: Path) -> None:
    content = database_log_scenarios()[name].content
    for mutant in (*cuts(content), *mutants(content, seed=9, count=100)):
        found = run(database_log, from_bytes(mutant, tmp_path))
        for _, _, status, _ in found.rows:
            assert status == "ok" or found.problems
