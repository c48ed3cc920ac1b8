"""Mentions that say little: whose they most probably are, or might be.

In the likely bound a name, a part of one, or a reading alone goes to the first person that bears it: more likely known than new. In the
low bound who has neither name nor number may be any other.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people.forms import KANA, NAME, Forms
from pipeline.scope.people.merging import joined
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import Pairs

# How many signs a name may have that is a part of another: surnames, written or in kana.
_PART_SIGNS = range(2, 7)
# From which probability on it is said whose a name alone is, and the most a pair can prove.
_SAID, _MOST_ODDS = 0.9, 60.0


def is_guess(forms: Forms, part: Small, pairs: Pairs, weight: Reals) -> Mask:
    """Forms of a name alone that may well speak of another than the person they stand with: each bearer is as probable as its pair weighs, and so is nobody known."""
    weak = forms.is_weak()
    found = weak.copy()
    asks, bears, weighs = [], [], []
    for one, other in ((pairs.left, pairs.right), (pairs.right, pairs.left)):
        own = np.flatnonzero(weak[one])
        asks.append(one[own])
        bears.append(part[other[own]])
        weighs.append(weight[own])
    ask, bearer, odds = (
        np.concatenate(asks),
        np.concatenate(bears),
        np.exp2(np.minimum(np.concatenate(weighs), _MOST_ODDS)),
    )
    # Of a person with several mentions the best pair.
    order = np.lexsort((-odds, bearer, ask))
    ask, bearer, odds = ask[order], bearer[order], odds[order].astype(np.float64)
    is_best = np.concatenate(
        [np.ones(min(len(ask), 1), bool), (ask[1:] != ask[:-1]) | (bearer[1:] != bearer[:-1])]
    )
    ask, bearer, odds = ask[is_best], bearer[is_best], odds[is_best]
    every = 1 + np.bincount(ask, weights=odds, minlength=len(part))
    own_odds = np.bincount(ask, weights=np.where(bearer == part[ask], odds, 0.0), minlength=len(part))
    found &= own_odds < _SAID * every
    return found


def with_bearers(
    connection: duckdb.DuckDBPyConnection, part: Small, forms: Forms, apart: Sequence[tuple[int, int]]
) -> Small:
    """Persons of whom a name, a part of one, or a reading is all that is said go to the first that bears it: more likely known than new."""
    is_strong = np.zeros(len(part), dtype=bool)
    is_strong[part[~forms.is_weak()]] = True
    for field in ("name", "kana"):
        code = forms.code[field]
        bears = np.flatnonzero((code != NOTHING) & is_strong[part])
        asks = np.flatnonzero((code != NOTHING) & ~is_strong[part])
        if not len(bears) or not len(asks):
            continue
        # Where several bear it nobody knows whose it is: each of those who ask goes to another, of whom least is said.
        size = np.bincount(part)[part[bears]]
        bears = bears[np.lexsort((size, code[bears]))]
        size = np.bincount(part)[part[bears]]
        _, first, of = np.unique(code[bears], return_index=True, return_inverse=True)
        bears = bears[size == size[first][of]]
        values, start, count = np.unique(code[bears], return_index=True, return_counts=True)
        found = np.minimum(np.searchsorted(values, code[asks]), len(values) - 1)
        hit = values[found] == code[asks]
        found, asks = found[hit], asks[hit]
        part = _unless_apart(part, asks, bears[start[found] + _turn(found) % count[found]], apart)
    return _with_surnames(connection, part, forms, apart)


def _with_surnames(
    connection: duckdb.DuckDBPyConnection,
    part: Small,
    forms: Forms,
    apart: Sequence[tuple[int, int]],
) -> Small:
    has_strong = np.zeros(len(part), dtype=bool)
    has_strong[part[~forms.is_weak()]] = True
    asks = np.flatnonzero(~has_strong[part])
    if not len(asks):
        return part
    bears = np.flatnonzero(has_strong[part])
    connection.register("asks", pa.table({"form": asks, "n": forms.first[asks].astype(np.int64)}))
    size = np.bincount(part)[part[bears]]
    connection.register(
        "bears", pa.table({"form": bears, "n": forms.first[bears].astype(np.int64), "size": size})
    )
    starts = " UNION ALL ".join(
        f"SELECT left(c.v, {size}) AS v, form, size FROM c SEMI JOIN a ON left(c.v, {size}) = a.v WHERE length(c.v) > {size}"  # noqa: S608
        for size in _PART_SIGNS
    )
    found = connection.sql(
        f"WITH a AS (SELECT form, coalesce({NAME}, {KANA}) AS v FROM asks JOIN numbered USING (n)), "  # noqa: S608
        f"b AS (SELECT form, size, {NAME} AS name, {KANA} AS kana FROM bears JOIN numbered USING (n)), "
        "c AS (SELECT name AS v, form, size FROM b WHERE name IS NOT NULL UNION ALL SELECT kana, form, size FROM b WHERE kana IS NOT NULL), "
        f"s AS (SELECT v, form FROM ({starts}) QUALIFY rank() OVER (PARTITION BY v ORDER BY size) = 1), "
        "f AS (SELECT v, form, row_number() OVER (PARTITION BY v ORDER BY form) - 1 AS place, count(*) OVER (PARTITION BY v) AS many FROM s), "
        "t AS (SELECT v, form, row_number() OVER (PARTITION BY v ORDER BY form) - 1 AS turn FROM a) "
        "SELECT t.form AS one, f.form AS other FROM t JOIN f ON t.v = f.v AND t.turn % f.many = f.place ORDER BY 1"
    ).to_arrow_table()
    connection.unregister("asks")
    connection.unregister("bears")
    one, other = (found.column(name).to_numpy() for name in ("one", "other"))
    return _unless_apart(part, one, other, apart)


def with_anybody(part: Small, forms: Forms, apart: Sequence[tuple[int, int]]) -> Small:
    """In the low bound a person of whom neither name nor number is known may be any other.

    One with a mail address of its own can only be somebody of whom no address is known: each goes with one of those.
    """
    is_known, has_mail = (np.zeros(len(part), dtype=bool) for _ in range(2))
    is_known[part[forms.says("name") | forms.says("number")]] = True
    has_mail[part[forms.says("email")]] = True
    roots = unique(part)
    known = roots[is_known[roots]]
    if not len(known):
        return part
    rest = roots[~is_known[roots] & ~has_mail[roots]]
    part = _unless_apart(part, rest, np.full(len(rest), known[0]), apart)
    mailed, free = roots[~is_known[roots] & has_mail[roots]], known[~has_mail[known]]
    count = min(len(mailed), len(free))
    return _unless_apart(part, mailed[:count], free[:count], apart)


def _unless_apart(
    part: Small, left: Small | Ints, right: Small | Ints, apart: Sequence[tuple[int, int]]
) -> Small:
    """Persons joined, but for those that would bring together what is ruled apart."""
    made = joined(part, left.astype(np.int32), right.astype(np.int32))
    together = [one for pair in apart if made[pair[0]] == made[pair[1]] for one in pair]
    if not together:
        return made
    ruled = np.zeros(len(part), dtype=bool)
    ruled[part[together]] = True
    keep = ~ruled[part[left]]
    return joined(part, left[keep].astype(np.int32), right[keep].astype(np.int32))


def _turn(groups: Ints) -> Ints:
    """0, 1, ... within each group, in the order they come."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(groups), 1), bool), ordered[1:] != ordered[:-1]]))
    lengths = np.diff(np.append(starts, len(groups)))
    found = np.empty(len(groups), dtype=np.int64)
    found[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return found
