"""An examiner's rulings on documents, exposures and pairs of mentions, brought to the rows they speak of.

What a ruling may say stands in `pipeline/case.py`; a ruling on something the case does not hold is an error, never silent.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipeline.case import Case, Ruling
from pipeline.errors import CaseError
from pipeline.scope.people import Ruled


def hold_documents(connection: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Give the connection `ruled_document` (evidence_id, entry_id, decision), and `mention` without what is ruled out.

    Raises:
        CaseError: a ruling names a document the case does not hold.
    """
    for kind in ("document", "candidates"):
        _hold_entries(connection, case, kind)
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW mention AS SELECT m.* REPLACE ("
        "CASE WHEN c.decision = 'confirmed' THEN list_distinct(list_concat(m.categories, m.candidates)) ELSE m.categories END AS categories, "
        "CASE WHEN c.decision IS NULL THEN m.candidates ELSE [] END AS candidates) "
        "FROM memory.main.mention m LEFT JOIN ruled_candidates c USING (evidence_id, entry_id) "
        "WHERE NOT EXISTS (SELECT 1 FROM ruled_document r "
        "WHERE r.evidence_id = m.evidence_id AND r.entry_id = m.entry_id AND r.decision = 'no_persons')"
    )


def _hold_entries(connection: duckdb.DuckDBPyConnection, case: Case, kind: str) -> None:
    """Give the connection `ruled_<kind>` (evidence_id, entry_id, decision): the rulings of a kind that name an entry, one an entry.

    Raises:
        CaseError: a ruling names an entry the case does not hold, or two decide one entry differently.
    """
    table = f"ruled_{kind}"  # a kind stands in this file
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} (evidence_id VARCHAR, entry_id VARCHAR, decision VARCHAR)"
    )
    decided: dict[tuple[str, str], Ruling] = {}
    for ruling in _of_kind(case, kind):
        entry = _entry(connection, ruling)
        before = decided.setdefault(entry, ruling)
        if before.decision != ruling.decision:
            raise CaseError(
                f"two rulings on {ruling.on!r} contradict each other, {before.decision!r} and {ruling.decision!r}: leave the one that holds"
            )
    for entry, ruling in decided.items():
        connection.execute(f"INSERT INTO {table} VALUES (?, ?, ?)", [*entry, ruling.decision])  # noqa: S608


def on_exposures(
    connection: duckdb.DuckDBPyConnection, case: Case, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Exposures with the rulings on them: `none` excludes every row of an entry, a grade is a row of its own in their place.

    Raises:
        CaseError: a ruling names an entry the case does not hold.
    """
    for ruling in _of_kind(case, "exposure"):
        evidence_id, entry_id = _entry(connection, ruling)
        for row in rows:
            if (row["evidence_id"], row["entry_id"]) == (evidence_id, entry_id):
                row["grade"] = "excluded"
        if ruling.decision != "none":
            rows.append(
                {
                    "case_id": case.number,
                    "evidence_id": evidence_id,
                    "entry_id": entry_id,
                    "parser": "case.toml",
                    "parser_version": (case.toml_sha256 or "")[:12],
                    "status": "ok",
                    "rule": "ruling",
                    "route": "ruling",
                    "grade": ruling.decision,
                    "medium": f"item:{evidence_id}",
                    "reason": ruling.reason,
                    "supports": [f"ruling by {ruling.by} on {ruling.on}"],
                }
            )
    return rows


def on_pairs(connection: duckdb.DuckDBPyConnection, case: Case) -> tuple[Ruled, ...]:
    """The rulings on pairs of mentions.

    Raises:
        CaseError: a ruling names a mention the case does not hold.
    """
    found = []
    for ruling in _of_kind(case, "pair"):
        one, _, other = ruling.subject.partition("+")
        for name in (one, other):
            _require(connection, "SELECT count(*) FROM mention WHERE mention_id = ?", [name], ruling)
        found.append(Ruled(one=one, other=other, is_same=ruling.decision == "same"))
    return tuple(found)


def _of_kind(case: Case, kind: str) -> list[Ruling]:
    return [one for one in case.rulings if one.kind == kind]


def _entry(connection: duckdb.DuckDBPyConnection, ruling: Ruling) -> tuple[str, str]:
    evidence_id, _, entry_id = ruling.subject.partition("/")
    query = "SELECT count(*) FROM file_entry WHERE evidence_id = ? AND entry_id = ?"
    _require(connection, query, [evidence_id, entry_id], ruling)
    return evidence_id, entry_id


def _require(connection: duckdb.DuckDBPyConnection, query: str, names: list[str], ruling: Ruling) -> None:
    if not connection.execute(query, names).fetchall()[0][0]:
        raise CaseError(
            f"the ruling on {ruling.on!r} names {'/'.join(names)}, which this case does not hold: take the identifier from the report"
        )
