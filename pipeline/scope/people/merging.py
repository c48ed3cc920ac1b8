"""Joins pairs into persons in falling weight, and never over a contradiction."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from pipeline.scope.people.forms import Forms
from pipeline.scope.people.numbers import NOTHING, Ints, Mask, Small, unique

_LATIN = re.compile("[a-z]+")
_AT_ONCE = 200_000  # forms
Names = Callable[[Small], Mapping[int, tuple[str | None, str | None]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strictness:
    """What contradicts in a bound.

    `is_exact` allows no slip in a date or name, `by_number` keeps two numbers of one issuer apart, and `by_birth` two dates of
    birth; the last even where an edge overrules what else contradicts.
    """

    is_exact: bool
    by_number: bool
    by_birth: bool = True


@dataclass(slots=True)
class _Person:
    """What is said of a person so far."""

    days: set[int] = field(default_factory=set)
    births: set[int] = field(default_factory=set)
    numbers: dict[int, int] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    kana: set[str] = field(default_factory=set)
    forms: set[int] = field(default_factory=set)


def joined(parent: Small, left: Small, right: Small) -> Small:
    """Connected components after adding edges, each named by its lowest number (hooking and pointer jumping)."""
    parent = parent.copy()
    while True:
        low = np.minimum(parent[left], parent[right])
        high = np.maximum(parent[left], parent[right])
        moved = low < high
        if not moved.any():
            return parent
        left, right = left[moved], right[moved]
        np.minimum.at(parent, high[moved], low[moved])
        while True:  # every number to the lowest of its component
            above = parent[parent]
            if (above == parent).all():
                break
            parent = above


def merged(
    finer: Small,
    left: Small,
    right: Small,
    discriminates: Mask | None,
    overrules: Mask | None,
    forms: Forms,
    names: Names,
    strictness: Strictness,
    apart: Sequence[tuple[int, int]],
) -> Small:
    """Persons of a bound: those of the finer one joined by edges that stand in falling weight.

    Where joining all at once brings a contradiction into a person, that person's edges are taken one by one, each
    refused that would contradict what is said so far. With `discriminates`, who has proof of being two humans, and no edge marked
    there that says which, stays alone. Edges marked in `overrules` join whatever else the two say.
    """
    together = joined(finer, left, right)
    is_mixed = _contradicts(together, forms, strictness)
    ruled = np.zeros(len(finer), dtype=bool)
    for one, other in apart:
        if together[one] == together[other]:
            ruled[together[one]] = True
    is_asked = (is_mixed | ruled)[together]
    inside = np.flatnonzero(is_asked).astype(np.int32)
    if not len(inside):
        return together
    edges = np.flatnonzero(is_asked[left])
    forbidden: dict[int, set[int]] = {}
    for one, other in apart:
        forbidden.setdefault(one, set()).add(other)
        forbidden.setdefault(other, set()).add(one)
    result = together.copy()
    # What is not joined at all is asked for itself: so many forms at a time stand in memory as objects.
    order = inside[np.argsort(together[inside], kind="stable")]
    part_of = np.zeros(len(finer), dtype=np.int32)
    heads = np.flatnonzero(np.concatenate([[True], together[order][1:] != together[order][:-1]]))
    part_of[together[order[heads]]] = heads // _AT_ONCE
    of_edge = part_of[together[left[edges]]]
    edges = edges[np.argsort(of_edge, kind="stable")]
    of_edge = np.sort(of_edge, kind="stable")
    of_form = part_of[together[order]]
    for number in unique(of_form).tolist():
        some = order[np.searchsorted(of_form, number) : np.searchsorted(of_form, number, side="right")]
        own = edges[np.searchsorted(of_edge, number) : np.searchsorted(of_edge, number, side="right")]
        result[some] = _taken_one_by_one(
            np.sort(some),
            some,
            own,
            finer,
            left,
            right,
            discriminates,
            overrules,
            forms,
            names,
            strictness,
            forbidden,
        )
    return result


def _taken_one_by_one(
    inside: Small,
    asked: Small,
    edges: Ints,
    finer: Small,
    left: Small,
    right: Small,
    discriminates: Mask | None,
    overrules: Mask | None,
    forms: Forms,
    names: Names,
    strictness: Strictness,
    forbidden: Mapping[int, set[int]],
) -> Small:
    said = names(inside)
    people = _people(inside, finer, forms, said)
    one_side, other_side = finer[left[edges]], finer[right[edges]]
    sure_of_it = np.zeros(len(one_side), dtype=bool) if overrules is None else overrules[edges]
    root, refused = _one_by_one(people, one_side, other_side, sure_of_it, strictness, forbidden)
    if discriminates is not None and refused:
        # Whose these are their own facts do not say: each stays alone.
        sure = discriminates[edges]
        told = {*one_side[sure].tolist(), *other_side[sure].tolist()}
        lost = np.array(sorted(refused - told), dtype=np.int64)
        keep = ~(np.isin(one_side, lost) | np.isin(other_side, lost))
        people = _people(inside, finer, forms, said)
        root, _ = _one_by_one(
            people, one_side[keep], other_side[keep], sure_of_it[keep], strictness, forbidden
        )
    return np.array([root(unit) for unit in finer[asked].tolist()], dtype=np.int32)


def _contradicts(parent: Small, forms: Forms, strictness: Strictness) -> Mask:
    """Persons (by their name) in whom two dates of birth, two names, or two numbers of one issuer stand."""
    found = np.zeros(len(parent), dtype=bool)
    for code in (forms.code["birth"], forms.code["name"]):
        found |= _several(parent, code)
    # A person known by readings alone is told apart by them.
    found |= _several(parent, forms.code["kana"]) & ~_any(parent, forms.says("name"))
    if strictness.by_number:
        own = np.flatnonzero(forms.code["number"] != NOTHING)
        order = own[np.lexsort((forms.code["number"][own], forms.registry[own], parent[own]))]
        same = (parent[order][1:] == parent[order][:-1]) & (
            forms.registry[order][1:] == forms.registry[order][:-1]
        )
        clash = same & (forms.code["number"][order][1:] != forms.code["number"][order][:-1])
        found[parent[order][1:][clash]] = True
    return found


def _several(parent: Small, code: Small) -> Mask:
    known = np.flatnonzero(code != NOTHING)
    least = np.full(len(parent), np.iinfo(np.int32).max, dtype=np.int32)
    most = np.full(len(parent), np.iinfo(np.int32).min, dtype=np.int32)
    np.minimum.at(least, parent[known], code[known])
    np.maximum.at(most, parent[known], code[known])
    several: Mask = least < most
    return several


def _any(parent: Small, which: Mask) -> Mask:
    found = np.zeros(len(parent), dtype=bool)
    found[parent[which]] = True
    return found


def _people(
    inside: Small, finer: Small, forms: Forms, names: Mapping[int, tuple[str | None, str | None]]
) -> dict[int, _Person]:
    people: dict[int, _Person] = {}
    said = zip(
        inside.tolist(),
        finer[inside].tolist(),
        forms.day[inside].tolist(),
        forms.code["birth"][inside].tolist(),
        forms.registry[inside].tolist(),
        forms.code["number"][inside].tolist(),
        strict=True,
    )
    for form, unit, day, birth, registry, number in said:
        person = people.setdefault(unit, _Person())
        person.forms.add(form)
        if birth:
            person.births.add(birth)
            person.days.add(day)
        if number:
            person.numbers[registry] = number
        name, kana = names[form]
        if name:
            person.names.add(name)
        if kana:
            person.kana.add(kana)
    return people


def _one_by_one(
    people: dict[int, _Person],
    left: Small,
    right: Small,
    overrules: Mask,
    strictness: Strictness,
    forbidden: Mapping[int, set[int]],
) -> tuple[Callable[[int], int], set[int]]:
    """Who a unit ends with, and the units whose edges were refused because two dates, names or numbers stood against them."""
    refused: set[int] = set()
    above = {unit: unit for unit in people}

    def root(unit: int) -> int:
        while above[unit] != unit:
            above[unit] = unit = above[above[unit]]
        return unit

    for one, other, is_sure in zip(left.tolist(), right.tolist(), overrules.tolist(), strict=True):
        low, high = root(one), root(other)
        if low == high:
            continue
        if low > high:
            low, high = high, low
        mine, theirs = people[low], people[high]
        if not _is_compatible(mine, theirs, strictness, whatever_else=is_sure):
            refused |= {one, other}
            continue
        if any(forbidden[form] & theirs.forms for form in mine.forms & forbidden.keys()):
            continue
        above[high] = low
        mine.days |= theirs.days
        mine.births |= theirs.births
        mine.numbers |= theirs.numbers
        mine.names |= theirs.names
        mine.kana |= theirs.kana
        mine.forms |= theirs.forms
    return root, refused


def _is_compatible(one: _Person, other: _Person, strictness: Strictness, *, whatever_else: bool) -> bool:
    are_two_births = bool(one.births and other.births and not one.births & other.births)
    if whatever_else and not strictness.by_birth:
        return True
    if are_two_births and (strictness.is_exact or not _near(one.days, other.days)):
        return False
    if whatever_else:
        return True
    if strictness.by_number and any(
        registry in one.numbers and one.numbers[registry] != number
        for registry, number in other.numbers.items()
    ):
        return False
    if one.names and other.names:
        if one.names & other.names or one.kana & other.kana:
            return True
        return not strictness.is_exact and all(is_close_name(a, b) for a in one.names for b in other.names)
    if one.kana and other.kana and not one.kana & other.kana:
        return not strictness.is_exact and all(is_close_name(a, b) for a in one.kana for b in other.kana)
    return True


def _near(ones: set[int], others: set[int]) -> bool:
    return all(_is_near(one, other) for one in ones for other in others)


def _is_near(one: int, other: int) -> bool:
    """As `pairs.is_near_day`, for the few that are asked one by one."""
    a, b = f"{one:08}", f"{other:08}"
    if not one or not other:
        return False
    wrong = [place for place in range(8) if a[place] != b[place]]
    if len(wrong) == 2 and wrong[1] == wrong[0] + 1:
        return a[wrong[0]] == b[wrong[1]] and a[wrong[1]] == b[wrong[0]]
    return len(wrong) == 1 or (a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6])


def is_close_name(one: str, other: str) -> bool:
    """Whether two names may be one human's: a slip apart, a part of the other, in another order, or the same given name.

    As `pairs.closeness` has it, for the few that are asked one by one.
    """
    if one == other:
        return True
    if one.startswith(other) or other.startswith(one):
        return True
    shorter = min(len(one), len(other))
    if shorter >= 3 and (_slips(one, other, 1) <= 1 or (len(one) == len(other) and other in one + one)):
        return True
    if shorter >= 6 and _LATIN.fullmatch(one):
        most = max(len(one), len(other)) // 4
        if _slips(one, other, most) <= most:
            return True
    end = max(1, shorter // 2)
    return one[-end:] == other[-end:]


def _slips(one: str, other: str, most: int) -> int:
    """How many signs were put in, left out, changed, or turned round with their neighbour; above `most`, any number above it.

    The full distance of Damerau and Levenshtein, as the engine has it: what was turned round may be changed again.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    far = len(one) + len(other)
    width = len(other) + 2
    rows: list[list[int]] = [[far] * width, [far, *range(len(other) + 1)]]
    rows += [[far, n, *([0] * len(other))] for n in range(1, len(one) + 1)]
    last: dict[str, int] = {}
    for i, a in enumerate(one, start=1):
        last_match = 0
        for j, b in enumerate(other, start=1):
            k, m = last.get(b, 0), last_match
            cost = 0 if a == b else 1
            if a == b:
                last_match = j
            rows[i + 1][j + 1] = min(
                rows[i][j] + cost,
                rows[i + 1][j] + 1,
                rows[i][j + 1] + 1,
                rows[k][m] + (i - k - 1) + 1 + (j - m - 1),
            )
        last[a] = i
    return rows[-1][-1]
