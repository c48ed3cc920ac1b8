"""What the high bound keeps apart and the likely one joins: how sure each of those joins is, to say how many of them hold at least.

Nobody can say which of the mentions kept apart are one human, but of many that are most probably so, most are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.scope.people.model import probability
from pipeline.scope.people.numbers import Reals, Small, unique
from pipeline.scope.people.pairs import Pairs

# No join that the high bound refuses is surer than this, and each may be so many times as wrong as the model has it.
_LEAST_DOUBT = 0.01
_WORSE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """For each form the person of the high bound joined with others by pairs of the likely one (`held`), and the chance that it does not belong there."""

    held: Small
    doubt: Reals


def doubts(pairs: Pairs, weight: Reals, high: Small, likely: Small) -> Doubts:
    """The surest joins that lead from the persons of the high bound to those of the likely one; the pairs come in falling weight."""
    within = np.flatnonzero(
        (likely[pairs.left] == likely[pairs.right]) & (high[pairs.left] != high[pairs.right])
    )
    one, other, wrong = high[pairs.left[within]], high[pairs.right[within]], 1 - probability(weight[within])
    parent = np.arange(len(high), dtype=np.int32)
    doubt = np.zeros(len(high), dtype=np.float32)
    place = np.arange(len(within))
    while len(place):
        a, b = parent[one[place]], parent[other[place]]
        between = a != b
        place, a, b = place[between], a[between], b[between]
        if not len(place):
            break
        # Each tree takes its surest join: the first, since pairs come in falling weight.
        first = np.full(len(high), len(within), dtype=np.int64)
        np.minimum.at(first, a, place)
        np.minimum.at(first, b, place)
        chosen = unique(first[first < len(within)])
        a, b = parent[one[chosen]], parent[other[chosen]]
        # Of the two trees of a join the one hangs below the other whose own surest join it is: no ring can close.
        is_own = first[a] == chosen
        child, above = np.where(is_own, a, b), np.where(is_own, b, a)
        hung = np.arange(len(high), dtype=np.int32)
        hung[child] = above
        added = np.zeros(len(high), dtype=np.float32)
        added[child] = np.maximum(wrong[chosen], _LEAST_DOUBT)
        while True:  # to the root of the tree, and every doubt on the way; a root has none
            added += added[hung]
            further = hung[hung]
            if (further == hung).all():
                break
            hung = further
        doubt = doubt + added[parent]
        parent = hung[parent]
    return Doubts(held=parent[high], doubt=np.minimum(doubt[high], 1.0))


def at_least(joins: int, doubt: float) -> int:
    """How many of so many joins hold at the least, of which so many are expected not to."""
    wrong = _WORSE * doubt
    return max(0, joins - int(np.ceil(wrong + 2 * np.sqrt(wrong) + 1)))
