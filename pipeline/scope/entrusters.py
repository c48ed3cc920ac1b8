"""Whose data an entry is: that of those who entrusted it to the client, as case.toml says, or the client's own."""

from __future__ import annotations

import duckdb

from pipeline.case import Case
from pipeline.errors import CaseError

OWN = "own"


def hold(connection: duckdb.DuckDBPyConnection, case: Case) -> None:
    """Give the connection `entrusted` (evidence_id, entry_id, name): nothing where the case names no entruster, else every entry.

    An entry two entrusters are named for is in the data of both; one that none is named for is the client's own (`own`).

    Raises:
        CaseError: an entruster is named for an item or for paths the case does not hold.
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE entrusted (evidence_id VARCHAR, entry_id VARCHAR, name VARCHAR)"
    )
    for one in case.entrusters:
        for evidence_id in one.evidence:
            case.item(evidence_id)
            _take(connection, one.name, "evidence_id = ?", evidence_id)
        for pattern in one.paths:
            if not _take(
                connection,
                one.name,
                "lower(nfc_normalize(path)) GLOB lower(nfc_normalize(?))",
                _plain(pattern),
            ):
                raise CaseError(
                    f"entruster {one.name!r}: no path of this case matches {pattern!r}, and that would count nobody: `*` stands for any signs"
                )
    if case.entrusters:
        connection.execute(
            "INSERT INTO entrusted SELECT evidence_id, entry_id, ? FROM file_entry f "
            "WHERE NOT EXISTS (SELECT 1 FROM entrusted e WHERE e.evidence_id = f.evidence_id AND e.entry_id = f.entry_id)",
            [OWN],
        )


def _plain(pattern: str) -> str:
    """A pattern in which only `*` and `?` are special, as paths hold brackets."""
    return pattern.replace("[", "[[]")


def _take(connection: duckdb.DuckDBPyConnection, name: str, condition: str, value: str) -> int:
    """Entries that meet a condition of this file become an entruster's; gives how many there are."""
    known = f"FROM file_entry WHERE {condition}"
    connection.execute(
        f"INSERT INTO entrusted SELECT evidence_id, entry_id, ? {known} EXCEPT SELECT * FROM entrusted",  # noqa: S608
        [name, value],
    )
    ((count,),) = connection.execute(f"SELECT count(*) {known}", [value]).fetchall()  # noqa: S608
    return int(count)
