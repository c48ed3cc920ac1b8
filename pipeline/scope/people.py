"""Persons from mentions by deterministic keys, in three bounds; a rule that joins more stands in all bounds below.

- high joins only what cannot be two: a customer or employee number with the same name, or the same name with the same
  date of birth, telephone number, mail address or postal address.
- likely joins also a number, a mail address with no other name beside it, and kana with date of birth or telephone.
- low joins everything that could be the same human: the same telephone number, mail address or number, and the same name or
  kana unless two dates of birth tell two humans apart. Mentions with neither name nor number make no person of their own
  beside others, since any of those may be meant.

Chains are cut: where a chain of joins in high or likely ends with two dates of birth, or two names, in one person, it
is parted again. In high a mention that does not say which of them it means stands alone, so that the bound stays one;
in likely it goes with the first. An examiner's ruling that two mentions are one human, or two, holds in every bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

BOUNDS = ("high", "likely", "low")
# Each rule: the bound from which on it joins, its name, and the SQL of its key (null: the rule says nothing of the mention).
_RULES = (
    ("high", "number+name", "number_key || '|' || name_key"),
    ("high", "name+birth_date", "name_key || '|' || birth_date"),
    ("high", "name+phone", "name_key || '|' || phone_key"),
    ("high", "name+email", "name_key || '|' || email_key"),
    ("high", "name+address", "name_key || '|' || address_key"),
    ("likely", "number", "number_key"),
    ("likely", "email", "email_key"),
    ("likely", "kana+birth_date", "kana_key || '|' || birth_date"),
    ("likely", "kana+phone", "kana_key || '|' || phone_key"),
    ("low", "name", "name_key"),
    ("low", "kana", "kana_key"),
    ("low", "phone", "phone_key"),
    ("low", "number, whatever else", "number_key"),
    ("low", "email, whatever else", "email_key"),
)
_ALONE, _FIRST, _RULED = 0, 1, 2
_REASONS = ("alone", "first mention of the person", "ruling", *(name for _, name, _ in _RULES))
# What tells two humans apart where a chain of joins brings both together.
_TELLING = ("birth_date", "name_key")
_IDENTICAL = ("name_key", "kana_key", "birth_date", "phone_key", "email_key", "address_key", "number_key")

_BATCH_ROWS = 65_536

_Numbers = np.ndarray[tuple[int], np.dtype[np.int64]]
_Rules = np.ndarray[tuple[int], np.dtype[np.int8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruled:
    """An examiner's ruling on two mentions: whether they speak of one human."""

    one: str
    other: str
    is_same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clusters:
    """Every mention in one person of each bound, by number: mentions are numbered in the order of their identifiers."""

    ids: pa.Array
    people: Mapping[str, _Numbers]
    rules: Mapping[str, _Rules]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Columns bound, person_id, mention_id, reason, bound after bound; a person is named by its first mention."""
        words = pa.array(_REASONS, pa.string())
        for bound in BOUNDS:
            for start in range(0, len(self.ids), _BATCH_ROWS):
                stop = min(start + _BATCH_ROWS, len(self.ids))
                yield pa.RecordBatch.from_arrays(
                    [
                        pa.repeat(pa.scalar(bound, pa.string()), stop - start),
                        self.ids.take(pa.array(self.people[bound][start:stop])).cast(pa.string()),
                        self.ids.slice(start, stop - start).cast(pa.string()),
                        words.take(pa.array(self.rules[bound][start:stop])),
                    ],
                    names=["bound", "person_id", "mention_id", "reason"],
                )


def cluster(connection: duckdb.DuckDBPyConnection, rulings: Sequence[Ruled] = ()) -> Clusters:
    """Persons in each bound over the view `mention` of the connection.

    Leaves two tables in the connection for counting: `numbered` (n, and the columns of `mention`) and `clustered`
    (n, and for each bound the number of the person's first mention).
    """
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE numbered AS SELECT row_number() OVER (ORDER BY mention_id) - 1 AS n, * FROM mention"
    )
    listed = connection.sql("SELECT mention_id FROM numbered ORDER BY n").to_arrow_table().column(0)
    ids = listed.cast(pa.large_string()).combine_chunks()
    same, different = _numbered(connection, rulings)
    telling = [_codes(connection, name) for name in _TELLING]
    whole = _codes(connection, " || '|' || ".join(f"coalesce({name}, '')" for name in _IDENTICAL))
    raw = parent = np.arange(len(ids))  # raw: every join so far, chains not cut
    rule_of = np.full(len(ids), _ALONE, dtype=np.int8)
    raw = _joined(raw, *same)
    _note(rule_of, same[1], _RULED)
    people: dict[str, _Numbers] = {}
    rules: dict[str, _Rules] = {}
    for bound in BOUNDS:
        finer = parent
        for number, (rule_bound, _, key) in enumerate(_RULES):
            if rule_bound == bound:
                left, right = _edges(connection, key, is_guarded=bound != "low")
                raw = _joined(raw, left, right)
                _note(rule_of, right, _RULED + 1 + number)
        parent = _absorb(connection, raw) if bound == "low" else raw
        for codes in telling if bound != "low" else ():
            parent = _parted(parent, finer, codes, whole if bound == "high" else None)
        parent = _joined(parent, *same)
        for one, other in zip(*different, strict=True):
            parent = _kept_apart(parent, finer, int(one), int(other))
        people[bound], rules[bound] = parent, _reasons(parent, rule_of)
    columns = {"n": np.arange(len(ids)), **people}
    connection.register("made_clustered", pa.table(columns))
    connection.execute("CREATE OR REPLACE TEMP TABLE clustered AS SELECT * FROM made_clustered")
    connection.unregister("made_clustered")
    return Clusters(ids=ids, people=people, rules=rules)


def _numbered(
    connection: duckdb.DuckDBPyConnection, rulings: Sequence[Ruled]
) -> tuple[tuple[_Numbers, _Numbers], tuple[_Numbers, _Numbers]]:
    """Pairs ruled the same, and pairs ruled different, by the numbers of their mentions."""
    named = [name for ruled in rulings for name in (ruled.one, ruled.other)]
    found = connection.execute(
        "SELECT mention_id, n FROM numbered WHERE list_contains(?, mention_id)", [named]
    )
    numbers = dict(found.fetchall())
    sides: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for ruled in rulings:
        first, second = sorted((numbers[ruled.one], numbers[ruled.other]))
        sides[ruled.is_same].append((first, second))
    arrays = [np.array(sides[which], dtype=np.int64).reshape(-1, 2) for which in (True, False)]
    return (arrays[0][:, 0], arrays[0][:, 1]), (arrays[1][:, 0], arrays[1][:, 1])


def _codes(connection: duckdb.DuckDBPyConnection, expression: str) -> _Numbers:
    """A number for each distinct value of an expression, mention by mention; -1 where it is null."""
    table = connection.sql(
        f"SELECT CASE WHEN v IS NULL THEN -1 ELSE dense_rank() OVER (ORDER BY v NULLS LAST) END AS code "  # noqa: S608
        f"FROM (SELECT n, {expression} AS v FROM numbered) ORDER BY n"
    ).to_arrow_table()
    return np.asarray(table.column(0).to_numpy(), dtype=np.int64)


def _note(rule_of: _Rules, joined: _Numbers, rule: int) -> None:
    fresh = joined[rule_of[joined] == _ALONE]
    rule_of[fresh] = rule


def _reasons(parent: _Numbers, rule_of: _Rules) -> _Rules:
    """For each mention the rule that joined it: alone, the first of its person, a ruling, or a key."""
    sizes = np.bincount(parent, minlength=len(parent))[parent]
    is_first = parent == np.arange(len(parent))
    found = np.where(sizes == 1, _ALONE, np.where(is_first | (rule_of == _ALONE), _FIRST, rule_of))
    return found.astype(np.int8)


def _edges(connection: duckdb.DuckDBPyConnection, key: str, *, is_guarded: bool) -> tuple[_Numbers, _Numbers]:
    """Pairs (first mention of a key, mention of that key).

    Guarded, a key under which two dates of birth stand, or two names where the key is not a name, joins only within
    the same date of birth and name: then it speaks of more than one human.
    """
    guard = (
        "CASE WHEN count(DISTINCT birth_date) OVER (PARTITION BY k) > 1 OR count(DISTINCT name_key) OVER (PARTITION BY k) > 1 "
        "THEN coalesce(birth_date, '?' || n) || '|' || coalesce(name_key, '?' || n) ELSE '' END"
    )
    # In the low bound a mention without date of birth goes with the first of its name; two dates stay two humans.
    by_birth = "coalesce(birth_date, min(birth_date) OVER (PARTITION BY k), '')"
    split = guard if is_guarded else by_birth if key in ("name_key", "kana_key") else "''"
    table = connection.sql(
        f"WITH keyed AS (SELECT n, birth_date, name_key, {key} AS k FROM numbered), "  # noqa: S608  keys stand above
        f"split AS (SELECT n, k, {split} AS s FROM keyed WHERE k IS NOT NULL) "
        "SELECT min(n) OVER (PARTITION BY k, s) AS a, n AS b FROM split ORDER BY n"
    ).to_arrow_table()
    left, right = (table.column(index).to_numpy().astype(np.int64) for index in (0, 1))
    keep = left != right
    return left[keep], right[keep]


def _joined(parent: _Numbers, left: _Numbers, right: _Numbers) -> _Numbers:
    """Connected components after adding edges, each named by its lowest number (hooking and pointer jumping)."""
    parent = parent.copy()
    while True:
        low = np.minimum(parent[left], parent[right])
        high = np.maximum(parent[left], parent[right])
        moved = low < high
        if not moved.any():
            return parent
        np.minimum.at(parent, high[moved], low[moved])
        while True:  # every number to the lowest of its component
            above = parent[parent]
            if (above == parent).all():
                break
            parent = above


def _parted(parent: _Numbers, finer: _Numbers, codes: _Numbers, whole: _Numbers | None) -> _Numbers:
    """Part again what brings two values of `codes` into one person, never a person of `finer`.

    A person of `finer` without value goes with the first that has one; where `whole` is given (a number for all that a
    mention says) it stays alone instead, together only with mentions that say the same.
    """
    count = len(parent)
    most = np.full(count, -1, dtype=np.int64)
    np.maximum.at(most, parent, codes)
    least = np.full(count, np.iinfo(np.int64).max, dtype=np.int64)
    known = codes >= 0
    np.minimum.at(least, parent[known], codes[known])
    is_mixed = (most >= 0) & (least < most)
    mixed = np.flatnonzero(is_mixed[parent])
    if not len(mixed):
        return parent
    own = np.full(
        count, -1, dtype=np.int64
    )  # the value of each person of the finer bound, which has one at most
    np.maximum.at(own, finer, codes)
    value = own[finer[mixed]]
    side = np.zeros(len(mixed), dtype=np.int64)
    unknown = value < 0
    if whole is None:
        value[unknown] = least[parent[mixed[unknown]]]
    else:
        alike = np.full(
            count, np.iinfo(np.int64).max, dtype=np.int64
        )  # the first saying of each finer person
        np.minimum.at(alike, finer, whole)
        side[unknown] = 1 + alike[finer[mixed[unknown]]]
    result = parent.copy()
    order = np.lexsort((mixed, side, value, parent[mixed]))
    keys = np.stack([parent[mixed], value, side])[:, order]
    starts = np.concatenate([[True], (keys[:, 1:] != keys[:, :-1]).any(axis=0)])
    first = mixed[order][np.maximum.accumulate(np.where(starts, np.arange(len(mixed)), 0))]
    result[mixed[order]] = first
    return result


def _kept_apart(parent: _Numbers, finer: _Numbers, one: int, other: int) -> _Numbers:
    """Two mentions ruled to be two humans: the second leaves with all that was joined to it in the bound above."""
    if parent[one] != parent[other]:
        return parent
    result = parent.copy()
    is_other = finer == finer[other] if finer[one] != finer[other] else np.arange(len(parent)) == other
    whole = parent[other]
    result[is_other] = np.flatnonzero(is_other)[0]
    rest = np.flatnonzero((parent == whole) & ~is_other)
    result[rest] = rest[0]
    return result


def _absorb(connection: duckdb.DuckDBPyConnection, parent: _Numbers) -> _Numbers:
    """In the low bound a person of whom neither name nor number is known may be any other."""
    table = connection.sql(
        "SELECT n FROM numbered WHERE name_key IS NOT NULL OR number_key IS NOT NULL ORDER BY n"
    ).to_arrow_table()
    strong = table.column(0).to_numpy().astype(np.int64)
    if not len(strong) or not len(parent):
        return parent
    has_strong = np.zeros(len(parent), dtype=bool)
    has_strong[parent[strong]] = True
    weak = ~has_strong[parent]
    result = parent.copy()
    result[weak] = parent[strong[0]]
    return result
