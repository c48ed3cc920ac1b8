"""Counts persons: by grade, by bound, by dimension; and what keeps the maximum open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from parsers.contract import Table
from pipeline.rulebook import SqlRule
from pipeline.scope.coded import Exposures, Mentions
from pipeline.scope.openness import Open, in_words, open_items
from pipeline.scope.people import Clusters, Interval
from pipeline.scope.people.numbers import Mask, Small, unique
from pipeline.scope.unread_persons import Estimate, estimates
from pipeline.tables.catalogue import AFFECTED_COUNT, DECEASED, OPEN_ITEM
from pipeline.tables.schema import provenance_values
from pipeline.tables.write import rows_to_table

STAGE = "pipeline/scope"
VERSION = "6"
# A grade counts what is of it or surer.
GRADES = (
    ("confirmed", ("confirmed",)),
    ("likely", ("confirmed", "likely")),
    ("possible", ("confirmed", "likely", "possible")),
)
_ROUTE, _MEDIUM = 0, 1
_Count = tuple[str | None, Interval]


def counts(
    connection: duckdb.DuckDBPyConnection,
    case_id: str,
    rules: tuple[SqlRule, ...],
    exposures: Exposures,
    clustered: Clusters,
) -> tuple[pa.Table, pa.Table]:
    """The rows of `affected_count` and of `open_item`; `rules` are the exposure rules that were asked.

    `connection` has `exposure`, `entrusted`, and what `openness` asks for.
    """
    rows: list[dict[str, Any]] = []
    kept_open: list[tuple[str, Open]] = []
    entrusters = _entrusters(connection, exposures.mentions)
    # Often nothing is added by the next grade, and counting it again would give the same.
    made: dict[frozenset[tuple[str, str, bytes, bytes]], Mapping[str, Sequence[_Count]]] = {}
    for grade, included in GRADES:
        ways = frozenset(
            (*way[:2], entries.tobytes(), exposures.named[way].tobytes())
            for way, entries in exposures.ways.items()
            if way[2] in included
        )
        counted = made.get(ways) or _dimensions(exposures, included, entrusters, clustered)
        made[ways] = counted
        items = open_items(connection, grade, included, rules, counted["all"][0][1].high)
        kept_open += [(grade, one) for one in items]
        reasons = in_words(items)
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
    estimated = estimates(
        connection, exposures.mentions, clustered.people["likely"], [one for _, one in kept_open]
    )
    return _table(AFFECTED_COUNT, rows, case_id), _table(
        OPEN_ITEM, [_open_row(grade, one, estimated) for grade, one in kept_open], case_id
    )


def _open_row(grade: str, one: Open, estimated: Mapping[tuple[str, str, str], Estimate]) -> dict[str, Any]:
    row = {
        "evidence_id": one.evidence_id,
        "entry_id": one.entry_id,
        "grade": grade,
        "reason": one.reason,
        "what": one.what,
    }
    if one.evidence_id is None or one.entry_id is None:
        return row
    estimate = estimated.get((one.reason, one.evidence_id, one.entry_id))
    if estimate is None:
        return row
    return {
        **row,
        "persons_low": estimate.low,
        "persons_likely": estimate.likely,
        "persons_high": estimate.high,
        "method": estimate.method,
    }


def provenance(case_id: str) -> dict[str, str | None]:
    """The provenance of rows that rest on many entries: the stage alone."""
    return provenance_values(
        case_id=case_id, evidence_id=None, entry_id=None, locator=None, parser=STAGE, version=VERSION
    )


def _table(table: Table, rows: Sequence[Mapping[str, Any]], case_id: str) -> pa.Table:
    return rows_to_table(table, [{**provenance(case_id), **row} for row in rows])


def headlines(rows: pa.Table) -> dict[str, dict[str, int | bool]]:
    """Of the rows of `affected_count` the count of all persons of each grade."""
    return {
        one["grade"]: {name: one[name] for name in ("low", "likely", "high", "estimate", "is_open")}
        for one in rows.to_pylist()
        if one["dimension"] == "all"
    }


def _dimensions(
    exposures: Exposures, grades: Sequence[str], entrusters: Mapping[str, Mask], clustered: Clusters
) -> Mapping[str, Sequence[_Count]]:
    mentions = exposures.mentions
    whole = exposures.masked(grades).get("", np.zeros(len(mentions), dtype=bool))

    def count(mask: Mask) -> Interval:
        return clustered.counted(mask, mentions.is_sure)

    def each(named: Iterable[tuple[str, Callable[[], Mask]]]) -> list[_Count]:
        found = ((value, count(mask())) for value, mask in named)
        return [one for one in found if one[1].high]

    def of_lists(numbers: Small, lists: Sequence[tuple[str, ...]]) -> list[_Count]:
        def mask(value: str) -> Mask:
            has = np.array([value in one for one in lists], dtype=bool)
            found: Mask = whole & has[numbers]
            return found

        return each((value, partial(mask, value)) for value in sorted({one for own in lists for one in own}))

    def of_masks(masks: Mapping[str, Mask]) -> list[_Count]:
        return each((value, lambda mask=mask: mask) for value, mask in masks.items())  # type: ignore[misc]

    return {
        "all": [(None, count(whole))],
        "category": of_lists(mentions.category, mentions.categories),
        "item": of_lists(mentions.item, mentions.items),
        "document": _by_document(whole, mentions, clustered),
        "route": of_masks(exposures.masked(grades, _ROUTE)),
        "medium": of_masks(exposures.masked(grades, _MEDIUM)),
        "subject_kind": of_lists(mentions.kind, [(one,) for one in mentions.kinds]),
        "entruster": of_masks(
            {name: whole & entries[mentions.entry] for name, entries in entrusters.items()}
        ),
        "deceased": _deceased(whole, mentions, clustered),
    }


def _deceased(whole: Mask, mentions: Mentions, clustered: Clusters) -> list[_Count]:
    """The dead among the exposed, who are in no low or likely count: the low one leaves out whom it could hold for somebody living."""
    dead = whole & mentions.is_dead
    if not dead.any():
        return []
    own = unique(clustered.people["low"][dead])
    low = len(np.setdiff1d(own, clustered.people["low"][whole & mentions.is_sure]))
    likely, high = (len(unique(clustered.people[bound][dead])) for bound in ("likely", "high"))
    return [(DECEASED, Interval(low=low, likely=likely, high=high, estimate=likely))]


def _entrusters(connection: duckdb.DuckDBPyConnection, mentions: Mentions) -> dict[str, Mask]:
    """For each entruster the entries whose data are its own; none where the case names no entruster."""
    place = {entry: number for number, entry in enumerate(mentions.entries)}
    found: dict[str, Mask] = {}
    for evidence_id, entry_id, name in connection.execute("SELECT * FROM entrusted ORDER BY ALL").fetchall():
        number = place.get((evidence_id, entry_id))
        if number is not None:
            found.setdefault(name, np.zeros(len(mentions.entries), dtype=bool))[number] = True
    return dict(sorted(found.items()))


def _by_document(whole: Mask, mentions: Mentions, clustered: Clusters) -> list[_Count]:
    counted = clustered.counted_by(mentions.entry, whole, mentions.is_sure)
    found: list[_Count] = [("/".join(mentions.entries[number]), own) for number, own in counted.items()]
    return sorted(found, key=lambda one: one[0] or "")
