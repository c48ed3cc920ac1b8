"""The tables of persons: who they are in each bound, which mentions are held to be theirs, and what weighed the pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import numpy as np
import pyarrow as pa

from parsers.contract import Table
from pipeline.scope.counts import STAGE, VERSION
from pipeline.scope.people import BOUNDS, Clusters, batches
from pipeline.tables.catalogue import PERSON, PERSON_MENTION, PERSON_MODEL
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import rows_to_table

BATCH_ROWS = 65_536
KINDS = ("unknown", "customer", "employee", "contact")


def persons(connection: duckdb.DuckDBPyConnection, clustered: Clusters, case_id: str) -> pa.RecordBatchReader:
    """The rows of `person`, bound after bound, by first mention."""

    def rows() -> Iterator[pa.RecordBatch]:
        kinds = kinds_of(connection, len(clustered))
        for bound in BOUNDS:
            yield from _persons(connection, clustered, bound, kinds, case_id)

    return pa.RecordBatchReader.from_batches(full_schema(PERSON), rows())


def kinds_of(connection: duckdb.DuckDBPyConnection, count: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """For each mention of `numbered` the place of its `subject_kind` in `KINDS`, from 1."""
    kinds = np.zeros(count, dtype=np.int8)
    reader = connection.sql(
        f"SELECT n, CAST(coalesce(list_position({list(KINDS)}, subject_kind), 1) AS INTEGER) AS k FROM numbered"  # noqa: S608
    ).to_arrow_reader(1 << 18)
    for batch in reader:
        kinds[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
    return kinds


def _persons(
    connection: duckdb.DuckDBPyConnection,
    clustered: Clusters,
    bound: str,
    kinds: np.ndarray[tuple[int], np.dtype[np.int8]],
    case_id: str,
) -> Iterator[pa.RecordBatch]:
    labels = clustered.people[bound]
    sizes = np.bincount(labels, minlength=len(labels)).astype(np.int32)
    said = np.zeros(len(labels), dtype=np.int8)
    for number in range(2, len(KINDS) + 1):  # every kind that is known, as one bit
        said[labels[kinds == number]] |= 1 << number
    words = {0: "unknown", **{1 << number: KINDS[number - 1] for number in range(2, len(KINDS) + 1)}}
    told = pa.array([words.get(bits, "mixed") for bits in range(1 << (len(KINDS) + 1))], pa.string())
    start = 0
    for batch in connection.sql("SELECT mention_id FROM numbered ORDER BY n").to_arrow_reader(BATCH_ROWS):
        part = slice(start, start + batch.num_rows)
        first = np.flatnonzero(sizes[part])
        table = pa.table(
            {
                "bound": pa.array([bound] * len(first), pa.string()),
                "person_id": pa.array(first + start + 1, pa.int64()),
                "first_mention_id": batch.column(0).take(pa.array(first)).cast(pa.string()),
                "mention_count": pa.array(sizes[part][first], pa.int64()),
                "subject_kind": told.take(pa.array(said[part][first])),
            }
        )
        yield from with_provenance(table, PERSON, case_id).to_batches()
        start += batch.num_rows


def person_mentions(
    connection: duckdb.DuckDBPyConnection, clustered: Clusters, case_id: str
) -> pa.RecordBatchReader:
    """The rows of `person_mention` with provenance."""

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in batches(connection, clustered):
            yield from with_provenance(pa.Table.from_batches([batch]), PERSON_MENTION, case_id).to_batches()

    return pa.RecordBatchReader.from_batches(full_schema(PERSON_MENTION), rows())


def person_model(clustered: Clusters, case_id: str) -> pa.Table:
    """The rows of `person_model`: what weighed the pairs of this case."""
    model = clustered.model
    rows = [
        {
            "field": name,
            "agreement": one,
            "m": rules.m[one],
            "chance": rules.chance.get(one),
            "learned_pairs": model.learned_pairs[name],
        }
        for name, rules in model.fields.items()
        for one in rules.m
    ]
    figures: Mapping[str, float] = {
        "others_per_mention": model.others_per_mention,
        "counted_twice_low": clustered.widening.missed,
        "counted_twice_likely": clustered.widening.unlinked,
        "links_by_chance": clustered.widening.chance,
        **{f"joined_from_{bound}": model.joined_from[bound] for bound in BOUNDS},
    }
    rows += [{"field": "case", "agreement": name, "m": value} for name, value in figures.items()]
    return rows_to_table(PERSON_MODEL, [{**provenance(case_id), **row} for row in rows])


def provenance(case_id: str) -> dict[str, str | None]:
    """The provenance of rows that rest on many entries: the stage alone."""
    return provenance_values(
        case_id=case_id, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )


def with_provenance(rows: pa.Table, table: Table, case_id: str) -> pa.Table:
    """Columns of a table in its order and types, its provenance beside them; what a column lacks is null."""
    schema = full_schema(table)
    stated = provenance(case_id)
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.repeat(pa.scalar(stated.get(field.name), field.type), rows.num_rows)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
