"""Our own side of counting persons, in one process: `python -m tests.bench.persons_reader FOLDER`.

The folder holds a population as `fixtures.populations.write` leaves it. Its lists are made a case, a lost medium with all of them, and
scoped as `kanshiki run` does; every table is written. Printed as JSON: mentions, the seconds from mentions to the last table, the counts.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from parsers.contract import Table
from pipeline import case as cases
from pipeline.scope import stage
from pipeline.tables.catalogue import AFFECTED_COUNT, EVIDENCE_ITEM, FILE_ENTRY
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import rows_to_table

_TOML = '[case]\nnumber = "bench"\n\n[[evidence]]\nid = "lists"\npath = "lists"\nrole = "leaked_medium"\n'


def scoped(folder: Path) -> dict[str, Any]:
    """What a population comes to, and how long that took."""
    _as_case(folder)
    case = cases.load(folder)
    counted: dict[str, Any] = {}
    begun = time.perf_counter()
    for table, rows in stage.compute(case):
        with pq.ParquetWriter(folder / f"{table.name}.parquet", rows.schema) as writer:
            for batch in rows.to_batches() if isinstance(rows, pa.Table) else rows:
                writer.write_batch(batch)
        if table is AFFECTED_COUNT:
            counted = next(one for one in rows.to_pylist() if one["dimension"] == "all")
    seconds = time.perf_counter() - begun
    truth = duckdb.sql(
        f"SELECT count(*), count(DISTINCT person) FILTER (person >= 0) FROM '{folder}/truth.parquet'"
    )
    mentions, persons = truth.fetchall()[0]
    figures = {name: counted[name] for name in ("low", "likely", "high")}
    return {"mentions": mentions, "persons": persons, "seconds": seconds, **figures}


def _as_case(folder: Path) -> None:
    """The entries the mentions stand in, on a medium that was lost."""
    found = duckdb.sql(
        f"SELECT DISTINCT evidence_id, entry_id FROM '{folder}/tables/mention/*/*.parquet' ORDER BY ALL"
    ).fetchall()
    _put(
        folder,
        EVIDENCE_ITEM,
        [{**_of(evidence), "role": "leaked_medium"} for evidence in {one[0] for one in found}],
    )
    _put(
        folder,
        FILE_ENTRY,
        [
            {**_of(evidence, entry), "kind": "file", "is_allocated": True, "path": f"/list{n}.csv"}
            for n, (evidence, entry) in enumerate(found)
        ],
    )
    (folder / "lists").touch()
    (folder / "case.toml").write_text(_TOML, encoding="utf-8")


def _of(evidence: str, entry: str | None = None) -> dict[str, str | None]:
    return provenance_values(
        case_id="bench", evidence_id=evidence, entry_id=entry, locator=None, parser="bench", version="1"
    )


def _put(folder: Path, table: Table, rows: list[dict[str, Any]]) -> None:
    place = folder / "tables" / table.name / "bench"
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows_to_table(table, rows), place / "part.parquet")


if __name__ == "__main__":
    sys.stdout.write(json.dumps(scoped(Path(sys.argv[1]))) + "\n")
