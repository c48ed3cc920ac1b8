"""Whose numbers they are: two registries may give the same number to two humans, and two numbers to one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.scope.people.numbers import NOTHING, Ints, Small, mixed, unique


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Forms that stand in a further sheet than the first (its rank), one row each."""

    form: Ints
    sheet: Ints


def issuers(code: dict[str, Small], kind: Small, sheet: Small, repeated: Repeated) -> Small:
    """For each form a number for who issued its number: the kind of number, and which lists share an issuer.

    Lists whose humans (told by name and mail, telephone or date of birth) bear other numbers in the one than in the other have
    two issuers; rows that say the same in both (`repeated`) agree. Where no list contradicts another all are taken for one issuer's.
    """
    asked = np.flatnonzero(code["number"] != NOTHING)
    lists = int(sheet.max(initial=0)) + 1
    kind = kind.astype(np.int64)
    seen = _agreeing(kind, sheet, lists, repeated)
    for key in (("name", "email"), ("name", "phone"), ("name", "birth"), ("kana", "phone")):
        codes = mixed(*(code[field][asked] for field in key))
        known = asked[codes != NOTHING]
        order = known[np.lexsort((sheet[known], codes[codes != NOTHING]))]
        values = mixed(*(code[field][order] for field in key))
        one, other = order[:-1], order[1:]
        both = (values[1:] == values[:-1]) & (kind[one] == kind[other]) & (sheet[one] != sheet[other])
        one, other = one[both], other[both]
        same = code["number"][one] == code["number"][other]
        packed, place = np.unique(_packed(kind[one], sheet[one], sheet[other], lists), return_inverse=True)
        agreeing = np.bincount(place, weights=same, minlength=len(packed)).astype(np.int64)
        counts = np.bincount(place, minlength=len(packed)).astype(np.int64)
        for triple, count, agree in zip(packed.tolist(), counts.tolist(), agreeing.tolist(), strict=True):
            told = seen.setdefault(_apart(triple, lists), [0, 0])
            told[0] += count - agree
            told[1] += agree
    of_list: dict[tuple[int, int], int] = {}
    for what in {what for (what, _, _), (differ, agree) in seen.items() if differ > agree}:
        # Two issuers at least: lists belong together only where they say so.
        own_lists = unique(sheet[asked[kind[asked] == what]]).tolist()
        leader = {one: one for one in own_lists}
        for (kind_of, first, second), (differ, agree) in sorted(seen.items()):
            if kind_of == what and agree >= differ:
                a, b = _leader(leader, first), _leader(leader, second)
                leader[max(a, b)] = min(a, b)
        of_list |= {(what, one): _leader(leader, one) for one in own_lists}
    issuer = kind.astype(np.int32)
    # Ranks stay below the number of forms, so what lies above is free for the issuers found.
    fresh = {
        named: len(kind) + 1 + n
        for n, named in enumerate(sorted({*zip((k[0] for k in of_list), of_list.values(), strict=True)}))
    }
    for (what, one), named in of_list.items():
        issuer[(kind == what) & (sheet == one)] = fresh[what, named]
    return issuer


def _agreeing(
    kind: Ints | Small, sheet: Small, lists: int, repeated: Repeated
) -> dict[tuple[int, int, int], list[int]]:
    """For each kind of number and two lists how many humans bear other numbers in both (none so far), and how many the same."""
    packed = _packed(kind[repeated.form], sheet[repeated.form], repeated.sheet, lists)
    both, counts = np.unique(packed, return_counts=True)
    return {_apart(one, lists): [0, count] for one, count in zip(both.tolist(), counts.tolist(), strict=True)}


def _packed(kind: Ints | Small, one: Ints | Small, other: Ints | Small, lists: int) -> Ints:
    """A kind of number and two lists, the lower first, as one number."""
    found: Ints = (kind.astype(np.int64) * lists + np.minimum(one, other)) * lists + np.maximum(one, other)
    return found


def _apart(packed: int, lists: int) -> tuple[int, int, int]:
    """What `_packed` took together."""
    return packed // lists // lists, packed // lists % lists, packed % lists


def _leader(leader: dict[int, int], one: int) -> int:
    while leader[one] != one:
        one = leader[one]
    return one
