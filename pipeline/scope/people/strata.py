"""The strata of compared pairs a clerical review draws from: bands of weight, and what is kept apart whatever it weighs.

Every pair that weighs enough to stand near the low threshold is of one stratum, and which does not depend on rulings, answers or
thresholds of the case: a later review draws from the same ones. Pairs below the lowest band are not drawn: how many of them are one
human the model estimates (`errors`), not the review.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from pipeline.scope.people.calibration import Stratum, log_odds
from pipeline.scope.people.forms import Forms
from pipeline.scope.people.merging import joined
from pipeline.scope.people.model import probability, read_model
from pipeline.scope.people.numbers import Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import KEYS, Pairs, key_codes

# Pairs so far below the low threshold (a weight) are still drawn: those just refused.
REFUSED_WEIGHT = 2.0
_BANDS_EACH = 4
NAMES = (
    "just refused",
    *(f"low to likely, {part} of {_BANDS_EACH}" for part in range(1, _BANDS_EACH + 1)),
    *(f"likely to high, {part} of {_BANDS_EACH}" for part in range(1, _BANDS_EACH + 1)),
    "surely joined",
    "kept apart by a contradiction",
)
SURE, APART = len(NAMES) - 2, len(NAMES) - 1
OUTSIDE = -1
Numbers = np.ndarray[tuple[int], np.dtype[np.int8]]


def edges() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The weights at which the bands begin, by the thresholds of the rules: the first that of the pairs just refused."""
    from_rules = read_model().joined_from
    low, likely, high = (log_odds(from_rules[bound]) for bound in ("low", "likely", "high"))
    inner = [
        *np.linspace(low, likely, _BANDS_EACH, endpoint=False),
        *np.linspace(likely, high, _BANDS_EACH, endpoint=False),
    ]
    return np.array([low - REFUSED_WEIGHT, *inner, high])


def strata_of(weight: Reals, is_apart: Mask) -> Numbers:
    """The number of each pair's stratum, `OUTSIDE` for those too light."""
    found = (np.searchsorted(edges(), weight.astype(np.float64), side="right") - 1).astype(np.int8)
    found[(found >= 0) & is_apart] = APART
    return found


def described(number: Numbers, weight: Reals, same: Ints, different: Ints) -> tuple[Stratum, ...]:
    """The strata with how many pairs each has and what was answered: `same` and `different` are numbers of pairs."""
    from_low = read_model().joined_from["low"]
    chance = probability(weight)
    found = []
    for place, name in enumerate(NAMES):
        own = number == place
        count = int(own.sum())
        mean = float(chance[own].mean(dtype=np.float64)) if count else 0.0
        found.append(
            Stratum(
                name=name,
                pairs=count,
                # What is told apart is held to be one human no more often than the low bound allows.
                expected=from_low if place == APART else mean,
                same=int((number[same] == place).sum()),
                different=int((number[different] == place).sum()),
            )
        )
    return tuple(found)


def per_stratum(number: Numbers, which: Mask) -> list[int]:
    """How many of some pairs each stratum has."""
    counted = np.bincount(number[which & (number >= 0)], minlength=len(NAMES))
    return [int(one) for one in counted]


def found_among(pairs: Pairs, asked: Collection[tuple[int, int]]) -> Ints:
    """The places of some pairs of forms among the compared ones; what was not compared is left out."""
    if not asked:
        return np.zeros(0, dtype=np.int64)
    wanted = np.array([(min(pair) << 32) | max(pair) for pair in sorted(asked)], dtype=np.int64)
    packed = (pairs.left.astype(np.int64) << 32) | pairs.right
    return np.flatnonzero(np.isin(packed, wanted))


def distinct_pairs(left: Small, right: Small, which: Mask) -> Mask:
    """Of the marked pairs of persons, each two persons once, by their heaviest pair: pairs stand in falling weight."""
    asked = np.flatnonzero(which)
    low, high = np.minimum(left[asked], right[asked]), np.maximum(left[asked], right[asked])
    _, first = np.unique((low.astype(np.int64) << 32) | high, return_index=True)
    found = np.zeros(len(left), dtype=bool)
    found[asked[first]] = True
    return found


