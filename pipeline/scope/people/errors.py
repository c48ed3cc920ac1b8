"""What the links of a case must miss, and what chance must join: estimated from its own completeness, to widen the bounds.

Humans are drawn: of how many forms is taken from the case's persons, what each form speaks of from forms of the case at random, which of them
stray (a slip, a move, another telephone) from the model, how rare the values are from the case. Their pairs are joined as a bound would join
them (a key in common, enough weight, no contradiction), and into how many persons each falls says how many are counted twice. No outcome
of the case's own joins is taken for the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from pipeline.scope.people import profiles
from pipeline.scope.people.forms import Forms
from pipeline.scope.people.model import Model, Told, is_mobile, priors, weigh, within
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import KEYS, LEVELS, MOST_COMPARED, Patterns, level, pattern_of

SEED = 20221001
_DRAWN = 10_000
_FEWEST = 4_000
_MOST_FORMS = 8
_EXCLUDED = 0.02
_REDRAWN = 4
_MOST_HELD = 0.9
_MOST_HIDDEN, _STRETCHED_FROM = 2.0, 3.0
Wide = np.ndarray[tuple[int], np.dtype[np.float64]]
_Levels = np.ndarray[tuple[int], np.dtype[np.int8]]
_Value = TypeVar("_Value", bound=np.generic)
_Square = np.ndarray[tuple[int, int, int], np.dtype[_Value]]
_Joins = Callable[[Patterns, Reals], Mask]
# What a name may be where a mention strays from how its human is called elsewhere.
_NAMES = ("kana", "reading_differs", "edit", "edits", "changed", "surname", "differ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Widening:
    """By how many persons the counts over all mentions may be off.

    `missed`: so many persons the low bound counts twice; `unlinked`: so many the likely one does; `chance`: so many the high
    bound takes for others, by links that chance makes. Where much was joined much was missed: a part of the mentions has its part by
    the joins within it, of which `missed_joins` and `unlinked_joins` are all; links by chance go by forms. `missed_most` and
    `chance_most` are the upper limits of both by the answers of a clerical review: the larger holds.
    """

    missed: float
    missed_joins: int
    unlinked: float
    unlinked_joins: int
    chance: float
    forms: int
    missed_most: float = 0.0
    chance_most: float = 0.0

    def missed_of(self, joins: int) -> int:
        """The part of `missed` where the low bound made so many joins, at most."""
        share = min(1.0, joins / max(self.missed_joins, 1))
        # Where nothing was joined at all, what reviewers joined is no part of it.
        return max(
            _whole(self.missed * share), _ceiled(self.missed_most * (share if self.missed_joins else 1.0))
        )

    def unlinked_of(self, joins: int) -> float:
        """The part of `unlinked` where the likely bound made so many joins, as expected."""
        return self.unlinked * min(1.0, joins / max(self.unlinked_joins, 1))

    def chance_of(self, forms: int) -> int:
        """The part of `chance` for so many forms of the case, at most."""
        share = min(1.0, forms / max(self.forms, 1))
        return max(_whole(self.chance * share), _ceiled(self.chance_most * share))


def counted_twice(persons: int, forms: int, pieces: float) -> float:
    """How many of the persons of a bound are another's, where humans with as many forms as persons have are expected to fall into so many.

    What fell into pieces had more forms than any piece has, and so more to fall into: as many more as the humans are fewer.
    """
    surplus = max(pieces - 1, 0.0)
    each = forms / max(persons, 1)
    if each > 1:
        surplus *= min((each * (1 + surplus) - 1) / (each - 1), 2.0)
    return persons * surplus / (1 + surplus)


def strayed_weak(model: Model, forms: Forms, persons: Small) -> float:
    """How many persons known by a name alone are others' whose name is written otherwise there: as many as names stray, of those found by name."""
    weak = forms.is_weak()
    has_strong = np.zeros(len(forms), dtype=bool)
    has_strong[persons[~weak]] = True
    found = int(np.count_nonzero(has_strong[persons[weak]]))
    alone = len(unique(persons[weak & ~has_strong[persons]]))
    rules = model.fields["name"]
    exact = float(np.sqrt(min((rules.shown or rules.m)["exact"], 1.0)))
    return min(float(alone), found * (1 - exact) / exact)


