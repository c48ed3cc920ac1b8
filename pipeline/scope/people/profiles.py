"""Joins that rest on little are weighed by all that two persons say, not by two mentions alone.

A mention that says but a name contradicts nobody, and through it two humans of one name would become one. So what joins by little waits
until what is sure is joined; then each field of which both persons have values and share none counts against the join, and of those who
share a name each goes with the one that fits best. It is agglomerative clustering over the profiles of what is joined so far, by mutual
best pairs (Bruynooghe 1978, "reciprocal nearest neighbours").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.scope.people.forms import Forms
from pipeline.scope.people.merging import Names, Strictness, merged
from pipeline.scope.people.model import Model
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, level

# From this weight on (odds of 128 to 1) two mentions join whatever else their persons say.
SURE = 7.0
# Fields by which a human is reached or numbered, and what of a form says them.
FIELDS = {"phone": "phone", "email": "email", "place": "address", "number": "number"}
# The persons asked for are taken out of the rest when they are so small a part of it.
_SHRUNK = 0.7
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
    found = part.copy()
    some, own, said = np.arange(len(part)), part, forms
    edges = _Edges(left=pairs.left, right=pairs.right, pattern=pairs.pattern, weight=weight)

    def named(numbers: Small) -> dict[int, tuple[str | None, str | None]]:
        told = names(some[numbers].astype(np.int32))
        return {number: told[int(some[number])] for number in numbers.tolist()}

    while True:
        edges = edges.only(own[edges.left] != own[edges.right])
        # All happens among the persons the open pairs are of: who is not asked is not touched, however many they are.
        asked = np.zeros(len(own), dtype=bool)
        asked[own[edges.left]] = asked[own[edges.right]] = True
        kept = np.flatnonzero(asked[own])
        if len(kept) < _SHRUNK * len(own):
            place = np.zeros(len(own), dtype=np.int32)
            place[kept] = np.arange(len(kept), dtype=np.int32)
            some, own, said = some[kept], place[own[kept]], said.only(kept)
            edges = _Edges(
                left=place[edges.left], right=place[edges.right], pattern=edges.pattern, weight=edges.weight
            )
        whole = edges.weight + _against(said, model, own, edges)
        edges, whole = edges.only(whole >= least), whole[whole >= least]
        if not len(whole):
            return found
        both = _packed(own[edges.left], own[edges.right])
        best = _mutually_best(own, edges, both, whole)
        own = merged(
            own, edges.left[best], edges.right[best], None, overrules(edges.pattern[best], whole[best]), said, named,
            strictness, _places(some, apart),
        )  # fmt: skip
        found[some] = some[own]
        # What was tried is done with: joined now, or refused for a contradiction.
        edges = edges.only(~np.isin(both, both[best]))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edges:
    """Pairs still open, by the places of their forms."""

    left: Small
    right: Small
    pattern: Patterns
    weight: Reals

    def only(self, kept: Mask) -> _Edges:
        return _Edges(
            left=self.left[kept], right=self.right[kept], pattern=self.pattern[kept], weight=self.weight[kept]
        )


def _places(some: Ints, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of forms by their places among some (in rising order), those left out that are not all there."""
    asked = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    place = np.searchsorted(some, asked)
    is_there = (place < len(some)).all(axis=1)
    place, asked = place[is_there], asked[is_there]
    return [(int(a), int(b)) for a, b in place[(some[place] == asked).all(axis=1)]]


def _mutually_best(own: Small, edges: _Edges, both: Ints, weight: Reals) -> Ints:
    """The pairs, in falling weight, that are the best of both their persons: a person joins one other at a time."""
    # Who shares one name ties with many. Scattered, half of them find each other at once; in order each would wait for the one before.
    scattered = both.astype(np.uint64) * _SPREAD[0]
    scattered = (scattered ^ (scattered >> np.uint64(29))) * _SPREAD[1]
    order = np.lexsort((scattered, -weight))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first = np.full(len(own), len(order), dtype=np.int64)
    left, right = own[edges.left], own[edges.right]
    np.minimum.at(first, left, rank)
    np.minimum.at(first, right, rank)
    found: Ints = order[(first[left[order]] == rank[order]) & (first[right[order]] == rank[order])]
    return found


def _against(forms: Forms, model: Model, own: Small, edges: _Edges) -> Reals:
    """What stands against each pair in what its two persons say beside the two mentions, as weight to be added."""
    both, of = np.unique(_packed(own[edges.left], own[edges.right]), return_inverse=True)
    total = np.zeros(len(of), dtype=np.float32)
    for field, said_as in FIELDS.items():
        code = forms.code[said_as]
        is_shared, are_known = _shared(own, code, both)
        if field == "place":
            is_shared |= _shared(own, forms.code["postal"], both)[0]
        if field == "number":  # numbers of two issuers say nothing of each other
            are_known &= _shared(own, np.where(code == NOTHING, NOTHING, forms.registry + 1), both)[0]
        differs, weighs = are_known & ~is_shared, np.float32(against(model, field))
        at = level(edges.pattern, field)
        total += np.where(differs[of] & (at == 0), weighs, np.float32(0))
        # These two have different values, but their persons have one in common: a former one speaks against nothing.
        total -= np.where(is_shared[of] & (at == len(LEVELS[field]) - 1), weighs, np.float32(0))
    return total


def _shared(own: Small, code: Small, both: Ints) -> tuple[Mask, Mask]:
    """Of pairs of persons, whether they have a value in common, and whether both have one at all."""
    known = np.flatnonzero(code != NOTHING)
    said = unique((own[known].astype(np.int64) << _HALF) | code[known])
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
