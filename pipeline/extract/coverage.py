"""Coverage: for each parser and item what was sought, found, read and missed; and the entries' balance."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from parsers import all_parsers
from pipeline.tables.catalogue import COVERAGE
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import rows_to_table


def coverage(connection: duckdb.DuckDBPyConnection, case_id: str, evidence_id: str, role: str) -> pa.Table:
    """One row per parser for one item, also where nothing was found."""
    told = connection.execute(
        "SELECT parser, count(*), count(*) FILTER (outcome = 'parsed'), count(*) FILTER (outcome = 'empty'), "
        "count(*) FILTER (outcome = 'failed'), sum(row_count) FROM parse_outcome WHERE evidence_id = ? GROUP BY parser",
        [evidence_id],
    ).fetchall()
    refused = dict(
        connection.execute(
            "SELECT parser, count(DISTINCT entry_id) FROM problem WHERE evidence_id = ? AND kind = 'unrecognised' GROUP BY parser",
            [evidence_id],
        ).fetchall()
    )
    found = {row[0]: row[1:] for row in told}
    rows = []
    for parser in all_parsers():
        count, parsed, empty, failed, given = found.get(parser.full_name, (0, 0, 0, 0, 0))
        failed += refused.get(parser.full_name, 0)
        is_expected = role in parser.is_expected_on
        rows.append(
            {
                **provenance_values(
                    case_id=case_id,
                    evidence_id=evidence_id,
                    entry_id=None,
                    locator=None,
                    parser=parser.full_name,
                    version=str(parser.version),
                ),
                "outcome": _outcome(parsed, empty, failed, is_expected=is_expected),
                "is_expected": is_expected,
                "found_count": count + refused.get(parser.full_name, 0),
                "parsed_count": parsed,
                "empty_count": empty,
                "failed_count": failed,
                "row_count": given or 0,
            }
        )
    return rows_to_table(COVERAGE, rows)


def _outcome(parsed: int, empty: int, failed: int, *, is_expected: bool) -> str:
    if failed:
        return "partial" if parsed or empty else "failed"
    if parsed:
        return "parsed"
    if empty:
        return "empty"
    return "missing" if is_expected else "absent"


def imbalance(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Items whose entries with content are not all parsed, not wanted, or a problem; an empty list is the promise kept."""
    rows = connection.execute(
        "WITH held AS (SELECT evidence_id, count(*) AS n FROM file_entry WHERE kind IN ('file', 'stream', 'member') GROUP BY 1), "
        "ended AS (SELECT evidence_id, count(*) AS n, count(DISTINCT entry_id) AS d, "
        "count(*) FILTER (state IN ('parsed', 'not_wanted', 'problem')) AS known FROM entry_content GROUP BY 1) "
        "SELECT evidence_id, held.n, coalesce(ended.n, 0), coalesce(ended.d, 0), coalesce(ended.known, 0) "
        "FROM held FULL JOIN ended USING (evidence_id) ORDER BY 1"
    ).fetchall()
    return [
        f"item {evidence}: {held} entries with content, but {ended} final states ({distinct} distinct, {known} known)"
        for evidence, held, ended, distinct, known in rows
        if not held == ended == distinct == known
    ]
