"""The interval of persons holds the truth of made populations; and the scorer counts pairs as a plain count does."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from tests.people_truth.runs import Run, run
from tests.people_truth.scorer import score

SEEDS = range(1, 21)
PERSONS = 300
LEVELS = ("clean", "usual", "dirty")


@pytest.mark.parametrize("noise", LEVELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_interval_holds_the_truth(seed: int, noise: str) -> None:
    found = run(seed, PERSONS, 1 + seed % 6, noise).score
    told = f"seed {seed}, {noise}, {1 + seed % 6} sources: low {found.low}, likely {found.likely}, high {found.high}, truth {found.persons}"
    assert found.is_ordered, told
    assert found.holds, told


def test_the_same_population_is_clustered_the_same() -> None:
    def counts(one: Run) -> tuple[int, int, int]:
        return one.score.low, one.score.likely, one.score.high

    assert counts(run(7, 100, 6, "usual")) == counts(run(7, 100, 6, "usual"))


@pytest.mark.parametrize("seed", range(5))
def test_score_counts_pairs_as_a_plain_count_does(seed: int) -> None:
    chance = np.random.default_rng(seed)
    clusters, truth = chance.integers(0, 12, 60), chance.integers(-1, 12, 60)
    pairs = list(combinations(range(60), 2))
    joined = {(a, b) for a, b in pairs if clusters[a] == clusters[b]}
    true = {(a, b) for a, b in pairs if truth[a] == truth[b] >= 0}
    found = score(clusters, truth)
    assert (found.right, found.joined, found.true) == (len(joined & true), len(joined), len(true)), (
        f"seed {seed}"
    )
    assert found.clusters == len(set(clusters.tolist())) and found.persons == len(
        {one for one in truth.tolist() if one >= 0}
    )
    assert found.precision == len(joined & true) / len(joined) and found.recall == len(joined & true) / len(
        true
    )


def test_score_of_nothing_and_of_all_alone() -> None:
    nothing = score(np.zeros(0, np.int64), np.zeros(0, np.int64))
    assert (nothing.precision, nothing.recall, nothing.persons) == (1.0, 1.0, 0)
    alone = score(np.arange(4), np.array([0, 0, 1, -1]))
    assert (alone.precision, alone.recall, alone.f1) == (1.0, 0.0, 0.0)
