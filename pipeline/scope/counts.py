"""Counts persons: by grade, by bound, by dimension; and what keeps the maximum open."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pyarrow as pa

from parsers.contract import Table
from pipeline.rulebook import SqlRule
from pipeline.scope.openness import open_reasons
from pipeline.scope.people import BOUNDS, Clusters
from pipeline.tables.catalogue import AFFECTED_COUNT, PERSON, PERSON_MENTION
from pipeline.tables.schema import full_schema, provenance_values

STAGE = "pipeline/scope"
VERSION = "3"
BATCH_ROWS = 65_536
# A grade counts what is of it or surer.
_GRADES = (
    ("confirmed", ("confirmed",)),
    ("likely", ("confirmed", "likely")),
    ("possible", ("confirmed", "likely", "possible")),
)
# Who sends a mail and who gets it know of one another already: by the sending nothing of theirs went out.
_OF_ITS_OWN_HEAD = "x.route IN ('sent_outside', 'sent_outside_in_store') AND coalesce(m.role IN ('mail sender', 'mail recipient'), false)"
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

    `connection` has `exposure`, the `numbered` and `clustered` of `people.cluster`, and what `openness` asks for.
    """
    rows = []
    for grade, included in _GRADES:
        listed = ", ".join(f"'{one}'" for one in included)
        reasons = open_reasons(connection, grade, included, rules)
        for dimension, value, more in _DIMENSIONS:
            found = connection.execute(
                f"WITH x AS (SELECT DISTINCT evidence_id, entry_id, route FROM exposure WHERE grade IN ({listed})) "  # noqa: S608
                f"SELECT {value} AS value, "
                # Of whom it is in doubt whether that is a person at all, only the widest bound knows.
                "count(DISTINCT c.low) FILTER (m.doubt IS NULL), count(DISTINCT c.likely) FILTER (m.doubt IS NULL), "
                "count(DISTINCT c.high) "
                f"FROM numbered m JOIN x USING (evidence_id, entry_id) JOIN clustered c USING (n){more} "
                f"WHERE NOT ({_OF_ITS_OWN_HEAD}) GROUP BY 1 ORDER BY 1"
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


def persons(connection: duckdb.DuckDBPyConnection, case_id: str) -> pa.RecordBatchReader:
    """The rows of `person`, bound after bound, from the `numbered` and `clustered` of `people.cluster`."""

    def rows() -> Iterator[pa.RecordBatch]:
        for bound in BOUNDS:
            found = connection.sql(
                f"WITH g AS (SELECT c.{bound} AS n, count(*) AS mention_count, "  # noqa: S608  bounds stand in people.py
                "CASE WHEN count(DISTINCT m.subject_kind) FILTER (m.subject_kind <> 'unknown') > 1 THEN 'mixed' "
                "ELSE coalesce(min(m.subject_kind) FILTER (m.subject_kind <> 'unknown'), 'unknown') END AS subject_kind "
                "FROM clustered c JOIN numbered m USING (n) GROUP BY 1) "
                f"SELECT '{bound}' AS bound, p.mention_id AS person_id, g.mention_count, g.subject_kind "
                "FROM g JOIN numbered p USING (n) ORDER BY n"
            )
            for batch in found.to_arrow_reader(BATCH_ROWS):
                yield from _with_provenance(pa.Table.from_batches([batch]), PERSON, case_id).to_batches()

    return pa.RecordBatchReader.from_batches(full_schema(PERSON), rows())


def person_mentions(clustered: Clusters, case_id: str) -> pa.RecordBatchReader:
    """The rows of `person_mention` with provenance."""

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in clustered.batches():
            yield from _with_provenance(pa.Table.from_batches([batch]), PERSON_MENTION, case_id).to_batches()

    return pa.RecordBatchReader.from_batches(full_schema(PERSON_MENTION), rows())


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
