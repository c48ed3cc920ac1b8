"""Rules that answer questions over real event logs: every one of 96 logs in one database, and what each rule gives of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from parsers.contract import Batch, Problem
from parsers.questions import QUESTIONS
from parsers.windows.evtx import EVENTS, evtx
from pipeline.rulebook import SqlRule
from pipeline.tables.answers import answers
from pipeline.tables.schema import all_tables, full_schema, view_sql
from tests.artefacts import artefact
from tests.corpus import CORPUS, needs_corpus

pytestmark = [needs_corpus, pytest.mark.corpus]

RULES = {
    rule.file.name: (question, rule)
    for question, rules in answers().items()
    for rule in rules
    if "windows_evtx" in rule.stated["reads"]
}
# Rows each rule gives of the logs; a rule that is not named finds none of its events there.
GIVEN = {
    "access/credentials_checked.sql": 25,
    "access/desktop_gateway.sql": 4,
    "access/desktop_session.sql": 5,
    "access/kerberos.sql": 8,
    "access/privileged_logon.sql": 76,
    "access/remote_desktop_denied.sql": 2,
    "cleared/audit_lost.sql": 5,
    "cleared/audit_switched_off.sql": 30,
    "cleared/clock_set.sql": 3,
    "cleared/clock_set_audited.sql": 19,
    "cleared/log_begins_late.sql": 8,
    "cleared/records_missing.sql": 122,
    "deleted/sysmon_file.sql": 2,
    "device/instance_id.sql": 1,
    "downloaded/background_transfer.sql": 1,
    "network/background_transfer.sql": 2,
    "network/connection_allowed.sql": 63,
    "network/desktop_gateway.sql": 4,
    "network/share_reached.sql": 39,
    "network/sysmon_connection.sql": 10,
    "protected/connection_blocked.sql": 3,
    "ran/process_created.sql": 70,
    "ran/scheduled_task.sql": 4,
    "ran/sysmon_process.sql": 81,
}
# What a row of the question is worth nothing without.
NEVER_NULL = {
    "access": ("at", "action"),
    "opened": ("at", "what"),
    "device": ("device_serial",),
    "connected": ("device_serial",),
    "network": ("at", "remote"),
    "downloaded": ("at",),
    "ran": ("at", "program_path"),
    "deleted": ("at", "what"),
    "printed": ("at", "what"),
    "protected": ("at", "what"),
    "cleared": ("what",),
}


@pytest.fixture(scope="module")
def case() -> Iterator[duckdb.DuckDBPyConnection]:
    """Every event log of the corpus as the table the parser declares, its problems too, and every other table empty."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET TimeZone = 'UTC'")
    events, problems = [], []
    for file in sorted(CORPUS.rglob("*.evtx")):
        provenance = {
            "case_id": "C",
            "evidence_id": "E",
            "entry_id": file.relative_to(CORPUS).as_posix(),
            "parser": "windows/evtx",
            "parser_version": "1",
        }
        for one in evtx.parse(artefact(file)):
            if isinstance(one, Batch):
                events.append(_stored(one, provenance))
            elif isinstance(one, Problem):
                problems.append({**provenance, "locator": one.locator, "kind": str(one.kind)})
    full = {
        EVENTS.name: pa.concat_tables(events),
        "problem": pa.Table.from_pylist(problems, full_schema(all_tables()["problem"])),
    }
    for name, table in all_tables().items():
        connection.register(name, full.get(name, full_schema(table).empty_table()))
    yield connection
    connection.close()


def _stored(batch: Batch, provenance: dict[str, str]) -> pa.Table:
    """A batch with its provenance in front, as it is stored."""
    count = batch.rows.num_rows
    given = {"locator": batch.locators, "status": pa.array([str(batch.status)] * count)}
    given |= {name: pa.array([value] * count) for name, value in provenance.items()}
    schema = full_schema(EVENTS)
    return pa.table(
        [given[name] if name in given else batch.rows.column(name) for name in schema.names], schema=schema
    )


def asked(case: duckdb.DuckDBPyConnection, rule: SqlRule) -> list[dict[str, Any]]:
    return case.sql(rule.sql).to_arrow_table().to_pylist()


def test_the_whole_of_the_kind_is_there(case: duckdb.DuckDBPyConnection) -> None:
    (found,) = case.sql("SELECT count(*), count(DISTINCT entry_id) FROM windows_evtx").fetchall()
    assert found == (14050, 96)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_gives_what_the_logs_hold(case: duckdb.DuckDBPyConnection, name: str) -> None:
    question, rule = RULES[name]
    rows = asked(case, rule)
    assert len(rows) == GIVEN.get(name, 0)
    for column in NEVER_NULL[question]:
        assert all(row[column] not in (None, "") for row in rows), column
    assert all(row["entry_id"] and row["locator"] for row in rows)


def test_a_rule_gives_no_event_twice(case: duckdb.DuckDBPyConnection) -> None:
    for name, (_, rule) in RULES.items():
        counted = Counter((row["entry_id"], row["locator"]) for row in asked(case, rule))
        assert all(count == 1 for count in counted.values()), name


def test_the_views_of_the_questions_hold_the_answers_of_the_rules(case: duckdb.DuckDBPyConnection) -> None:
    for question in QUESTIONS:
        rows = case.sql(view_sql(question)).to_arrow_table().to_pylist()
        counted = Counter(row["source"].removeprefix("rules/answers/") for row in rows)
        for name, (answered, _) in RULES.items():
            if answered == question.name:
                assert counted[name] == GIVEN.get(name, 0)


def test_the_account_of_a_transfer_stands_in_another_event(case: duckdb.DuckDBPyConnection) -> None:
    begun, ended = asked(case, RULES["network/background_transfer.sql"][1])
    assert (begun["received_bytes"], ended["received_bytes"]) == (None, 32256)
    assert {row["account"] for row in (begun, ended)} == {r"hns\Administrator"}
    assert {row["remote"] for row in (begun, ended)} == {"192.168.10.254"}


def test_one_log_that_was_not_exported_lacks_records(case: duckdb.DuckDBPyConnection) -> None:
    rows = asked(case, RULES["cleared/records_missing.sql"][1])
    (row,) = (row for row in rows if "anew" not in row["what"])
    assert row["entry_id"].endswith("2-vss_7-System.evtx")
    assert row["what"] == (
        "262 records between 1155 (2018-08-06T08:42:42Z) and 1418 (2018-08-08T05:22:59Z) are missing from System"
    )


def test_the_disconnected_session_is_that_of_the_account_before(case: duckdb.DuckDBPyConnection) -> None:
    rows = asked(case, RULES["access/desktop_session.sql"][1])
    assert Counter((row["action"], row["account"]) for row in rows) == {
        ("shell", r"WINDOMAIN\vagrant"): 1,
        ("disconnect", r"WINDOMAIN\vagrant"): 3,
        ("disconnect", None): 1,  # session 2: nobody is known to have begun it
    }
