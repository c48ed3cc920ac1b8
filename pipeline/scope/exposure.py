"""Exposure rules: SQL over the tables, one rule a file, with a header that says what it shows and does not show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.errors import RuleError
from pipeline.rulebook import RULES, RuleFile, SqlRule, rule_files, sql_rule
from pipeline.tables.catalogue import EXPOSURE
from pipeline.tables.write import rows_to_table

FOLDER = RULES / "exposure"
GRADES = ("confirmed", "likely", "possible")
_NEEDED = ("name", "route", "grade", "shows", "does_not_show", "reads", "example", "near_miss")


def rules(folder: Path = FOLDER) -> tuple[SqlRule, ...]:
    """Every exposure rule of a folder.

    Raises:
        RuleError: a header lacks a key, has an unknown one, or names no grade.
    """
    return tuple(_rule(one) for one in rule_files(folder, (".sql",)))


def exposures(
    connection: duckdb.DuckDBPyConnection,
    case_id: str,
    listed: tuple[SqlRule, ...],
    params: Mapping[str, object],
) -> list[dict[str, Any]]:
    """The rows every rule gives; `params` are `mail_domains`, `window_from` and `window_to`.

    Raises:
        RuleError: a rule's query cannot be answered.
    """
    _set_params(connection, params)
    rows = []
    for rule in listed:
        try:
            found = connection.execute(rule.sql).fetchall()
        except duckdb.Error as error:
            raise RuleError(f"rule file {rule.file.name} cannot be answered: {error}") from error
        for evidence_id, entry_id, reason, supports in found:
            rows.append(
                {
                    "case_id": case_id,
                    "evidence_id": evidence_id,
                    "entry_id": entry_id,
                    "parser": f"rules/exposure/{rule.file.name}",
                    "parser_version": rule.file.sha256[:12],
                    "status": "ok",
                    "rule": rule.stated["name"],
                    "route": rule.stated["route"],
                    "grade": rule.stated["grade"],
                    "reason": reason,
                    "supports": [one for one in supports if one],
                }
            )
    return rows


def stored(rows: list[dict[str, Any]]) -> pa.Table:
    """Exposures as the table stores them, sorted."""
    rows = sorted(rows, key=lambda row: (row["evidence_id"], row["entry_id"], row["rule"], row["reason"]))
    return rows_to_table(EXPOSURE, rows)


def _set_params(connection: duckdb.DuckDBPyConnection, params: Mapping[str, object]) -> None:
    moments = [params.get(name) for name in ("window_from", "window_to")]
    assert all(one is None or isinstance(one, datetime) for one in moments)  # noqa: S101
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE case_params (mail_domains VARCHAR[], window_from TIMESTAMPTZ, window_to TIMESTAMPTZ)"
    )
    connection.execute(
        "INSERT INTO case_params VALUES (?, ?, ?)", [params.get("mail_domains") or [], *moments]
    )


def _rule(file: RuleFile) -> SqlRule:
    rule = sql_rule(file, _NEEDED)
    if rule.stated["grade"] not in GRADES:
        raise RuleError(
            f"rule file {file.name}: grade {rule.stated['grade']!r} is not one of {', '.join(GRADES)}"
        )
    return rule
