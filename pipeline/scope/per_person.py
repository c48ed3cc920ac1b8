"""The table `per_person`: for each person likely affected, what of theirs went out, which ways, and whether they can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.case import Case
from pipeline.scope.coded import Exposures, Mentions
from pipeline.scope.people import Clusters
from pipeline.scope.people.numbers import Ints, Mask, Small, unique
from pipeline.scope.person_tables import BATCH_ROWS, KINDS, kinds_of, with_provenance
from pipeline.tables.catalogue import PER_PERSON
from pipeline.tables.schema import full_schema

_GRADES = ("confirmed", "likely", "possible")
_REACHED_BY = ("address_key", "email_key", "phone_key")
_NEVER = np.iinfo(np.int64).min
# When what stands in an entry was last changed: the mail's own time, the file's, or that of the container it lies in. A wall clock is
# read in the case's zone.
_CHANGED = """
WITH RECURSIVE own AS (
    SELECT f.evidence_id, f.entry_id, f.container_entry_id,
        coalesce(m.sent_at, f.modified_at, timezone($zone, f.modified_local)) AS changed_at
    FROM file_entry f
    LEFT JOIN (SELECT evidence_id, entry_id, max(sent_at) AS sent_at FROM mail_message GROUP BY ALL) m USING (evidence_id, entry_id)
), up AS (
    SELECT evidence_id, entry_id, container_entry_id, changed_at FROM own
    UNION ALL
    SELECT u.evidence_id, u.entry_id, o.container_entry_id, o.changed_at
    FROM up u JOIN own o ON o.evidence_id = u.evidence_id AND o.entry_id = u.container_entry_id
    WHERE u.changed_at IS NULL
)
SELECT evidence_id, entry_id, epoch_us(changed_at) FROM up WHERE changed_at IS NOT NULL
"""


def rows(
    connection: duckdb.DuckDBPyConnection, case: Case, exposures: Exposures, clustered: Clusters
) -> pa.RecordBatchReader:
    """The rows of `per_person`, by the number of the person; `connection` has `numbered` and the tables of the case.

    A person is one of the bound `likely` with a mention that went out. Reached is a person by any mention in the case, exposed or not.
    """
    return pa.RecordBatchReader.from_batches(
        full_schema(PER_PERSON), _batches(connection, case, exposures, clustered)
    )


@dataclass(frozen=True, slots=True)
class _ByPerson:
    """Mentions sorted by person, to bring what each says together person by person."""

    order: Ints
    starts: Ints

    @classmethod
    def of(cls, labels: Small, mask: Mask) -> _ByPerson:
        chosen = np.flatnonzero(mask)
        order = chosen[np.argsort(labels[chosen], kind="stable")]
        own = labels[order]
        starts = (
            np.flatnonzero(np.concatenate([[True], own[1:] != own[:-1]]))
            if len(own)
            else own.astype(np.int64)
        )
        return cls(order, starts)

    def any_of(
        self, bits: np.ndarray[tuple[int], np.dtype[np.uint64]]
    ) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        """What any mention of each person says, bit by bit."""
        found: np.ndarray[tuple[int], np.dtype[np.uint64]] = np.bitwise_or.reduceat(
            bits[self.order], self.starts
        )
        return found

    def most(self, values: Ints) -> Ints:
        """The largest value of each person."""
        found: Ints = np.maximum.reduceat(values[self.order], self.starts)
        return found

    def counts(self) -> Ints:
        """How many mentions each person has."""
        return np.diff(np.append(self.starts, len(self.order)))


@dataclass(frozen=True, slots=True)
class _Coded:
    """A column of few values: they, and which of them each row has. The rows are made batch by batch."""

    values: pa.Array
    places: Ints


def _batches(
    connection: duckdb.DuckDBPyConnection, case: Case, exposures: Exposures, clustered: Clusters
) -> Iterator[pa.RecordBatch]:
    mentions, labels = exposures.mentions, clustered.people["likely"]
    whole = exposures.masked(_GRADES).get("", np.zeros(len(mentions), dtype=bool))
    if not whole.any():
        return
    exposed = _ByPerson.of(labels, whole)
    people = labels[exposed.order[exposed.starts]]
    grade = np.full(len(mentions), len(_GRADES), dtype=np.int64)
    for at in reversed(range(len(_GRADES))):
        grade[exposures.masked(_GRADES[: at + 1]).get("", np.zeros(len(mentions), dtype=bool))] = at
    columns: dict[str, _Coded | pa.Array] = {
        "grade": _Coded(pa.array(_GRADES), -exposed.most(-grade)),
        "routes": _lists(exposed, *_masks(exposures.masked(_GRADES, 0), len(mentions))),
        "items": _lists(exposed, mentions.item, mentions.items),
        "categories": _lists(exposed, mentions.category, mentions.categories),
        "candidates": _lists(exposed, mentions.candidate, mentions.candidates),
        "subject_kind": _kind(exposed, mentions),
        "is_in_doubt": pa.array(exposed.most(mentions.is_sure.astype(np.int64)) == 0),
        "mention_count": pa.array(exposed.counts()),
        "document_count": pa.array(_documents(mentions.entry, labels, whole, people)),
        **_contact(connection, case, mentions.entry, mentions.entries, labels, people),
    }
    del exposed, grade
    for start in range(0, len(people), BATCH_ROWS):
        part = slice(start, start + BATCH_ROWS)
        told = {
            name: one.values.take(pa.array(one.places[part])) if isinstance(one, _Coded) else one[part]
            for name, one in columns.items()
        }
        table = pa.table({"person_id": pa.array(people[part].astype(np.int64) + 1), **told})
        yield from with_provenance(table, PER_PERSON, case.number).to_batches()


def _masks(masks: dict[str, Mask], count: int) -> tuple[Small, list[tuple[str, ...]]]:
    """Masks by name as one number a mention, and the names each number stands for."""
    bits = np.zeros(count, dtype=np.int64)
    for at, mask in enumerate(masks.values()):
        bits[mask] |= 1 << at
    known, numbers = np.unique(bits, return_inverse=True)
    named = [tuple(name for at, name in enumerate(masks) if one >> at & 1) for one in known.tolist()]
    return numbers.astype(np.int32), named


def _lists(persons: _ByPerson, numbers: Small, lists: Sequence[tuple[str, ...]]) -> _Coded:
    """All that the mentions of each person say, as sorted lists of words."""
    words = sorted({one for own in lists for one in own})
    parts = []
    for start in range(0, max(len(words), 1), 63):  # so many words as bits of one number
        own = words[start : start + 63]
        bits = np.array(
            [sum(1 << own.index(one) for one in each if one in own) for each in lists], dtype=np.uint64
        )
        parts.append(persons.any_of(bits[numbers]))
    # What the parts say together as one number, part after part: sorting numbers is much cheaper than sorting rows.
    place: Ints = np.unique(parts[0], return_inverse=True)[1].astype(np.int64)
    for part in parts[1:]:
        values, own_place = np.unique(part, return_inverse=True)
        place = np.unique(place * len(values) + own_place, return_inverse=True)[1].astype(np.int64)
    _, first = np.unique(place, return_index=True)
    named = [
        [word for at, word in enumerate(words) if int(parts[at // 63][one]) >> at % 63 & 1] for one in first
    ]
    return _Coded(pa.array(named, pa.list_(pa.string())), place)


def _kind(persons: _ByPerson, mentions: Mentions) -> _Coded:
    bits = np.left_shift(np.uint64(1), kinds_of(mentions).astype(np.uint64))
    said = persons.any_of(bits) >> np.uint64(2)  # unknown says nothing
    words = {0: "unknown", **{1 << at: name for at, name in enumerate(KINDS[1:])}}
    told = pa.array([words.get(one, "mixed") for one in range(1 << (len(KINDS) - 1))], pa.string())
    return _Coded(told, said.astype(np.int64))


def _documents(entry: Small, labels: Small, whole: Mask, people: Small) -> Ints:
    packed = unique((labels[whole].astype(np.int64) << 32) | entry[whole])
    owners, counts = np.unique(packed >> 32, return_counts=True)
    found: Ints = counts[np.searchsorted(owners, people)]
    return found


def _contact(
    connection: duckdb.DuckDBPyConnection,
    case: Case,
    entry: Small,
    entries: Sequence[tuple[str, str]],
    labels: Small,
    people: Small,
) -> dict[str, pa.Array]:
    """Columns has_address, has_email, has_phone, contact_changed_at and contact_age_days of some persons."""
    reached = np.zeros(len(entry), dtype=np.uint64)
    asked = " + ".join(f"({key} IS NOT NULL)::INT * {1 << at}" for at, key in enumerate(_REACHED_BY))
    told = connection.sql(f"SELECT n, {asked} FROM numbered").to_arrow_reader(1 << 18)  # noqa: S608
    for batch in told:
        reached[batch.column(0).to_numpy()] = batch.column(1).to_numpy()
    is_asked = np.zeros(len(labels), dtype=bool)
    is_asked[people] = True
    changed = _changed(connection, case, entries)[entry]
    changed[reached == 0] = _NEVER
    persons = _ByPerson.of(labels, is_asked[labels])
    bits, newest = persons.any_of(reached), persons.most(changed)
    is_known = newest != _NEVER
    ages = None
    if case.knowledge:
        known = min(one.at for one in case.knowledge)
        ages = (int(known.timestamp() * 1_000_000) - newest) // int(
            timedelta(days=1) / timedelta(microseconds=1)
        )
    return {
        **{
            f"has_{key.removesuffix('_key')}": pa.array((bits >> np.uint64(at) & np.uint64(1)).astype(bool))
            for at, key in enumerate(_REACHED_BY)
        },
        "contact_changed_at": pa.array(newest, mask=~is_known).cast(pa.timestamp("us", "UTC")),
        "contact_age_days": pa.nulls(len(people), pa.int64())
        if ages is None
        else pa.array(ages, mask=~is_known),
    }


def _changed(connection: duckdb.DuckDBPyConnection, case: Case, entries: Sequence[tuple[str, str]]) -> Ints:
    place = {one: at for at, one in enumerate(entries)}
    found = np.full(len(entries), _NEVER, dtype=np.int64)
    for evidence_id, entry_id, at in connection.execute(_CHANGED, {"zone": case.time_zone}).fetchall():
        number = place.get((evidence_id, entry_id))
        if number is not None:
            found[number] = max(found[number], at)
    return found