def _whole(expected: float) -> int:
    """The expected number and three times its deviation; none where one is all but excluded."""
    return 0 if expected < _EXCLUDED else int(np.ceil(expected + 3 * np.sqrt(expected)))


def _ceiled(most: float) -> int:
    """A limit as a whole number; none where even one is all but excluded."""
    return 0 if most < _EXCLUDED else int(np.ceil(most))


def pieces(
    model: Model,
    forms: Forms,
    persons: Small,
    joins: _Joins,
    slips: float | None = None,
) -> float:
    """Into how many persons a human falls on average, where `joins` says which patterns and weights a bound joins.

    `persons` are those of the likely bound: of so many forms are humans. For that bound mentions stray as the case shows, and what joins
    by little is weighed by all that two persons say, as `profiles` does; with `slips` they stray so many times as often as the model has
    it, which was learned from pairs that could be joined.
    """
    strong = np.flatnonzero(~forms.is_weak())
    sizes = np.bincount(persons[strong], minlength=1)
    several = sizes[sizes > 1]  # who has one form falls into no pieces
    if not len(several):
        return 1.0
    chance = np.random.default_rng(SEED)
    count = int(np.clip(len(several), _FEWEST, _DRAWN))
    size = np.minimum(several[chance.integers(0, len(several), count)], _MOST_FORMS)
    most = int(size.max())
    drawn = _forms_of(model, forms, strong, _odds(forms, persons, strong), count, most, chance)
    hidden: Mapping[str, float] = {}
    if slips is None:
        # What strayed so far that it was never joined taught the case nothing: among drawn humans it is known how much that is.
        hidden = _compare(model, forms, drawn, size, slips, {}).hidden(model, joins)
    linked = _compare(model, forms, drawn, size, slips, hidden).linked(model, joins, by_profile=slips is None)
    # A piece is counted where its first form stands.
    is_first = linked.argmax(axis=2) == np.arange(most)
    is_there = np.arange(most) < size[:, None]
    each = float((is_first & is_there).sum() / count)
    return 1 + (each - 1) * len(several) / int((sizes > 0).sum())