def spanning(left: Small, right: Small, which: Mask, count: int) -> Mask:
    """Of the marked pairs, the heaviest that hold each person together: as many as joins made it (Borůvka).

    Pairs stand in falling weight, so no two weigh the same here: the one before counts as heavier.
    """
    found = np.zeros(len(left), dtype=bool)
    parent = np.arange(count, dtype=np.int32)
    left_over = np.flatnonzero(which)
    while True:
        one, other = parent[left[left_over]], parent[right[left_over]]
        between = one != other
        left_over, one, other = left_over[between], one[between], other[between]
        if not len(left_over):
            return found
        heaviest = np.full(count, len(left), dtype=np.int64)
        np.minimum.at(heaviest, one, left_over)
        np.minimum.at(heaviest, other, left_over)
        taken = unique(heaviest[heaviest < len(left)])
        found[taken] = True
        parent = joined(parent, left[taken], right[taken])


def by_one_key(forms: Forms, pairs: Pairs) -> Mapping[str, float]:
    """For each blocking key the share of some pairs that share it and no other key."""
    held = np.zeros((len(KEYS), len(pairs)), dtype=bool)
    for place, key in enumerate(KEYS):
        codes = key_codes(forms, key)
        held[place] = (codes[pairs.left] != 0) & (codes[pairs.left] == codes[pairs.right])
    alone = held.sum(axis=0) == 1
    total = max(len(pairs), 1)
    return {" + ".join(key): float((held[place] & alone).sum()) / total for place, key in enumerate(KEYS)}


def largest(part: Small, named: Mask) -> int:
    """How many forms with a name or number the largest person has."""
    return int(np.bincount(part[named], minlength=1).max(initial=0))


def named_forms(forms: Forms) -> Mask:
    """Forms that say a name, a reading or a number: what makes a person in every bound."""
    found: Mask = forms.says("name") | forms.says("kana") | forms.says("number")
    return found


# Fewer new links than this show no pattern to refuse.
_FEW_LINKS = 20
_MOST = 0.5
_LARGER = 2
_PLAIN_SIZE = 8


def why_refused(
    forms: Forms, pairs: Pairs, before: Small, after: Small, is_link: Mask, was_link: Mask
) -> str | None:
    """Why a lower threshold is not taken: it makes persons larger than the case shows, or joins by one key what none joined so.

    `is_link` and `was_link` mark the pairs that weigh enough after and before.
    """
    named = named_forms(forms)
    was, would_be = largest(before, named), largest(after, named)
    most = max(_PLAIN_SIZE, _LARGER * was)
    if would_be > most:
        return f"the largest person would have {would_be} different records, more than {most} (before: {was})"
    new = pairs.take(
        is_link & ~was_link
        & (before[pairs.left] != before[pairs.right])
        & (after[pairs.left] == after[pairs.right])
    )  # fmt: skip
    if len(new) < _FEW_LINKS:
        return None
    old = by_one_key(forms, pairs.take(was_link))
    for key, share in by_one_key(forms, new).items():
        if share > _MOST >= old[key]:
            return (
                f"{share:.0%} of the {len(new)} new links would rest on {key} alone (before: {old[key]:.0%})"
            )
    return None


def sizes(asked: int, strata: Sequence[Stratum], free: Sequence[int]) -> list[int]:
    """How many pairs to draw of each stratum: some of each, the rest where the doubt is greatest, `asked` in all at most.

    `free` says how many of each stratum can still be drawn. Of those surely joined no more are drawn than a fifth: where little is in
    doubt a review is short.
    """
    doubt = [
        float(np.sqrt(one.expected * (1 - one.expected))) if place != APART else 0.5
        for place, one in enumerate(strata)
    ]
    most = [min(count, asked // 5) if place == SURE else count for place, count in enumerate(free)]
    each = max(asked // (2 * len(strata)), 1)
    found = [0] * len(strata)
    for place, count in enumerate(most):
        found[place] = min(each, count, asked - sum(found))
    while sum(found) < min(asked, sum(most)):
        # One after another to where the doubt is great for the pairs drawn: the sums stay whole.
        open_places = [place for place, count in enumerate(most) if found[place] < count]
        found[max(open_places, key=lambda place: (doubt[place] / (found[place] + 1), -place))] += 1
    return found
