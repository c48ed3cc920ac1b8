"""Exposure rules: SQL over the tables, one rule a file, with a header that says what it shows and does not show.

What several rules look at (mails sent outside, sessions from outside, removable volumes) is a table made once, from a file in
`shared/`; its sources count as read by each rule that reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.errors import RuleError
from pipeline.rulebook import RULES, RuleFile, SqlRule, rule_files, sql_rule
from pipeline.tables import macros
from pipeline.tables.catalogue import EXPOSURE
from pipeline.tables.write import rows_to_table

FOLDER = RULES / "exposure"
GRADES = ("confirmed", "likely", "possible")
PARAMS = "case_params"
_SHARED = "shared/"
_NEEDED = ("name", "route", "grade", "shows", "does_not_show", "reads", "example", "near_miss")
_SHARED_NEEDED = ("name", "shows", "does_not_show", "reads")
_LISTS = ("mail_domains", "intruder_accounts", "bad_hosts", "notices")


def rules(folder: Path = FOLDER) -> tuple[SqlRule, ...]:
    """Every exposure rule of a folder; of what is made for many of them, `reads` names what that was made from.

    Raises:
        RuleError: a header lacks a key, has an unknown one, or names no grade.
    """
    files = [one for one in rule_files(folder, (".sql",)) if not one.name.startswith(_SHARED)]
    return tuple(with_sources(_rule(one)) for one in files)


@cache
def shared(folder: Path = FOLDER) -> Mapping[str, SqlRule]:
    """What is made once for many rules, by name, each behind what it reads.

    Raises:
        RuleError: a header lacks a key, or two of them read one another.
    """
    waiting = [sql_rule(one, _SHARED_NEEDED) for one in rule_files(folder / _SHARED, (".sql",))]
    names = {one.stated["name"] for one in waiting}
    made: dict[str, SqlRule] = {}
    while waiting:
        ready = [one for one in waiting if not (names & set(read_by(one))) - set(made)]
        if not ready:
            raise RuleError(f"rule file {waiting[0].file.name} reads what is made from it")
        made |= {one.stated["name"]: one for one in ready}
        waiting = [one for one in waiting if one not in ready]
    return made


def read_by(rule: SqlRule) -> tuple[str, ...]:
    """The tables a rule says it reads; a list that is written out reads nothing."""
    named = (one.strip() for one in rule.stated["reads"].split(","))
    return tuple(one for one in named if one != "nothing")


def with_sources(rule: SqlRule) -> SqlRule:
    """A rule whose `reads` names, behind each shared table, what that is made from."""
    named = dict.fromkeys(_sources(read_by(rule)))
    return replace(rule, stated={**rule.stated, "reads": ", ".join(named)})


def hold(
    connection: duckdb.DuckDBPyConnection, listed: Iterable[SqlRule], params: Mapping[str, object]
) -> None:
    """Give the connection `case_params`, and every shared table the rules read.

    Raises:
        RuleError: a shared table cannot be made.
    """
    _set_params(connection, params)
    macros.define(connection)
    wanted = {name for rule in listed for name in _sources(read_by(rule))}
    for name, one in shared().items():
        if name in wanted:
            try:
                connection.execute(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {one.sql}')
            except duckdb.Error as error:
                raise RuleError(f"rule file {one.file.name} cannot be answered: {error}") from error


def exposures(
    connection: duckdb.DuckDBPyConnection,
    case_id: str,
    listed: tuple[SqlRule, ...],
    params: Mapping[str, object],
) -> list[dict[str, Any]]:
    """The rows every rule gives; `params` are the columns of `case_params`, those left out empty or open.

    Raises:
        RuleError: a rule's query cannot be answered.
    """
    hold(connection, listed, params)
    rows = []
    for rule in listed:
        for evidence_id, entry_id, reason, supports, *further in answered(connection, rule):
            medium, locator = (*further, None, None)[:2]
            rows.append(
                {
                    "case_id": case_id,
                    "evidence_id": evidence_id,
                    "entry_id": entry_id,
                    # Of a store of mails one rule may speak of one mail alone.
                    "locator": locator,
                    "parser": f"rules/exposure/{rule.file.name}",
                    "parser_version": rule.file.sha256[:12],
                    "status": "ok",
                    "rule": rule.stated["name"],
                    "route": rule.stated["route"],
                    "grade": rule.stated["grade"],
                    # What a rule does not say otherwise lay on the item it was found on.
                    "medium": medium or f"item:{evidence_id}",
                    "reason": reason,
                    "supports": [one for one in supports if one],
                }
            )
    return rows


def answered(connection: duckdb.DuckDBPyConnection, rule: SqlRule) -> list[tuple[Any, ...]]:
    """The rows a rule gives, with a connection that holds what it reads.

    Raises:
        RuleError: its query cannot be answered.
    """
    try:
        found: list[tuple[Any, ...]] = connection.execute(rule.sql).fetchall()
    except duckdb.Error as error:
        raise RuleError(f"rule file {rule.file.name} cannot be answered: {error}") from error
    return found


def stored(rows: list[dict[str, Any]]) -> pa.Table:
    """Exposures as the table stores them, sorted."""
    rows = sorted(
        rows,
        key=lambda row: (
            row["evidence_id"],
            row["entry_id"],
            row["rule"],
            row.get("locator") or "",
            row["reason"],
        ),
    )
    return rows_to_table(EXPOSURE, rows)


def _sources(names: Iterable[str]) -> list[str]:
    found = []
    for name in names:
        found.append(name)
        if name in shared():
            found += _sources(read_by(shared()[name]))
    return found


def _set_params(connection: duckdb.DuckDBPyConnection, params: Mapping[str, object]) -> None:
    moments = [params.get(name) for name in ("window_from", "window_to")]
    assert all(one is None or isinstance(one, datetime) for one in moments)  # noqa: S101
    lists = ", ".join(f"{name} VARCHAR[]" for name in _LISTS)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {PARAMS} ({lists}, window_from TIMESTAMPTZ, window_to TIMESTAMPTZ)"
    )
    connection.execute(
        f"INSERT INTO {PARAMS} VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
        [*([*_texts(params.get(name))] for name in _LISTS), *moments],
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _rule(file: RuleFile) -> SqlRule:
    rule = sql_rule(file, _NEEDED)
    if rule.stated["grade"] not in GRADES:
        raise RuleError(
            f"rule file {file.name}: grade {rule.stated['grade']!r} is not one of {', '.join(GRADES)}"
        )
    return rule
