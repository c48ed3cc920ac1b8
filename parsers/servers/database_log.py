r"""Statement logs of database servers: MySQL and MariaDB (general and slow log), PostgreSQL (csvlog).

Shows: which statement which account sent from where and when; from the slow log how many rows and, where it has them, bytes it gave.
Does not show: the rows a statement gave, nor (general log) whether it succeeded; statements while the log was off, which it is unless
someone switched it on; in the slow log what was faster than its limit. A statement may hold a line that looks like another entry.
The account of a session that began before the log is not known. Passwords in statements may stand as written.
Not read: persons in statements (only shown), blank lines within a statement, MySQL's audit and binary logs, logs in tables or JSON,
PostgreSQL's log as plain text, SQL Server and Oracle.

References:
    - MySQL 8.0 Reference Manual, 5.4.3, 5.4.5; MariaDB, "Slow Query Log Extended Statistics"
    - PostgreSQL documentation, 20.8.4 "Using CSV-Format Log Output"
"""

from __future__ import annotations

import re
from typing import Any

from parsers.contract import (
    Artefact,
    Column,
    ProblemKind,
    Table,
    Want,
    Yields,
    integer,
    local,
    parser,
    real,
    text,
    utc,
)
from parsers.formats import log_rows, mysql_log, postgres_log, server_logs
from parsers.questions import ACCESS

STATEMENTS = Table(
    "server_sql_statement",
    Column("written_at", utc, "When the entry was written, where its time tells a zone."),
    Column("written_local", local, "When the entry was written, by the machine's wall clock.", is_machine_clock=True),
    Column("log_kind", text, "Form of the log: mysql_general, mysql_slow, postgres_csv."),
    Column("account", text, "Account that did it.", is_personal=True),
    Column("client_host", text, "Host or address the session came from.", is_personal=True),
    Column("database_name", text, "Database the session worked in, where the log tells it."),
    Column("session_id", integer, "Number of the session."),
    Column("server_command", text, "Kind of the entry as the server names it: Query, Execute, Connect, Quit, Init DB, ..."),
    Column("action", text, "What happened: logon, logoff, failed, unlock, connect."),
    Column("statement_kind", text, "First word of the statement in capitals: SELECT, INSERT, UPDATE, ..."),
    Column("statement", text, "Statement, or what else the entry tells, as written.", is_personal=True),
    Column("rows_sent", integer, "Rows the statement gave to the client."),
    Column("rows_examined", integer, "Rows the server read for it."),
    Column("sent_bytes", integer, "Bytes that left."),
    Column("query_seconds", real, "How long the statement took."),
    answers=ACCESS(where="action is not null", at="written_at", account="account", action="action", from_host="client_host"),
)  # fmt: skip

_WORD = re.compile(
    r"(?:\s|\(|/\*.{0,2000}?\*/|--[^\n]{0,2000}\n|#[^\n]{0,2000}\n)*+([A-Za-z]{2,20})", re.DOTALL
)
_SQL = {None, "Query", "Execute", "Prepare"}
_COUNTS = {"Rows_sent": "rows_sent", "Rows_examined": "rows_examined", "Bytes_sent": "sent_bytes"}
_SECONDS = re.compile(r"\d{1,12}(?:\.\d{1,9})?")


@parser(
    version=1,
    wants=(Want(sniff=server_logs.is_statements),),
    tables=(STATEMENTS,),
    is_metadata_only=True,
)
def database_log(artefact: Artefact) -> Yields:
    """One row per entry, in order; the locator is the number of its first line."""
    rows = log_rows.LogRows(STATEMENTS)
    reader = _reader(artefact.head(), lambda number, values, wrong: _add(rows, number, values, wrong))
    last = 0

    def feed(number: int, line: str) -> None:
        nonlocal last
        last = number
        if not reader.feed(number, line.lstrip("\ufeff")):
            rows.fault(number, "the line belongs to no entry, or ends one that cannot be read")

    def end() -> None:
        if reader.end() is False:
            rows.fault(last, "the log ends within an entry")

    yield from log_rows.read(artefact, rows, feed, end)


def _reader(head: bytes, give: mysql_log.Give) -> mysql_log.General | mysql_log.Slow | postgres_log.Records:
    if server_logs.is_postgres(head):
        return postgres_log.Records(give)
    if any(mysql_log.is_slow(one) for one in log_rows.first_lines(head)):
        return mysql_log.Slow(give)
    return mysql_log.General(give)


def _add(rows: log_rows.LogRows, number: int, values: dict[str, Any], wrong: str | None) -> None:
    """Take an entry: what is wrong with it, its figures, and the kind of its statement."""
    if wrong is not None:
        kind = ProblemKind.LIMIT if "longer" in wrong else ProblemKind.DAMAGED
        rows.fault(number, wrong, "statement" if "longer" in wrong else "written_at", kind)
    figures = values.pop("figures", {})
    for column, stored in log_rows.given(figures, _COUNTS):
        values[column] = rows.number(number, column, stored)
    if (seconds := figures.get("Query_time")) is not None:
        if _SECONDS.fullmatch(seconds):
            values["query_seconds"] = float(seconds)
        else:
            rows.fault(number, f"query_seconds is no number: {seconds[:60]!r}", "query_seconds")
    if values.get("session_id") is None and (thread := figures.get("Thread_id")) is not None:
        values["session_id"] = rows.number(number, "session_id", thread)
    is_sql = (
        values.get("server_command") in _SQL or values["log_kind"] == "postgres_csv" and not values["action"]
    )
    if is_sql and values.get("statement") and (word := _WORD.match(values["statement"])):
        values["statement_kind"] = word[1].upper()
    rows.add(number, values)
