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
from pipeline.scope.people.forms import Forms, Ints, Reals, Small
from pipeline.scope.people.pairs import LEVELS, Pairs, Patterns, level

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
_SURE = 4.3  # a weight: 95 in 100
_CHUNK = 1 << 22
_RAREST_NAME = 1e-8  # one in the whole population of Japan


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One compared field: m by level, chance by level, and of how many others one must think who share a value."""

    m: Mapping[str, float]
    chance: Mapping[str, float]
    others: float | None


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
    learned_pairs: Mapping[str, int]


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
        unknown = (set(m) | set(chance)) - set(levels) - {"edit_in_household", "part_in_household"}
        missing = set(levels) - {""} - set(m)
        if unknown or missing:
            raise RuleError(
                f"rule file people/model.toml: [{name}] has levels {sorted(m)}, needed are {levels[1:]}"
            )
        fields[name] = Field(m=m, chance=chance, others=own.get("others"))
    return Model(
        fields=fields,
        joined_from=stated["joined_from"],
        others_per_mention=stated["others_per_mention"],
        others_per_row=stated["others_per_row"],
        within=None,
        prior_pairs=stated["prior_pairs"],
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
    for start in range(0, len(pairs), _CHUNK):
        part = slice(start, start + _CHUNK)
        rarity = {
            field: np.minimum(forms.humans[of][pairs.left[part]], forms.humans[of][pairs.right[part]])
            for field, of in _RARITY.items()
        }
        rarity["kana"] = np.minimum(
            forms.humans["kana"][pairs.left[part]], forms.humans["kana"][pairs.right[part]]
        )
        parts = {field: one[pairs.left[part]] for field, one in forms.rarity.items()}
        prior = prior_of(model, forms, pairs.left[part], pairs.right[part])
        found[part] = weigh(model, len(forms), pairs.pattern[part], prior, rarity, parts, without)
    return found


def prior_of(model: Model, forms: Forms, left: Small | Ints, right: Small | Ints) -> Reals:
    """The odds (base 2 logarithm) of two forms being one human before anything is compared: lower within a list of humans."""
    anywhere = np.log2(model.others_per_mention / max(len(forms) - 1, 1))
    sizes = np.bincount(forms.place, minlength=len(forms.is_list))
    within = np.log2(_within(model, forms) / np.maximum(sizes - 1, 1))
    same = forms.place[left] == forms.place[right]
    found: Reals = np.where(same, within[forms.place[left]], anywhere).astype(np.float32)
    return found


def _within(model: Model, forms: Forms) -> Reals:
    if model.within is not None:
        return model.within
    # A text speaks of its people again and again, a list has a row for each.
    return np.where(forms.is_list, model.others_per_row, model.others_per_mention).astype(np.float32)


def weigh(
    model: Model,
    count: int,
    pattern: Patterns,
    prior: Reals,
    humans: Mapping[str, Small],
    rarity: Mapping[str, Reals],
    without: str | None = None,
) -> Reals:
    """The weight of agreements between two of `count` forms, whose odds were `prior` before.

    `humans` share the value of each field (and of `kana`); `rarity` is how common name and reading are by their parts.
    """
    humans_of_case = max(count / (1 + model.others_per_mention), 1.0)
    total = prior.astype(np.float64)
    parts = {
        field: _weight(model.fields[field], field, level(pattern, field), humans, rarity, humans_of_case)
        for field in LEVELS
        if field != without
    }
    name = level(pattern, "name")
    close = {one: name == LEVELS["name"].index(one) for one in ("edit", "changed", "part")}
    is_close = close["edit"] | close["changed"] | close["part"]
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
        for one in ("edit", "part"):
            among = np.log2(rules.m[one] / rules.chance[f"{one}_in_household"])
            parts["name"] = np.where(close[one] & lives_there, among, parts["name"])
    for own in parts.values():
        total += own
    total += household
    return total.astype(np.float32)


def _weight(
    rules: Field,
    field: str,
    levels: Patterns,
    humans: Mapping[str, Small],
    rarity: Mapping[str, Reals],
    humans_of_case: float,
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
            others = np.maximum(humans[of][which].astype(np.float64) - 2, rules.others or 0.0)
            least = np.full(len(others), rules.chance.get(name, 0.0))
            if of in rarity:  # a rare surname with a rare given name is rarer than names are at large
                least = np.clip(rarity[of][which], _RAREST_NAME, least)
            chance = np.maximum(others / humans_of_case, least)
            found[which] = np.log2(m) - np.log2(np.minimum(chance, 1.0))
        else:
            found[which] = np.log2(m / rules.chance[name])
    return found


def learned(model: Model, forms: Forms, pairs: Pairs) -> Model:
    """The model with m from the case's own pairs: for each field those that all other fields make sure of."""
    fields, counts = {}, {}
    for name, rules in model.fields.items():
        known = np.flatnonzero(level(pairs.pattern, name) > 0)
        some = pairs.take(known)
        sure = some.take(weights(model, forms, some, without=name) > _SURE)
        seen = np.bincount(level(sure.pattern, name), minlength=len(LEVELS[name])).astype(np.float64)
        total = float(seen.sum())
        m = {
            one: (model.prior_pairs * rules.m[one] + seen[number]) / (model.prior_pairs + total)
            for number, one in enumerate(LEVELS[name])
            if one
        }
        if (
            name == "name"
        ):  # pairs of a reading alone, or of half a name, are no share of those whose names are whole
            m |= {"kana_alone": max(rules.m["kana_alone"], m["exact"]), "part": rules.m["part"]}
        fields[name], counts[name] = replace(rules, m=m), int(total)
    found = probability(weights(model, forms, pairs))
    is_matched = found > 0.5  # noqa: PLR2004  more likely one than two
    same = forms.place[pairs.left] == forms.place[pairs.right]
    matched = float(found[is_matched & ~same].sum())
    others = (model.prior_pairs * model.others_per_mention + 2 * matched) / (model.prior_pairs + len(forms))
    own = forms.place[pairs.left[is_matched & same]]
    sizes = np.bincount(forms.place, minlength=len(forms.is_list))
    again = 2 * np.bincount(own, weights=found[is_matched & same], minlength=len(sizes))
    within = (_PRIOR_ROWS * _within(model, forms) + again) / (_PRIOR_ROWS + sizes)
    return replace(
        model,
        fields=fields,
        learned_pairs=counts,
        others_per_mention=float(np.clip(others, 0.02, 20.0)),
        within=np.clip(within, 0.002, 50.0).astype(np.float32),
    )
