"""The tables of persons: who they are in each bound, which mentions are held to be theirs, and what weighed the pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from parsers.contract import Table
from pipeline.scope.coded import Mentions
from pipeline.scope.counts import provenance
from pipeline.scope.people import BOUNDS, Clusters, batches
from pipeline.scope.people.calibration import Review
from pipeline.tables.catalogue import PERSON, PERSON_MENTION, PERSON_MODEL
from pipeline.tables.schema import full_schema
from pipeline.tables.write import rows_to_table

BATCH_ROWS = 65_536
KINDS = ("unknown", "customer", "employee", "contact")


def persons(
    connection: duckdb.DuckDBPyConnection, mentions: Mentions, clustered: Clusters, case_id: str
) -> pa.RecordBatchReader:
    """The rows of `person`, bound after bound, by first mention."""

    def rows() -> Iterator[pa.RecordBatch]:
        kinds = kinds_of(mentions)
        for bound in BOUNDS:
            yield from _persons(connection, clustered, bound, kinds, case_id)

    return pa.RecordBatchReader.from_batches(full_schema(PERSON), rows())


def kinds_of(mentions: Mentions) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """For each mention the place of its kind in `KINDS`, from 1."""
    places = [KINDS.index(one) + 1 if one in KINDS else 1 for one in mentions.kinds]
    found: np.ndarray[tuple[int], np.dtype[np.int8]] = np.array(places, dtype=np.int8)[mentions.kind]
    return found


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
    if clustered.review is not None:
        rows += _review_rows(clustered.review)
    return rows_to_table(PERSON_MODEL, [{**provenance(case_id), **row} for row in rows])


def _review_rows(review: Review) -> list[dict[str, Any]]:
    """What the answers of a clerical review came to: shares by stratum, thresholds before, errors with their limits."""
    rows: list[dict[str, Any]] = [
        {
            "agreement": f"share of one human: {one.name}",
            "m": one.share,
            "chance": one.expected,
            "learned_pairs": one.answered,
        }
        for one in review.strata
        if one.answered
    ]
    figures: dict[str, float] = {"answers": review.answers, "answers_waiting": len(review.waiting)}
    figures |= {f"joined_from_{bound}_before": review.before[bound] for bound in BOUNDS}
    for name, found in review.errors.items():
        figures |= {name: found.expected, f"{name}_least": found.least, f"{name}_most": found.most}
    rows += [{"agreement": name, "m": value} for name, value in figures.items()]
    rows += [{"agreement": f"joined_from_{bound} kept: {why}"} for bound, why in review.refused.items()]
    return [{"field": "review", **row} for row in rows]


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
