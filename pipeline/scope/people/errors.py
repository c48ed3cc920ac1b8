"""What the keys of a case must miss, and what chance must join: estimated from its own completeness, to widen the bounds.

Pairs of one human are drawn: which fields both speak of is taken from two mentions of the case at random, how they agree from the
model, how rare the values are from the case. The share of them that a bound would not join (no key in common, too little weight, or a
seeming contradiction) says how many of the humans it leaves in two. No outcome of the case's own joins is taken for the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.scope.people.forms import NOTHING, Forms, Ints, Mask, Reals, Small
from pipeline.scope.people.model import Model, prior_of, weigh
from pipeline.scope.people.pairs import KEYS, LEVELS, MOST_COMPARED, Patterns, level, pattern_of

SEED = 20221001
_DRAWN = 20_000
_EXCLUDED = 0.02
_Levels = np.ndarray[tuple[int], np.dtype[np.int8]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """By how many persons the counts over all forms may be off.

    `missed`: so many persons the low bound counts twice; `unlinked`: so many the likely one does; `chance`: so many the high
    bound takes for others, by links that chance makes. `missed_most` and `chance_most` are the upper limits of both by the
    answers of a clerical review: the larger holds.
    """

    missed: float
    unlinked: float
    chance: float
    forms: int
    missed_most: float = 0.0
    chance_most: float = 0.0

    def missed_of(self, forms: int) -> int:
        """The part of `missed` for so many forms of the case, at most."""
        return max(_whole(self._part(self.missed, forms)), _ceiled(self._part(self.missed_most, forms)))

    def unlinked_of(self, forms: int) -> int:
        """The part of `unlinked` for so many forms of the case, as expected."""
        return round(self._part(self.unlinked, forms))

    def chance_of(self, forms: int) -> int:
        """The part of `chance` for so many forms of the case, at most."""
        return max(_whole(self._part(self.chance, forms)), _ceiled(self._part(self.chance_most, forms)))

    def _part(self, expected: float, forms: int) -> float:
        return expected * min(1.0, forms / max(self.forms, 1))


def counted_twice(part: Small, share: float) -> float:
    """How many persons of a bound are expected to be another's, where a pair of one human is joined with probability `share`.

    A human of two mentions is counted twice where the one pair fails; one of more only where every pair of a mention does.
    """
    sizes = np.bincount(part, minlength=1)
    sizes = sizes[sizes > 1]
    share = min(max(share, 0.05), 1.0)
    of_two = float((sizes == 2).sum()) * (1 - share) / share
    larger = sizes[sizes > 2].astype(np.float64)
    return of_two + float((larger * (1 - share) ** (larger - 1)).sum())


def _whole(expected: float) -> int:
    """The expected number and twice its deviation; none where one is all but excluded."""
    return 0 if expected < _EXCLUDED else int(np.ceil(expected + 2 * np.sqrt(expected)))


def _ceiled(most: float) -> int:
    """A limit as a whole number; none where even one is all but excluded."""
    return 0 if most < _EXCLUDED else int(np.ceil(most))


def recall(
    model: Model, forms: Forms, passes: Callable[[Patterns, Reals], Mask], slips: float = 1.0
) -> float:
    """The share of pairs of one human that would be joined, where `passes` says which patterns and weights are; 1 without any form.

    Disagreements are drawn `slips` times as often as the model has them, which was learned from pairs that could be joined.
    """
    strong = np.flatnonzero(~forms.is_weak())
    if len(strong) < 2:
        return 1.0
    chance = np.random.default_rng(SEED)
    one, other = (strong[chance.integers(0, len(strong), _DRAWN)] for _ in range(2))
    pattern = _drawn(model, forms, one, other, chance, slips)
    humans = {
        "name": forms.humans["name"][one],
        "kana": forms.humans["kana"][one],
        "birth_date": forms.humans["birth"][one],
        "phone": forms.humans["phone"][one],
        "email": forms.humans["email"][one],
        "place": forms.humans["address"][one],
        "number": forms.humans["number"][one],
    }
    rarity = {field: values[one] for field, values in forms.rarity.items()}
    # Where the one of them says nothing of a field nothing can agree, so its rarity is not asked.
    found = passes(
        pattern, weigh(model, len(forms), pattern, prior_of(model, forms, one, other), humans, rarity)
    ) & _share_a_key(forms, one, pattern)
    return float(found.mean())


def _drawn(
    model: Model, forms: Forms, one: Ints, other: Ints, chance: np.random.Generator, slips: float
) -> Patterns:
    def both(*fields: str) -> Mask:
        known = np.ones(len(one), dtype=bool)
        for field in fields:
            known &= forms.says(field)[one] & forms.says(field)[other]
        return known

    levels: dict[str, _Levels] = {}
    known = {
        "birth_date": both("birth"),
        "phone": both("phone"),
        "email": both("email"),
        "place": both("address") | both("postal"),
        "number": both("number") & (forms.registry[one] == forms.registry[other]),
    }
    for field, said in known.items():
        levels[field] = np.where(
            said, _level(model, field, LEVELS[field][1:], len(one), chance, slips), 0
        ).astype(np.int8)
    is_named, is_read = both("name"), both("kana")
    named = _level(model, "name", ("exact", "kana", "edit", "changed", "differ"), len(one), chance, slips)
    # Spelt otherwise with the same reading is a slip like any other where the reading is not told.
    unread = is_named & ~is_read & (named == LEVELS["name"].index("kana"))
    named[unread] = LEVELS["name"].index("edit")
    alone = np.where(named == LEVELS["name"].index("exact"), LEVELS["name"].index("kana_alone"), named)
    levels["name"] = np.where(is_named, named, np.where(is_read, alone, 0)).astype(np.int8)
    return pattern_of(levels)


def _level(
    model: Model, field: str, names: tuple[str, ...], count: int, chance: np.random.Generator, slips: float
) -> _Levels:
    shares = np.array([model.fields[field].m[name] for name in names])
    shares[1:] *= slips
    drawn = np.searchsorted(np.cumsum(shares / shares.sum()), chance.random(count))
    numbers = np.array([LEVELS[field].index(name) for name in names], dtype=np.int8)
    found: _Levels = numbers[np.minimum(drawn, len(names) - 1)]
    return found


def _share_a_key(forms: Forms, one: Ints, pattern: Patterns) -> Mask:
    """Whether a pair of these patterns would have been compared: a key of `pairs.KEYS` agrees and is not shared by too many."""
    name = level(pattern, "name")
    same_name = (name == LEVELS["name"].index("exact")) | (name == LEVELS["name"].index("reading_differs"))
    agrees = {
        "name": same_name,
        "kana": (name == LEVELS["name"].index("kana"))
        | (name == LEVELS["name"].index("kana_alone"))
        | (name == LEVELS["name"].index("exact")) & forms.says("kana")[one],
        "birth": level(pattern, "birth_date") == 1,
        "phone": level(pattern, "phone") == 1,
        "email": level(pattern, "email") == 1,
        "address": level(pattern, "place") == 1,
        "postal": (level(pattern, "place") == 2) | (level(pattern, "place") == 1) & forms.says("postal")[one],
        "number": level(pattern, "number") == 1,
    }
    found = np.zeros(len(one), dtype=bool)
    for key in KEYS:
        shared = np.ones(len(one), dtype=bool)
        for field in key:
            shared &= agrees[field]
        if len(key) == 1 and key[0] in ("name", "kana"):
            shared &= _shared_by(forms.code[key[0]], one) <= MOST_COMPARED
        found |= shared
    return found


def _shared_by(code: Ints, one: Ints) -> Small:
    """How many forms have the value of each of some forms."""
    asked, place = np.unique(code[one], return_inverse=True)
    found = np.searchsorted(asked, code)
    found[found == len(asked)] = 0
    hits = found[(asked[found] == code) & (code != NOTHING)]
    return np.bincount(hits, minlength=len(asked))[place].astype(np.int32)