def _compare(
    model: Model, forms: Forms, drawn: np.ndarray[tuple[int, int], np.dtype[np.int64]], size: Ints | Small,
    slips: float | None, hidden: Mapping[str, float],
) -> _Compared:  # fmt: skip
    """Every two forms of each drawn human compared, each straying by chance: `hidden` times as often as the case shows, by field."""
    count, most = drawn.shape
    chance = np.random.default_rng(SEED + 1)
    strayed = {
        field: _strayed(model, field, drawn.shape, chance, slips, hidden.get(field, 1.0)) for field in LEVELS
    }
    compared = _Compared.of(count, most)
    before = priors(model, forms)
    for one in range(most - 1):
        for other in range(one + 1, most):
            asked = np.flatnonzero(size > other)
            if not len(asked):
                continue
            left, right = drawn[asked, one], drawn[asked, other]
            pattern = _pattern(
                forms, left, right, {f: (s[asked, one], s[asked, other]) for f, s in strayed.items()}
            )
            weight = weigh(model, len(forms), pattern, before.of(forms, left, right), _told(forms, left))
            compared.add(asked, one, other, pattern, weight, _share_a_key(forms, left, pattern))
    return compared


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """The forms of each drawn human compared two by two; `is_met` where a key brings the two together."""

    pattern: _Square[np.int16]
    weight: _Square[np.float32]
    is_met: _Square[np.bool_]

    @classmethod
    def of(cls, count: int, most: int) -> _Compared:
        shape = (count, most, most)
        return cls(
            pattern=np.zeros(shape, np.int16),
            weight=np.zeros(shape, np.float32),
            is_met=np.zeros(shape, np.bool_),
        )

    def add(self, humans: Ints, one: int, other: int, pattern: Patterns, weight: Reals, is_met: Mask) -> None:
        """Put down what comparing two forms of some humans gave."""
        for a, b in ((one, other), (other, one)):
            self.pattern[humans, a, b], self.weight[humans, a, b], self.is_met[humans, a, b] = (
                pattern,
                weight,
                is_met,
            )

    def hidden(self, model: Model, joins: _Joins) -> dict[str, float]:
        """For each field how many times as often two forms of one human disagree as the pairs that would be joined show."""
        above = np.triu(np.ones(self.weight.shape[1:], dtype=bool), k=1)
        pattern = self.pattern[:, above].reshape(-1)
        is_seen = joins(pattern, self.weight[:, above].reshape(-1)) & self.is_met[:, above].reshape(-1)
        found = {}
        for field in LEVELS:
            at = level(pattern, field)
            strays = np.isin(at, [LEVELS["name"].index(one) for one in _NAMES]) if field == "name" else at > 1
            known = at > 0
            every, seen = (
                float(strays[which].mean()) if which.any() else 0.0 for which in (known, known & is_seen)
            )
            times = float(np.clip(every / seen, 1.0, _MOST_HIDDEN)) if seen else 1.0
            # What few pairs show of a field is itself no more than a guess, and is not stretched far.
            taught = model.learned_pairs[field]
            found[field] = 1 + (times - 1) * taught / (taught + _STRETCHED_FROM * model.prior_pairs)
        return found

    def linked(self, model: Model, joins: _Joins, *, by_profile: bool) -> _Square[np.bool_]:
        """Which forms of a human come to stand in one person."""

        def joined(weight: _Square[np.float32]) -> _Square[np.bool_]:
            found = joins(self.pattern.reshape(-1), weight.reshape(-1)).reshape(weight.shape)
            return np.asarray(found & self.is_met)

        if not by_profile:
            return _closed(joined(self.weight))
        sure = joined(self.weight) & (self.weight >= profiles.SURE)
        persons = _closed(sure).astype(np.float32)
        against = np.zeros_like(self.weight)
        for field in profiles.FIELDS:
            at = level(self.pattern.reshape(-1), field).reshape(self.pattern.shape)
            known, apart = at > 0, at == len(LEVELS[field]) - 1
            are_known, is_shared = (
                persons @ one.astype(np.float32) @ persons > 0 for one in (known, known & ~apart)
            )
            weighs = np.float32(profiles.against(model, field))
            against += np.where(are_known & ~is_shared & ~known, weighs, np.float32(0))
            against -= np.where(is_shared & apart, weighs, np.float32(0))
        return _closed(sure | joined(self.weight + against))


def _closed(linked: _Square[np.bool_]) -> _Square[np.bool_]:
    """Everybody with all that any way of links leads to, and with itself."""
    most = linked.shape[1]
    found = linked.copy()
    found[:, np.arange(most), np.arange(most)] = True
    for _ in range(int(np.ceil(np.log2(max(most, 2))))):
        own = found.astype(np.float32)
        found = own @ own > 0
    return found


def _odds(forms: Forms, persons: Small, strong: Ints) -> Wide:
    """How each form is to be drawn: of humans of so many forms one list holds as many as the odds of standing in it."""
    packed = unique((forms.place[strong].astype(np.int64) << 32) | persons[strong])
    held = np.bincount(packed >> 32, minlength=len(forms.is_list)) / len(unique(persons[strong]))
    odds = 1 / (1 - np.minimum(held, _MOST_HELD))
    cumulated: Wide = np.cumsum(odds[forms.place[strong]])
    return cumulated


def _forms_of(
    model: Model,
    forms: Forms,
    strong: Ints,
    odds: Wide,
    count: int,
    most: int,
    chance: np.random.Generator,
) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """For each human forms at random; a second of one list only as often as the list has a human again."""
    again = within(model, forms)
    drawn = np.zeros((count, most), dtype=np.int64)
    for number in range(most):
        left = np.arange(count)
        for _ in range(_REDRAWN):
            drawn[left, number] = strong[np.searchsorted(odds, chance.random(len(left)) * odds[-1])]
            place = forms.place[drawn[left, number]]
            same = (forms.place[drawn[left, :number]] == place[:, None]).any(axis=1)
            left = left[same & forms.is_list[place] & (chance.random(len(left)) > again[place])]
            if not len(left):
                break
    return drawn


