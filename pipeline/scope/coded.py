"""What counting asks of each mention, as columns of numbers; lists beside them say what the numbers stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from pipeline.scope import gone
from pipeline.scope.people.numbers import Ints, Mask, Small
from pipeline.tables.catalogue import DECEASED


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """The mentions in the order of `n` of the table `numbered`.

    `entry`, `category`, `item`, `candidate` and `kind` are places in the lists beside them; `is_head` and `is_shown` say what `gone`
    asks; `is_sure` that nothing speaks against a living natural person, `is_dead` that the person is told to be dead.
    """

    entry: Small
    entries: Sequence[tuple[str, str]]
    category: Small
    categories: Sequence[tuple[str, ...]]
    item: Small
    items: Sequence[tuple[str, ...]]
    candidate: Small
    candidates: Sequence[tuple[str, ...]]
    kind: Small
    kinds: Sequence[str]
    is_head: Mask
    is_shown: Mask
    is_sure: Mask
    is_dead: Mask

    def __len__(self) -> int:
        return len(self.entry)

    def went(self, route: str) -> Mask:
        """Of the mentions in an entry exposed on a route, those whose data went that way."""
        if route == gone.ADDRESSES:
            return self.is_shown
        return ~self.is_head if route in gone.SENDINGS else np.ones(len(self), dtype=bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures:
    """The ways mentions went: for each (route, medium, grade) the entries exposed so, and of stores of mails the mentions.

    Of a store that is not exposed as a whole, `named` has the mentions that stand in the mails that are.
    """

    mentions: Mentions
    ways: Mapping[tuple[str, str, str], Mask]
    named: Mapping[tuple[str, str, str], Ints]

    def masked(self, grades: Sequence[str], by: int | None = None) -> dict[str, Mask]:
        """Mentions of some grades by the route (0) or the medium (1) they went, or all of them under the empty name."""
        found: dict[str, Mask] = {}
        for way, entries in self.ways.items():
            if way[2] not in grades:
                continue
            name = "" if by is None else way[by]
            mask = entries[self.mentions.entry]
            mask[self.named[way]] = True
            mask &= self.mentions.went(way[0])
            found[name] = found[name] | mask if name in found else mask
        return dict(sorted(found.items()))


def read_mentions(connection: duckdb.DuckDBPyConnection, persons: Small) -> Mentions:
    """The mentions of the table `numbered` of `people.cluster`, whose likely persons are given."""
    told, words = encoded(
        connection,
        {
            # A tab stands in no identifier of ours.
            "entry": "concat(evidence_id, chr(9), entry_id)",
            "category": "array_to_string(coalesce(categories, []), ' ')",
            "item": "array_to_string(coalesce(items, []), ' ')",
            "candidate": "array_to_string(coalesce(candidates, []), ' ')",
            "kind": "coalesce(subject_kind, 'unknown')",
            # Four answers as one number.
            "is": f"concat({gone.IS_HEAD}::INT, {gone.IS_SHOWN}::INT, (doubt IS NULL)::INT, coalesce(doubt = '{DECEASED}', false)::INT)",
        },
    )
    is_head, is_shown, is_sure, is_told_dead = (
        np.array([one[at] == "1" for one in words["is"]], dtype=bool)[told["is"]] for at in range(4)
    )
    # One list says that a person is dead; what other lists hold of the same human is of somebody dead as well.
    buried = np.zeros(len(persons), dtype=bool)
    buried[persons[is_told_dead]] = True
    is_dead = buried[persons]
    return Mentions(
        entry=told["entry"],
        entries=[(one.split("\t")[0], one.split("\t")[1]) for one in words["entry"]],
        category=told["category"],
        categories=[tuple(one.split()) for one in words["category"]],
        item=told["item"],
        items=[tuple(one.split()) for one in words["item"]],
        candidate=told["candidate"],
        candidates=[tuple(one.split()) for one in words["candidate"]],
        kind=told["kind"],
        kinds=words["kind"],
        is_head=is_head,
        is_shown=is_shown,
        is_sure=is_sure & ~is_dead,
        is_dead=is_dead,
    )


def read_exposures(connection: duckdb.DuckDBPyConnection, mentions: Mentions) -> Exposures:
    """The ways of the view `exposure`, those of no mention left out."""
    place = {entry: number for number, entry in enumerate(mentions.entries)}
    ways: dict[tuple[str, str, str], Mask] = {}
    whole = connection.execute(
        "SELECT DISTINCT evidence_id, entry_id, route, medium, grade FROM exposure WHERE locator IS NULL ORDER BY ALL"
    )
    for evidence_id, entry_id, *way in whole.fetchall():
        number = place.get((evidence_id, entry_id))
        if number is not None:
            ways.setdefault(tuple(way), np.zeros(len(place), dtype=bool))[number] = True
    # An exposure with a locator is one of a mail within a store.
    of_mails = connection.execute(
        "SELECT DISTINCT x.route, x.medium, x.grade, n.n FROM exposure x "
        "JOIN (SELECT mention_id, evidence_id, entry_id, unnest(mails) AS locator FROM mention WHERE mails IS NOT NULL) m USING (evidence_id, entry_id, locator) "
        "JOIN numbered n USING (mention_id) ORDER BY ALL"
    )
    named: dict[tuple[str, str, str], list[int]] = {}
    for *way, number in of_mails.fetchall():
        named.setdefault(tuple(way), []).append(number)
        ways.setdefault(tuple(way), np.zeros(len(place), dtype=bool))
    return Exposures(
        mentions=mentions,
        ways=ways,
        named={way: np.array(named.get(way, []), dtype=np.int64) for way in ways},
    )


def encoded(
    connection: duckdb.DuckDBPyConnection, asked: Mapping[str, str]
) -> tuple[dict[str, Small], dict[str, list[str]]]:
    """Expressions over `numbered` (`m`) as numbers in the order of `n`, read in one pass, and the words the numbers stand for."""
    count = int(connection.sql("SELECT count(*) FROM numbered").fetchall()[0][0])
    found = {name: np.zeros(count, dtype=np.int32) for name in asked}
    known: dict[str, dict[str, int]] = {name: {} for name in asked}
    listed = ", ".join(asked.values())
    for batch in connection.sql(f"SELECT n, {listed} FROM numbered m").to_arrow_reader(1 << 18):  # noqa: S608
        place = batch.column(0).to_numpy()
        for number, name in enumerate(asked, start=1):
            words = batch.column(number).dictionary_encode()
            own = known[name]
            numbers = np.array(
                [own.setdefault(word, len(own)) for word in words.dictionary.to_pylist()], dtype=np.int32
            )
            found[name][place] = numbers[words.indices.to_numpy()]
    return found, {name: list(own) for name, own in known.items()}
