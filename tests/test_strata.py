"""Strata of pairs, how many are drawn of each, what holds a person together, and which thresholds are refused."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.scope.people import strata
from pipeline.scope.people.calibration import Stratum
from pipeline.scope.people.forms import FIELDS, Forms
from pipeline.scope.people.pairs import Pairs


def test_bands_begin_at_the_thresholds_and_contradictions_stand_apart() -> None:
    edges = strata.edges()
    assert (np.diff(edges) > 0).all() and len(edges) == len(strata.NAMES) - 1
    weight = np.array([30, edges[-1] + 0.01, 0.01, -0.01, edges[1] - 0.1, edges[0] - 1], dtype=np.float32)
    apart = np.array([True, False, False, False, False, True])
    names = [strata.NAMES[one] if one >= 0 else None for one in strata.strata_of(weight, apart).tolist()]
    assert names == [
        "kept apart by a contradiction", "surely joined", "likely to high, 1 of 4", "low to likely, 4 of 4", "just refused", None,
    ]  # fmt: skip


def strata_of(pairs: list[int]) -> list[Stratum]:
    shares = (0.01, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99, 0.9999, 0.02)
    return [
        Stratum(name=name, pairs=count, expected=share)
        for name, count, share in zip(strata.NAMES, pairs, shares, strict=True)
    ]


def test_more_is_drawn_where_the_doubt_is_and_some_of_each() -> None:
    many = [10_000] * len(strata.NAMES)
    sizes = strata.sizes(120, strata_of(many), many)
    assert sum(sizes) == 120 and min(sizes) >= 5
    assert sizes[5] > sizes[8] >= sizes[strata.SURE] and sizes[4] > sizes[0]


def test_no_more_is_drawn_than_there_is_and_little_where_nothing_is_in_doubt() -> None:
    few = [0, 3, 0, 0, 4, 0, 0, 0, 0, 900, 1]
    sizes = strata.sizes(120, strata_of(few), few)
    assert sizes == [0, 3, 0, 0, 4, 0, 0, 0, 0, 24, 1]


@pytest.mark.parametrize("seed", range(8))
def test_what_holds_a_person_together_is_what_joining_one_by_one_takes(seed: int) -> None:
    chance = np.random.default_rng(seed)
    left, right = chance.integers(0, 40, 150), chance.integers(0, 40, 150)
    which = (chance.random(150) < 0.6) & (left != right)
    root = list(range(40))

    def top(one: int) -> int:
        while root[one] != one:
            one = root[one]
        return one

    taken = []
    for place in np.flatnonzero(which):
        one, other = top(int(left[place])), top(int(right[place]))
        if one != other:
            root[max(one, other)] = min(one, other)
            taken.append(int(place))
    found = strata.spanning(left.astype(np.int32), right.astype(np.int32), which, 40)
    assert np.flatnonzero(found).tolist() == taken, f"seed {seed}"


def test_two_persons_count_once_by_their_heaviest_pair() -> None:
    left, right = np.array([3, 1, 1, 2], dtype=np.int32), np.array([1, 3, 2, 1], dtype=np.int32)
    assert strata.distinct_pairs(left, right, np.ones(4, dtype=bool)).tolist() == [True, False, True, False]
    assert strata.distinct_pairs(left, right, np.array([0, 1, 0, 1], dtype=bool)).tolist() == [
        False, True, False, True,
    ]  # fmt: skip


def forms_of(count: int, **codes: np.ndarray) -> Forms:
    """Forms that say what the codes say, and nothing else."""
    nothing = np.zeros(count, dtype=np.int32)
    small = np.arange(count, dtype=np.int32)
    return Forms(
        of_mention=small, first=small, code={field: codes.get(field, nothing).astype(np.int32) for field in FIELDS},
        given=nothing, day=nothing, dialled=nothing.astype(np.int64), registry=nothing, place=nothing,
        is_list=np.array([True]), is_part=nothing > 0, humans={}, rarity={},
    )  # fmt: skip


def pairs_of(left: np.ndarray, right: np.ndarray) -> Pairs:
    return Pairs(
        left=left.astype(np.int32), right=right.astype(np.int32), pattern=np.zeros(len(left), np.int16)
    )


def test_a_threshold_that_makes_one_person_of_many_is_refused() -> None:
    count = 30
    forms = forms_of(count, name=np.arange(1, count + 1))
    pairs = pairs_of(np.arange(count - 1), np.arange(1, count))
    before, after = np.arange(count, dtype=np.int32), np.zeros(count, dtype=np.int32)
    every, none = np.ones(count - 1, dtype=bool), np.zeros(count - 1, dtype=bool)
    why = strata.why_refused(forms, pairs, before, after, every, none)
    assert why is not None and "30 different records" in why


def test_a_threshold_that_joins_by_one_key_alone_is_refused_unless_that_was_so_before() -> None:
    count = 60
    twos = np.arange(count) // 2
    forms = forms_of(count, phone=twos + 1, name=np.arange(1, count + 1))
    pairs = pairs_of(np.arange(0, count, 2), np.arange(1, count, 2))
    before, after = np.arange(count, dtype=np.int32), (twos * 2).astype(np.int32)
    every, none = np.ones(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    why = strata.why_refused(forms, pairs, before, after, every, none)
    assert why is not None and "phone alone" in why
    both = pairs.take(np.concatenate([np.arange(len(pairs))] * 2))
    new = np.repeat([False, True], len(pairs))
    assert strata.why_refused(forms, both, before, after, np.ones(len(both), dtype=bool), ~new) is None


def test_a_few_new_links_are_taken() -> None:
    forms = forms_of(6, phone=np.array([1, 1, 2, 2, 3, 3]), name=np.arange(1, 7))
    pairs = pairs_of(np.array([0, 2, 4]), np.array([1, 3, 5]))
    after = np.array([0, 0, 2, 2, 4, 4], dtype=np.int32)
    every, none = np.ones(3, dtype=bool), np.zeros(3, dtype=bool)
    assert strata.why_refused(forms, pairs, np.arange(6, dtype=np.int32), after, every, none) is None