def _strayed(
    model: Model,
    field: str,
    shape: tuple[int, int],
    chance: np.random.Generator,
    slips: float | None,
    hidden: float = 1.0,
) -> np.ndarray[tuple[int, int], np.dtype[np.int8]]:
    """For each form the level at which it agrees with others of its human, 0 where it says what all say: two agree where neither strays."""
    names = _NAMES if field == "name" else LEVELS[field][2:]
    rules = model.fields[field]
    m = rules.m if slips is not None or rules.shown is None else rules.shown
    shares = np.array([m[one] for one in names])
    rate = min((slips or 1.0) * (1 - np.sqrt(1 - min(float(shares.sum()) * hidden, 0.99))), 0.95)
    which = np.searchsorted(np.cumsum(shares / shares.sum()), chance.random(shape))
    numbers = np.array([LEVELS[field].index(one) for one in names], dtype=np.int8)
    return np.where(chance.random(shape) < rate, numbers[np.minimum(which, len(names) - 1)], 0).astype(
        np.int8
    )


def _pattern(
    forms: Forms, one: Ints, other: Ints, strayed: Mapping[str, tuple[_Levels, _Levels]]
) -> Patterns:
    def both(field: str) -> Mask:
        known: Mask = forms.says(field)[one] & forms.says(field)[other]
        return known

    def agreed(field: str, exact: int = 1) -> _Levels:
        found = np.maximum(*strayed[field])
        return np.where(found > 0, found, exact).astype(np.int8)

    names = {name: number for number, name in enumerate(LEVELS["name"])}
    same_issuer = forms.registry[one] == forms.registry[other]
    levels: dict[str, _Levels] = {
        field: np.where(known, agreed(field), 0).astype(np.int8)
        for field, known in {
            "birth_date": both("birth"),
            "phone": both("phone"),
            "email": both("email"),
            "number": both("number") & same_issuer,
        }.items()
    }
    place = np.where(both("address"), agreed("place"), np.where(both("postal"), agreed("place", 2), 0))
    levels["place"] = place.astype(np.int8)
    is_named, is_read = both("name"), both("kana")
    named = agreed("name")
    # Spelt otherwise with the same reading is one given name for another where the reading is not told.
    named = np.where(is_named & ~is_read & (named == names["kana"]), names["surname"], named)
    alone = np.where(named == names["exact"], names["kana_alone"], named)
    found = np.where(is_named, named, np.where(is_read, alone, 0))
    part = (is_named | is_read) & (forms.is_part[one] != forms.is_part[other])
    has_other_surname = (found == names["changed"]) | (found == names["differ"])
    levels["name"] = np.where(
        part, np.where(has_other_surname, names["part_differs"], names["part"]), found
    ).astype(np.int8)
    return pattern_of(levels)


def _told(forms: Forms, one: Ints) -> Told:
    # Where the other says nothing of a field nothing can agree, so its rarity is not asked.
    fields = {"birth_date": "birth", "place": "address"}
    return Told(
        humans={
            field: forms.humans[fields.get(field, field)][one]
            for field in ("name", "kana", "birth_date", "phone", "email", "place", "number")
        },
        rarity={field: values[one] for field, values in forms.rarity.items()},
        is_mobile=is_mobile(forms.dialled[one]),
    )


def _share_a_key(forms: Forms, one: Ints, pattern: Patterns) -> Mask:
    """Whether a pair of these patterns would have been compared: a key of `pairs.KEYS` agrees and is not shared by too many."""
    name = level(pattern, "name")

    def is_name(*levels: str) -> Mask:
        found: Mask = np.isin(name, [LEVELS["name"].index(one) for one in levels])
        return found

    same_name = is_name("exact", "reading_differs")
    agrees = {
        "name": same_name,
        "kana": is_name("kana", "kana_alone") | is_name("exact") & forms.says("kana")[one],
        "given": same_name | is_name("changed"),
        "birth": level(pattern, "birth_date") == 1,
        "phone": level(pattern, "phone") == 1,
        "email": level(pattern, "email") == 1,
        "address": level(pattern, "place") == 1,
        "postal": (level(pattern, "place") == 2) | (level(pattern, "place") == 1) & forms.says("postal")[one],  # noqa: PLR2004
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


def _shared_by(code: Small, one: Ints) -> Ints:
    """How many forms have the value of each of some forms."""
    found: Ints = np.bincount(code)[code[one]] * (code[one] != NOTHING)
    return found
