"""Joins that rest on little are weighed by all that two persons say, not by two mentions alone.

A mention that says but a name contradicts nobody, and through it two humans of one name would become one. So what joins by little waits
until what is sure is joined; then each field of which both persons have values and share none counts against the join, and of those who
share a name each goes with the one that fits best. It is agglomerative clustering over the profiles of what is joined so far, by mutual
best pairs (Bruynooghe 1978, "reciprocal nearest neighbours").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.scope.people.forms import Forms
from pipeline.scope.people.merging import Names, Strictness, merged
from pipeline.scope.people.model import Model
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Reals, Small
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, level

# From this weight on (odds of 128 to 1) two mentions join whatever else their persons say.
SURE = 7.0
# Fields by which a human is reached or numbered, and what of a form says them.
FIELDS = {"phone": "phone", "email": "email", "place": "address", "number": "number"}
_HALF = np.int64(32)
_LOW = np.int64(0xFFFFFFFF)
_SPREAD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9))
Overrules = Callable[[Patterns, Reals], Mask]


def against(model: Model, field: str) -> float:
    """What it weighs (below 0) that two persons have values of a field and none in common."""
    rules = model.fields[field]
    return float(np.log2(rules.m["differ"] / rules.chance["differ"]))


def joined_by_little(
    part: Small,
    pairs: Pairs,
    weight: Reals,
    least: float,
    forms: Forms,
    model: Model,
    names: Names,
    overrules: Overrules,
    strictness: Strictness,
    apart: Sequence[tuple[int, int]],
) -> Small:
    """Persons after the joins of pairs that are not sure: best first, as long as what both persons say leaves them the weight `least`.

    Every person is named by its lowest form.
    """
    open_ = np.flatnonzero(part[pairs.left] != part[pairs.right])
    if not len(open_):
        return part
    # All happens among the persons these pairs are of: who is not asked is not touched, however many they are.
    asked = np.zeros(len(part), dtype=bool)
    asked[part[pairs.left[open_]]] = asked[part[pairs.right[open_]]] = True
    some = np.flatnonzero(asked[part])

    def local(numbers: Small | Ints) -> Small:
        return np.searchsorted(some, numbers).astype(np.int32)

    own_forms, own = forms.only(some), local(part[some])
    ruled = [
        (int(local(np.array([a]))[0]), int(local(np.array([b]))[0]))
        for a, b in apart
        if asked[part[a]] and asked[part[b]]
    ]
    left, right = local(pairs.left[open_]), local(pairs.right[open_])
    pattern, weigh = pairs.pattern[open_], weight[open_]

    def named(numbers: Small) -> dict[int, tuple[str | None, str | None]]:
        said = names(some[numbers].astype(np.int32))
        return {number: said[int(some[number])] for number in numbers.tolist()}

    while True:
        whole = weigh + _against(own_forms, model, own, left, right, pattern)
        kept = np.flatnonzero((own[left] != own[right]) & (whole >= least))
        if not len(kept):
            break
        left, right, pattern, weigh, whole = left[kept], right[kept], pattern[kept], weigh[kept], whole[kept]
        both = _packed(own[left], own[right])
        best = _mutually_best(own, left, right, both, whole)
        own = merged(
            own, left[best], right[best], None, overrules(pattern[best], whole[best]), own_forms, named, strictness, ruled
        )  # fmt: skip
        # What was tried is done with: joined now, or refused for a contradiction.
        further = ~np.isin(both, both[best])
        left, right, pattern, weigh = left[further], right[further], pattern[further], weigh[further]
    found = part.copy()
    found[some] = some[own]
    return found


def _mutually_best(own: Small, left: Small, right: Small, both: Ints, weight: Reals) -> Ints:
    """The pairs, in falling weight, that are the best of both their persons: a person joins one other at a time."""
    # Who shares one name ties with many. Scattered, half of them find each other at once; in order each would wait for the one before.
    scattered = both.astype(np.uint64) * _SPREAD[0]
    scattered = (scattered ^ (scattered >> np.uint64(29))) * _SPREAD[1]
    order = np.lexsort((scattered, -weight))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first = np.full(len(own), len(order), dtype=np.int64)
    np.minimum.at(first, own[left], rank)
    np.minimum.at(first, own[right], rank)
    found: Ints = order[(first[own[left[order]]] == rank[order]) & (first[own[right[order]]] == rank[order])]
    return found


def _against(forms: Forms, model: Model, own: Small, left: Small, right: Small, pattern: Patterns) -> Reals:
    """What stands against each pair in what its two persons say beside the two mentions, as weight to be added."""
    both, of = np.unique(_packed(own[left], own[right]), return_inverse=True)
    total = np.zeros(len(left), dtype=np.float32)
    for field, said_as in FIELDS.items():
        code = forms.code[said_as]
        is_shared, are_known = _shared(own, code, both)
        if field == "place":
            is_shared |= _shared(own, forms.code["postal"], both)[0]
        if field == "number":  # numbers of two issuers say nothing of each other
            are_known &= _shared(own, np.where(code == NOTHING, NOTHING, forms.registry + 1), both)[0]
        differs, weighs = are_known & ~is_shared, np.float32(against(model, field))
        at = level(pattern, field)
        total += np.where(differs[of] & (at == 0), weighs, np.float32(0))
        # These two have different values, but their persons have one in common: a former one speaks against nothing.
        total -= np.where(is_shared[of] & (at == len(LEVELS[field]) - 1), weighs, np.float32(0))
    return total


def _shared(own: Small, code: Small, both: Ints) -> tuple[Mask, Mask]:
    """Of pairs of persons, whether they have a value in common, and whether both have one at all."""
    known = np.flatnonzero(code != NOTHING)
    said = np.unique((own[known].astype(np.int64) << _HALF) | code[known])
    owner, one, other = said >> _HALF, both >> _HALF, both & _LOW
    start, stop = np.searchsorted(owner, one), np.searchsorted(owner, one, side="right")
    count = stop - start
    is_other_known = np.searchsorted(owner, other) < np.searchsorted(owner, other, side="right")
    of = np.repeat(np.arange(len(both)), count)
    place = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - start, count)
    asked = (other[of] << _HALF) | (said[place] & _LOW)
    found = np.zeros(len(both), dtype=bool)
    if len(said):
        at = np.minimum(np.searchsorted(said, asked), len(said) - 1)
        found[of[said[at] == asked]] = True
    return found, (count > 0) & is_other_known


def _packed(one: Small, other: Small) -> Ints:
    return (np.minimum(one, other).astype(np.int64) << _HALF) | np.maximum(one, other)
