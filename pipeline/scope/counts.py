"""Counts persons: by grade, by bound, by dimension; and what keeps the maximum open."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.rulebook import SqlRule
from pipeline.scope.openness import open_reasons
from pipeline.tables.catalogue import AFFECTED_COUNT, PERSON, PERSON_MENTION
from pipeline.tables.schema import full_schema, provenance_values

STAGE = "pipeline/scope"
VERSION = "2"
# A grade counts what is of it or surer.
_GRADES = (
    ("confirmed", ("confirmed",)),
    ("likely", ("confirmed", "likely")),
    ("possible", ("confirmed", "likely", "possible")),
)
_DIMENSIONS = (
    ("all", "NULL", ""),
    ("category", "u.value", ", unnest(m.categories) AS u(value)"),
    ("item", "u.value", ", unnest(m.items) AS u(value)"),
    ("document", "concat(m.evidence_id, '/', m.entry_id)", ""),
    ("route", "x.route", ""),
    ("subject_kind", "m.subject_kind", ""),
)


def counts(connection: duckdb.DuckDBPyConnection, case_id: str, rules: tuple[SqlRule, ...]) -> pa.Table:
    """The rows of `affected_count`; `rules` are the exposure rules that were asked.

    `connection` has `mention`, `exposure`, `person_mention` and what `openness` asks for.
    """
    rows = []
    for grade, included in _GRADES:
        listed = ", ".join(f"'{one}'" for one in included)
        reasons = open_reasons(connection, grade, included, rules)
        for dimension, value, more in _DIMENSIONS:
            found = connection.execute(
                f"WITH x AS (SELECT DISTINCT evidence_id, entry_id, route FROM exposure WHERE grade IN ({listed})) "  # noqa: S608
                f"SELECT {value} AS value, "
                "count(DISTINCT p.person_id) FILTER (p.bound = 'low'), count(DISTINCT p.person_id) FILTER (p.bound = 'likely'), "
                "count(DISTINCT p.person_id) FILTER (p.bound = 'high') "
                f"FROM mention m JOIN x USING (evidence_id, entry_id) JOIN person_mention p USING (mention_id){more} GROUP BY 1 ORDER BY 1"
            ).fetchall()
            if dimension == "all" and not found:
                found = [(None, 0, 0, 0)]
            for what, low, likely, high in found:
                rows.append(
                    {
                        "grade": grade,
                        "dimension": dimension,
                        "value": what,
                        "low": low,
                        "likely": likely,
                        "high": high,
                        "is_open": bool(reasons),
                        "open_reasons": reasons,
                    }
                )
    provenance = provenance_values(
        case_id=case_id, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )
    schema = full_schema(AFFECTED_COUNT)
    return pa.table(
        {
            field.name: pa.array([{**provenance, **row}.get(field.name) for row in rows], field.type)
            for field in schema
        },
        schema=schema,
    )


def persons(connection: duckdb.DuckDBPyConnection, case_id: str) -> pa.Table:
    """The rows of `person`, from `person_mention` and `mention`."""
    found = connection.sql(
        "SELECT p.bound, p.person_id, count(*) AS mention_count, "
        "CASE WHEN count(DISTINCT m.subject_kind) FILTER (m.subject_kind <> 'unknown') > 1 THEN 'mixed' "
        "ELSE coalesce(min(m.subject_kind) FILTER (m.subject_kind <> 'unknown'), 'unknown') END AS subject_kind "
        "FROM person_mention p JOIN mention m USING (mention_id) GROUP BY 1, 2 ORDER BY 1, 2"
    ).to_arrow_table()
    return _with_provenance(found, PERSON, case_id)


def person_mentions(clustered: pa.Table, case_id: str) -> pa.Table:
    """The rows of `person_mention` with provenance."""
    return _with_provenance(clustered, PERSON_MENTION, case_id)


def _with_provenance(rows: pa.Table, table: Table, case_id: str) -> pa.Table:
    schema = full_schema(table)
    provenance = provenance_values(
        case_id=case_id, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.array([provenance.get(field.name)] * rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
