"""How much each agreement weighs: the model of Fellegi and Sunter, with the case's own frequencies.

The weight of a pair is the logarithm (base 2) of its odds of being one human: how many pairs are at all, and for each field how often
one human's mentions agree so (m) against how often two humans' do (chance). What chance is for a value, the case shows:
of how many humans it says that they share it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pipeline.errors import RuleError
from pipeline.rulebook import RULES
from pipeline.scope.people.forms import Forms
from pipeline.scope.people.numbers import Few, Ints, Mask, Reals, Small, unique
from pipeline.scope.people.pairs import CONTRADICTING, LEVELS, Pairs, Patterns, level

FILE = RULES / "people" / "model.toml"
# What of a form shows how rare the value of a compared field is.
_RARITY = {
    "name": "name",
    "birth_date": "birth",
    "phone": "phone",
    "email": "email",
    "place": "address",
    "number": "number",
}
_PRIOR_ROWS = 20.0  # so many rows of a list do the rules' figure weigh
_SHOWN_PAIRS = 20.0  # so many pairs do they weigh where the case is asked what it shows
_SURE = 4.3  # a weight: 95 in 100
_CHUNK = 1 << 22
_LEARNED_FROM = 1 << 22  # pairs: more teach nothing new
_HOMONYM_PAIRS = 60_000.0  # so many pairs of a list do the rules' figure of shared names weigh
_MOST_SHARED = 0.02
_WHOLE_NAMES = ("exact", "kana_alone", "kana", "reading_differs")
_MOBILE = (8170, 8180, 8190)  # +81 70, 80 and 90, with eight digits behind
# Name levels that are weighed otherwise among those who live together.
_IN_HOUSEHOLD = ("edit", "part", "surname")
# Levels a name too short to be a whole one may have; the others are shares of whole names.
_PARTS = ("part", "part_differs")
_RAREST_NAME = 1e-8  # one in the whole population of Japan


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One compared field: m by level, chance by level, and of how many others one must think who share a value (of a mobile telephone).

    `shown` is m as the case shows it, the rules' figures weighing little: what is expected of it, where m is what may be said of any.
    """

    m: Mapping[str, float]
    chance: Mapping[str, float]
    others: float | None
    others_mobile: float | None = None
    shown: Mapping[str, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What weighs a pair; `learned_pairs` says on how many pairs of the case each field's m rests.

    `others_per_mention` and `others_per_row` are how many further mentions a mention's human has: anywhere, and in the same list before the
    case is learned from; `within` is that for each place of the case.
    """

    fields: Mapping[str, Field]
    joined_from: Mapping[str, float]
    others_per_mention: float
    others_per_row: float
    within: Reals | None
    prior_pairs: float
    dirty_from: float
    learned_pairs: Mapping[str, int]

    def is_shown(self, *fields: str) -> bool:
        """Whether the case has shown of some fields (or any) more pairs than the rules' figures weigh: fewer prove nothing of it."""
        return any(self.learned_pairs[one] >= self.prior_pairs for one in fields or self.learned_pairs)


def read_model() -> Model:
    """The model before the case teaches it.

    Raises:
        RuleError: a level or bound is missing or unknown.
    """
    stated = tomllib.loads(FILE.read_text(encoding="utf-8"))
    fields = {}
    for name, levels in LEVELS.items():
        own = stated.get(name, {})
        m, chance = own.get("m", {}), own.get("chance", {})
        unknown = (set(m) | set(chance)) - set(levels) - {f"{one}_in_household" for one in _IN_HOUSEHOLD}
        missing = set(levels) - {""} - set(m)
        if unknown or missing:
            raise RuleError(
                f"rule file people/model.toml: [{name}] has levels {sorted(m)}, needed are {levels[1:]}"
            )
        fields[name] = Field(
            m=m, chance=chance, others=own.get("others"), others_mobile=own.get("others_mobile")
        )
    return Model(
        fields=fields,
        joined_from=stated["joined_from"],
        others_per_mention=stated["others_per_mention"],
        others_per_row=stated["others_per_row"],
        within=None,
        prior_pairs=stated["prior_pairs"],
        dirty_from=stated["dirty_from"],
        learned_pairs=dict.fromkeys(fields, 0),
    )


def threshold(model: Model, bound: str) -> float:
    """The weight from which on a bound joins."""
    chance = model.joined_from[bound]
    return float(np.log2(chance / (1 - chance)))


def probability(weight: Reals) -> Reals:
    """How probable a pair of this weight is one human."""
    return (1 / (1 + np.exp2(-weight.astype(np.float64)))).astype(np.float32)


def weights(model: Model, forms: Forms, pairs: Pairs, without: str | None = None) -> Reals:
    """The weight of each pair, `without` a field if one is named."""
    found = np.empty(len(pairs), dtype=np.float32)
    before = priors(model, forms)
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        left, right = pairs.left[part], pairs.right[part]
        rarity = {
            field: np.minimum(forms.humans[of][left], forms.humans[of][right])
            for field, of in _RARITY.items()
        }
        rarity["kana"] = np.minimum(forms.humans["kana"][left], forms.humans["kana"][right])
        told = Told(
            humans=rarity,
            rarity={field: one[left] for field, one in forms.rarity.items()},
            is_mobile=is_mobile(forms.dialled[left]),
        )
        found[part] = weigh(
            model, len(forms), pairs.pattern[part], before.of(forms, left, right), told, without
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the case tells of the values two forms may share: how many humans do, how common names are by their parts, which telephones are mobile."""

    humans: Mapping[str, Few]
    rarity: Mapping[str, Reals]
    is_mobile: Mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Priors:
    """The odds (base 2 logarithm) of two forms being one human before anything is compared, anywhere and within each place."""

    anywhere: float
    within: Reals

    def of(self, forms: Forms, left: Small | Ints, right: Small | Ints) -> Reals:
        """The odds of each pair: lower within a list of humans."""
        place = forms.place[left]
        found: Reals = np.where(place == forms.place[right], self.within[place], self.anywhere).astype(
            np.float32
        )
        return found


def priors(model: Model, forms: Forms) -> Priors:
    """The odds of a case's pairs."""
    sizes = np.bincount(forms.place, minlength=len(forms.is_list))
    return Priors(
        anywhere=float(np.log2(model.others_per_mention / max(len(forms) - 1, 1))),
        within=np.log2(within(model, forms) / np.maximum(sizes - 1, 1)).astype(np.float32),
    )


def within(model: Model, forms: Forms) -> Reals:
    """For each place how many further mentions of its human a mention has there."""
    if model.within is not None:
        return model.within
    # A text speaks of its people again and again, a list has a row for each.
    return np.where(forms.is_list, model.others_per_row, model.others_per_mention).astype(np.float32)


def is_mobile(dialled: Ints) -> Mask:
    """Telephone numbers (with country code) of mobile telephones."""
    return np.isin(dialled // 100_000_000, _MOBILE)


def weigh(
    model: Model,
    count: int,
    pattern: Patterns,
    prior: Reals,
    told: Told,
    without: str | None = None,
) -> Reals:
    """The weight of agreements between two of `count` forms, whose odds were `prior` before."""
    humans_of_case = max(count / (1 + model.others_per_mention), 1.0)
    total = prior.astype(np.float64)
    parts = {
        field: _weight(model.fields[field], field, level(pattern, field), told, humans_of_case)
        for field in LEVELS
        if field != without
    }
    name = level(pattern, "name")
    own_level = {one: name == LEVELS["name"].index(one) for one in LEVELS["name"]}
    is_close = own_level["edit"] | own_level["edits"] | own_level["changed"] | own_level["part"]
    for one in CONTRADICTING:
        is_close |= own_level[one]
    household = np.zeros(len(pattern), dtype=np.float64)
    for field in ("phone", "place"):
        if field in parts:
            own = parts.pop(field)
            # One household shares both: where the names are not the same, both together say no more than one.
            household = np.where(
                is_close & (household > 0) & (own > 0), np.maximum(household, own), household + own
            )
    lives_there = (level(pattern, "phone") == 1) | (level(pattern, "place") == 1)
    if "name" in parts:
        rules = model.fields["name"]
        for one in _IN_HOUSEHOLD:
            among = np.log2(rules.m[one] / rules.chance[f"{one}_in_household"])
            parts["name"] = np.where(own_level[one] & lives_there, among, parts["name"])
    for own in parts.values():
        total += own
    total += household
    return total.astype(np.float32)


def _weight(
    rules: Field, field: str, levels: Patterns, told: Told, humans_of_case: float
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.zeros(len(levels), dtype=np.float64)
    for number, name in enumerate(LEVELS[field]):
        if not name:
            continue
        which = levels == number
        if not which.any():
            continue
        m = rules.m[name]
        if name in ("exact", "kana_alone", "reading_differs", "kana"):
            of = "kana" if name in ("kana_alone", "kana") else field
            # The two themselves may be two of those humans, so they prove nothing of how many others there are.
            least_others = np.full(int(which.sum()), rules.others or 0.0)
            if rules.others_mobile is not None:
                least_others[told.is_mobile[which]] = rules.others_mobile
            others = np.maximum(told.humans[of][which].astype(np.float64) - 2, least_others)
            least = np.full(len(others), rules.chance.get(name, 0.0))
            if of in told.rarity:  # a rare surname with a rare given name is rarer than names are at large
                least = np.clip(told.rarity[of][which], _RAREST_NAME, least)
            chance = np.maximum(others / humans_of_case, least)
            found[which] = np.log2(m) - np.log2(np.minimum(chance, 1.0))
        else:
            found[which] = np.log2(m / rules.chance[name])
    return found


def learned(model: Model, forms: Forms, pairs: Pairs) -> Model:
    """The model with m from the case's own pairs: for each field those that all other fields make sure of, as far as the field leaves them probable."""
    model = replace(model, fields={**model.fields, "name": _homonyms(model.fields["name"], forms)})
    step = max(len(pairs) // _LEARNED_FROM, 1)
    if step > 1:  # every so manieth pair, and each stands for so many
        pairs = pairs.take(np.arange(0, len(pairs), step))
    fields, counts = {}, {}
    whole_weight = weights(model, forms, pairs)
    is_part = forms.is_part[pairs.left] | forms.is_part[pairs.right]
    for name, rules in model.fields.items():
        known = np.flatnonzero(level(pairs.pattern, name) > 0)
        some = pairs.take(known)
        is_sure = weights(model, forms, some, without=name) > _SURE
        levels = level(some.pattern, name)
        # Who agrees in all but this and is another human would teach that humans change.
        probable = probability(whole_weight[known])
        groups = [(tuple(one for one in LEVELS[name] if one), is_sure)]
        if name == "name":
            whole = tuple(one for one in LEVELS[name] if one and one not in _PARTS)
            groups = [(whole, is_sure & ~is_part[known]), (_PARTS, is_sure & is_part[known])]
        m: dict[str, float] = {}
        shown: dict[str, float] = {}
        for of_group, own in groups:
            seen = np.bincount(levels[own], weights=probable[own], minlength=len(LEVELS[name]))
            numbers = {one: LEVELS[name].index(one) for one in of_group}
            total = float(seen[list(numbers.values())].sum())
            for figures, prior in ((m, model.prior_pairs), (shown, _SHOWN_PAIRS)):
                figures |= {
                    one: (prior * rules.m[one] + seen[number]) / (prior + total)
                    for one, number in numbers.items()
                }
        if name == "name":  # pairs of readings alone are no share of those whose names are written
            m["kana_alone"] = max(rules.m["kana_alone"], m["exact"])
        fields[name] = replace(rules, m=m, shown=shown)
        counts[name] = int(probable[is_sure].sum()) * step
    fields["phone"] = _sharing(fields["phone"], model.prior_pairs, forms, pairs)
    found = probability(weights(model, forms, pairs))
    is_matched = found > 0.5  # noqa: PLR2004  more likely one than two
    same = forms.place[pairs.left] == forms.place[pairs.right]
    matched = float(found[is_matched & ~same].sum()) * step
    others = (model.prior_pairs * model.others_per_mention + 2 * matched) / (model.prior_pairs + len(forms))
    own_place = forms.place[pairs.left[is_matched & same]]
    sizes = np.bincount(forms.place, minlength=len(forms.is_list))
    again = 2 * step * np.bincount(own_place, weights=found[is_matched & same], minlength=len(sizes))
    in_place = (_PRIOR_ROWS * within(model, forms) + again) / (_PRIOR_ROWS + sizes)
    return replace(
        model,
        fields=fields,
        learned_pairs=counts,
        others_per_mention=float(np.clip(others, 0.02, 20.0)),
        within=np.clip(in_place, 0.002, 50.0).astype(np.float32),
    )


def _homonyms(rules: Field, forms: Forms) -> Field:
    """Names with how often two humans bear the same, as the lists of the case show it: rows of one list that share a name and differ in date of birth or number.

    Names of one region, one generation or one company are shared far more often than names at large.
    """
    seen, shared = _HOMONYM_PAIRS * rules.chance["exact"], 0.0
    pairs = _HOMONYM_PAIRS
    for other in ("birth", "number"):
        own = np.flatnonzero(forms.is_list[forms.place] & forms.says("name") & forms.says(other))
        place, name, apart = forms.place[own], forms.code["name"][own], forms.code[other][own]
        within_list = _pairs_in(place)
        bearing, same = _pairs_in(place, name), _pairs_in(place, name, apart)
        if within_list > pairs:
            pairs, shared = _HOMONYM_PAIRS + within_list, bearing - same
    found = min((seen + shared) / pairs, _MOST_SHARED)
    times = max(found / rules.chance["exact"], 1.0)
    chance = {one: value * times if one in _WHOLE_NAMES else value for one, value in rules.chance.items()}
    return replace(rules, chance=chance)


def _pairs_in(*codes: Ints | Small) -> float:
    """How many pairs of rows have all these codes in common."""
    if not len(codes[0]):
        return 0.0
    order = np.lexsort(codes)
    is_new = np.zeros(len(order), dtype=bool)
    is_new[0] = True
    for code in codes:
        is_new[1:] |= code[order][1:] != code[order][:-1]
    sizes = np.diff(np.append(np.flatnonzero(is_new), len(order))).astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def _sharing(rules: Field, prior: float, forms: Forms, pairs: Pairs) -> Field:
    """The telephone with how many others share one, as the case shows it: humans of other names that nothing else makes one."""
    both = level(pairs.pattern, "phone") == 1
    differ = np.zeros(len(pairs), dtype=bool)
    for one in ("surname", "differ"):
        differ |= level(pairs.pattern, "name") == LEVELS["name"].index(one)
    for field in ("birth_date", "email", "number"):
        differ &= level(pairs.pattern, field) != 1
    mobile = is_mobile(forms.dialled[pairs.left])
    found = []
    for kind, stated in ((~mobile, rules.others), (mobile, rules.others_mobile)):
        known = len(unique(forms.code["phone"][pairs.left[both & kind]]))
        shared = len(unique(forms.code["phone"][pairs.left[both & kind & differ]]))
        found.append((prior * (stated or 0.0) + 2 * shared) / (prior + known + shared))
    return replace(rules, others=found[0], others_mobile=found[1])
