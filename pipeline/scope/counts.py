"""Counts persons: by grade, by bound, by dimension; and what keeps the maximum open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from parsers.contract import Table
from pipeline.rulebook import SqlRule
from pipeline.scope.openness import open_reasons
from pipeline.scope.people import BOUNDS, Clusters, Interval, batches
from pipeline.tables.catalogue import AFFECTED_COUNT, DECEASED, PERSON, PERSON_MENTION, PERSON_MODEL
from pipeline.tables.schema import full_schema, provenance_values
from pipeline.tables.write import rows_to_table

STAGE = "pipeline/scope"
VERSION = "5"
BATCH_ROWS = 65_536
# A grade counts what is of it or surer.
GRADES = (
    ("confirmed", ("confirmed",)),
    ("likely", ("confirmed", "likely")),
    ("possible", ("confirmed", "likely", "possible")),
)
# Who sends a mail and who gets it know of one another already: by the sending nothing of theirs went out.
_NOT_OF_ITS_OWN_HEAD = ("sent_outside", "sent_outside_in_store")
# Where addresses were shown to one another, they leaked, and of nobody else than outsiders among the recipients.
_ADDRESSES = "addresses_shown"
_HEADS = ("mail sender", "mail recipient")
_KINDS = ("unknown", "customer", "employee", "contact")

_Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
_Small = np.ndarray[tuple[int], np.dtype[np.int32]]
_Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
_Count = tuple[str | None, Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mentions:
    """What counting asks of each mention, as numbers; the lists beside say what the numbers stand for."""

    entry: _Small
    entries: Sequence[tuple[str, str]]
    category: _Small
    categories: Sequence[tuple[str, ...]]
    item: _Small
    items: Sequence[tuple[str, ...]]
    kind: _Small
    kinds: Sequence[str]
    is_head: _Mask
    is_shown: _Mask
    is_sure: _Mask
    is_dead: _Mask


def counts(
    connection: duckdb.DuckDBPyConnection, case_id: str, rules: tuple[SqlRule, ...], clustered: Clusters
) -> pa.Table:
    """The rows of `affected_count`; `rules` are the exposure rules that were asked.

    `connection` has `exposure`, the `numbered` of `people.cluster`, and what `openness` asks for.
    """
    rows = []
    mentions = _mentions(connection, clustered)
    # Often nothing is added by the next grade, and counting it again would give the same.
    made: dict[tuple[tuple[str, str, str], ...], dict[str, list[_Count]]] = {}
    for grade, included in GRADES:
        listed = ", ".join(f"'{one}'" for one in included)
        exposed = tuple(
            connection.execute(
                f"SELECT DISTINCT evidence_id, entry_id, route FROM exposure WHERE grade IN ({listed}) ORDER BY ALL"  # noqa: S608
            ).fetchall()
        )
        counted = made.get(exposed) or _dimensions(mentions, clustered, exposed)
        made[exposed] = counted
        reasons = open_reasons(connection, grade, included, rules, counted["all"][0][1].high)
        for dimension, found in counted.items():
            for what, count in found:
                rows.append(
                    {
                        "grade": grade,
                        "dimension": dimension,
                        "value": what,
                        "low": count.low,
                        "likely": count.likely,
                        "high": count.high,
                        "estimate": count.estimate,
                        "is_open": bool(reasons),
                        "open_reasons": reasons,
                    }
                )
    provenance = _provenance(case_id)
    schema = full_schema(AFFECTED_COUNT)
    return pa.table(
        {
            field.name: pa.array([{**provenance, **row}.get(field.name) for row in rows], field.type)
            for field in schema
        },
        schema=schema,
    )


def _dimensions(
    mentions: _Mentions, clustered: Clusters, exposed: Sequence[tuple[str, str, str]]
) -> dict[str, list[_Count]]:
    routes: dict[str, _Mask] = {}
    place = {entry: number for number, entry in enumerate(mentions.entries)}
    for evidence_id, entry_id, route in exposed:
        number = place.get((evidence_id, entry_id))
        if number is not None:
            routes.setdefault(route, np.zeros(len(mentions.entries), dtype=bool))[number] = True
    by_route = {
        route: entries[mentions.entry] & _of_route(route, mentions)
        for route, entries in sorted(routes.items())
    }
    whole = np.zeros(len(mentions.entry), dtype=bool)
    for mask in by_route.values():
        whole |= mask

    def held(numbers: _Small, lists: Sequence[tuple[str, ...]]) -> list[_Count]:
        found = []
        for value in sorted({one for combination in lists for one in combination}):
            has = np.array([value in combination for combination in lists], dtype=bool)
            found.append(_count(value, whole & has[numbers], mentions, clustered))
        return [one for one in found if one[1].high]

    return {
        "all": [_count(None, whole, mentions, clustered)],
        "category": held(mentions.category, mentions.categories),
        "item": held(mentions.item, mentions.items),
        "document": _by_document(whole, mentions, clustered),
        "route": [
            one
            for one in (_count(route, mask, mentions, clustered) for route, mask in by_route.items())
            if one[1].high
        ],
        "subject_kind": held(mentions.kind, [(one,) for one in mentions.kinds]),
        "deceased": _deceased(whole, mentions, clustered),
    }


def _deceased(whole: _Mask, mentions: _Mentions, clustered: Clusters) -> list[_Count]:
    """The dead among the exposed, who are in no low or likely count: the low one leaves out whom it could hold for somebody living."""
    dead = whole & mentions.is_dead
    if not dead.any():
        return []
    own = np.unique(clustered.people["low"][dead])
    low = len(np.setdiff1d(own, clustered.people["low"][whole & mentions.is_sure]))
    likely, high = (len(np.unique(clustered.people[bound][dead])) for bound in ("likely", "high"))
    return [(DECEASED, Interval(low=low, likely=likely, high=high, estimate=likely))]


def _of_route(route: str, mentions: _Mentions) -> _Mask:
    """Of the mentions in an entry exposed on a route, those whose data went that way."""
    if route == _ADDRESSES:
        return mentions.is_shown
    return ~mentions.is_head if route in _NOT_OF_ITS_OWN_HEAD else np.ones(len(mentions.entry), dtype=bool)


def _count(value: str | None, mask: _Mask, mentions: _Mentions, clustered: Clusters) -> _Count:
    return value, clustered.counted(mask, mentions.is_sure)


def _by_document(whole: _Mask, mentions: _Mentions, clustered: Clusters) -> list[_Count]:
    def per_entry(labels: _Small, mask: _Mask) -> _Ints:
        packed = np.unique((mentions.entry[mask].astype(np.int64) << 32) | labels[mask])
        return np.bincount(packed >> 32, minlength=len(mentions.entries))

    sure = whole & mentions.is_sure
    low, likely = (per_entry(clustered.people[bound], sure) for bound in ("low", "likely"))
    high, forms = per_entry(clustered.people["high"], whole), per_entry(clustered.form, whole)
    registered = per_entry(clustered.people["low"], sure & clustered.is_registered)
    found: list[_Count] = []
    for number in np.flatnonzero(high):
        own = clustered.widened(
            low=int(low[number]),
            likely=int(likely[number]),
            high=int(high[number]),
            forms=int(forms[number]),
            registered=int(registered[number]),
        )
        found.append(("/".join(mentions.entries[int(number)]), own))
    return sorted(found, key=lambda one: one[0] or "")


def _mentions(connection: duckdb.DuckDBPyConnection, clustered: Clusters) -> _Mentions:
    told, words = _encoded(
        connection,
        {
            # A tab stands in no identifier of ours.
            "entry": "concat(evidence_id, chr(9), entry_id)",
            "category": "array_to_string(coalesce(categories, []), ' ')",
            "item": "array_to_string(coalesce(items, []), ' ')",
            "kind": "coalesce(subject_kind, 'unknown')",
            "role": "coalesce(role, '')",
            "doubt": "coalesce(doubt, '')",
        },
    )
    # One list says that a person is dead; what other lists hold of the same human is of somebody dead as well.
    persons = clustered.people["likely"]
    buried = np.zeros(len(persons), dtype=bool)
    buried[persons[np.array([one == DECEASED for one in words["doubt"]], dtype=bool)[told["doubt"]]]] = True
    is_dead = buried[persons]
    kinds, roles = words["kind"], words["role"]
    kind, role = told["kind"], told["role"]
    return _Mentions(
        entry=told["entry"],
        entries=[(one.split("\t")[0], one.split("\t")[1]) for one in words["entry"]],
        category=told["category"],
        categories=[tuple(one.split()) for one in words["category"]],
        item=told["item"],
        items=[tuple(one.split()) for one in words["item"]],
        kind=kind,
        kinds=kinds,
        is_head=np.array([one in _HEADS for one in roles], dtype=bool)[role],
        is_shown=np.array([one == "mail recipient" for one in roles], dtype=bool)[role]
        & np.array([one != "employee" for one in kinds], dtype=bool)[kind],
        is_sure=np.array([one == "" for one in words["doubt"]], dtype=bool)[told["doubt"]] & ~is_dead,
        is_dead=is_dead,
    )


def _encoded(
    connection: duckdb.DuckDBPyConnection, asked: Mapping[str, str]
) -> tuple[dict[str, _Small], dict[str, list[str]]]:
    """Expressions over `numbered` as numbers in the order of `n`, read in one pass, and the words the numbers stand for."""
    count = int(connection.sql("SELECT count(*) FROM numbered").fetchall()[0][0])
    found = {name: np.zeros(count, dtype=np.int32) for name in asked}
    known: dict[str, dict[str, int]] = {name: {} for name in asked}
    listed = ", ".join(asked.values())
    for batch in connection.sql(f"SELECT n, {listed} FROM numbered").to_arrow_reader(1 << 18):  # noqa: S608
        place = batch.column(0).to_numpy()
        for number, name in enumerate(asked, start=1):
            encoded = batch.column(number).dictionary_encode()
            own = known[name]
            numbers = np.array(
                [own.setdefault(word, len(own)) for word in encoded.dictionary.to_pylist()], dtype=np.int32
            )
            found[name][place] = numbers[encoded.indices.to_numpy()]
    return found, {name: list(own) for name, own in known.items()}


def persons(connection: duckdb.DuckDBPyConnection, clustered: Clusters, case_id: str) -> pa.RecordBatchReader:
    """The rows of `person`, bound after bound, by first mention."""

    def rows() -> Iterator[pa.RecordBatch]:
        kinds = np.zeros(len(clustered), dtype=np.int8)
        reader = connection.sql(
            f"SELECT n, CAST(coalesce(list_position({list(_KINDS)}, subject_kind), 1) AS INTEGER) AS k "
            "FROM numbered"
        ).to_arrow_reader(1 << 18)
        for batch in reader:
            kinds[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
        for bound in BOUNDS:
            yield from _persons(connection, clustered, bound, kinds, case_id)

    return pa.RecordBatchReader.from_batches(full_schema(PERSON), rows())


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
    for number in range(2, len(_KINDS) + 1):  # every kind that is known, as one bit
        said[labels[kinds == number]] |= 1 << number
    words = {0: "unknown", **{1 << number: _KINDS[number - 1] for number in range(2, len(_KINDS) + 1)}}
    told = pa.array([words.get(bits, "mixed") for bits in range(1 << (len(_KINDS) + 1))], pa.string())
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
        yield from _with_provenance(table, PERSON, case_id).to_batches()
        start += batch.num_rows


def person_mentions(
    connection: duckdb.DuckDBPyConnection, clustered: Clusters, case_id: str
) -> pa.RecordBatchReader:
    """The rows of `person_mention` with provenance."""

    def rows() -> Iterator[pa.RecordBatch]:
        for batch in batches(connection, clustered):
            yield from _with_provenance(pa.Table.from_batches([batch]), PERSON_MENTION, case_id).to_batches()

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
    return rows_to_table(PERSON_MODEL, [{**_provenance(case_id), **row} for row in rows])


def _provenance(case_id: str) -> dict[str, str | None]:
    return provenance_values(
        case_id=case_id, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )


def _with_provenance(rows: pa.Table, table: Table, case_id: str) -> pa.Table:
    schema = full_schema(table)
    provenance = _provenance(case_id)
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.repeat(pa.scalar(provenance.get(field.name), field.type), rows.num_rows)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
