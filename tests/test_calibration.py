"""From answers to shares, thresholds and errors: against known values, plain second methods, and samples of known truth."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pipeline.scope.people.calibration import (
    LEAST_ANSWERS,
    Stratum,
    beta_below,
    different_share,
    kappa,
    log_odds,
    probability_of,
    quantile,
    recalibrated,
    risen,
    same_share,
    total,
)

BEFORE = {"high": 0.995, "likely": 0.5, "low": 0.02}
SHARES = (0.01, 0.05, 0.2, 0.4, 0.6, 0.85, 0.97, 0.999)
BEGINS = [log_odds(one) - 0.5 for one in SHARES]


def bands(true: list[float], answers: int = 30, pairs: int = 200) -> list[Stratum]:
    """Bands of which the model expects `SHARES`, answered by truths of other shares."""
    return [
        Stratum(
            name=str(place),
            pairs=pairs,
            expected=expected,
            same=round(answers * share),
            different=answers - round(answers * share),
        )
        for place, (expected, share) in enumerate(zip(SHARES, true, strict=True))
    ]


@pytest.mark.parametrize(
    ("same", "different", "least", "most"),
    [  # Clopper and Pearson's limits, 95 %, as tables of the binomial have them
        (0, 10, 0.0, 0.3085),
        (10, 0, 0.6915, 1.0),
        (5, 5, 0.1871, 0.8129),
        (1, 19, 0.0013, 0.2487),
        (8, 92, 0.0352, 0.1516),
    ],
)
def test_limits_by_answers_alone_are_the_known_ones(
    same: int, different: int, least: float, most: float
) -> None:
    found = Stratum(name="", pairs=1000, expected=0.5, same=same, different=different).exact()
    assert found == pytest.approx((least, most), abs=6e-5)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (3.0, 2.0), (0.04, 20.0), (80.5, 0.3), (30.0, 300.0)])
def test_the_beta_distribution_adds_up_as_its_density_does(a: float, b: float) -> None:
    # The trapezoid over a grid fine at both ends, where the density may have no bound.
    grid = np.sin(np.linspace(1e-4, np.pi / 2 - 1e-4, 400_001)) ** 2
    density = np.exp((a - 1) * np.log(grid) + (b - 1) * np.log1p(-grid))
    middle = 0.3
    steps = np.diff(grid) * (density[1:] + density[:-1]) / 2
    scale = math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
    between = steps[(grid[1:] > 0.05) & (grid[1:] <= middle)].sum() / scale
    assert beta_below(middle, a, b) - beta_below(0.05, a, b) == pytest.approx(between, abs=2e-4)
    assert beta_below(quantile(0.4, a, b), a, b) == pytest.approx(0.4, abs=1e-6)


def test_who_answered_nothing_says_nothing() -> None:
    one = Stratum(name="", pairs=10, expected=0.25)
    assert one.exact() == (0.0, 1.0) and one.share == 0.25


@pytest.mark.parametrize("seed", range(5))
def test_shares_that_rise_are_the_nearest_ones(seed: int) -> None:
    chance = np.random.default_rng(seed)
    shares, weights = chance.random(7), chance.integers(1, 9, 7).astype(float)
    # The second method: the largest of the least means over all stretches around a place (min-max formula).
    second = [
        max(
            min(
                float(np.average(shares[start : end + 1], weights=weights[start : end + 1]))
                for end in range(place, 7)
            )
            for start in range(place + 1)
        )
        for place in range(7)
    ]
    assert risen(shares.tolist(), weights.tolist()) == pytest.approx(second), f"seed {seed}"


def test_answers_as_the_model_expects_leave_thresholds_near_where_they_are() -> None:
    found = recalibrated(bands(list(SHARES), answers=1000), BEGINS, BEFORE)
    for bound, chance in BEFORE.items():
        assert log_odds(found[bound]) == pytest.approx(log_odds(chance), abs=0.7), bound


def test_a_model_that_doubts_too_much_joins_earlier_and_one_too_sure_later() -> None:
    bolder = recalibrated(bands([0.2, 0.5, 0.7, 0.9, 0.95, 1.0, 1.0, 1.0]), BEGINS, BEFORE)
    warier = recalibrated(bands([0.0, 0.0, 0.0, 0.1, 0.2, 0.4, 0.6, 0.9]), BEGINS, BEFORE)
    assert bolder["likely"] < 0.15 and bolder["high"] < 0.995
    assert warier["likely"] > 0.8 and warier["high"] > 0.995 and warier["low"] > 0.02
    assert warier["low"] <= warier["likely"] <= warier["high"]


def test_too_few_answers_move_no_threshold() -> None:
    few = bands([1.0] * len(SHARES), answers=(LEAST_ANSWERS - 1) // len(SHARES))
    assert sum(one.answered for one in few) < LEAST_ANSWERS
    assert recalibrated(few, BEGINS, BEFORE) == BEFORE


def test_no_threshold_moves_to_where_no_pair_stands() -> None:
    held = [Stratum(name="", pairs=0, expected=0.0)] * 6 + bands([1.0] * len(SHARES), answers=80)[6:]
    found = recalibrated(held, BEGINS, BEFORE)
    assert found["likely"] == pytest.approx(0.5) and found["low"] == pytest.approx(0.02)


def sampled(seed: int) -> tuple[list[Stratum], list[int], int]:
    """Strata whose answers are a sample, how many pairs of each nobody answered, and how many of these are one human."""
    chance = np.random.default_rng(seed)
    strata, counts, true = [], [], 0
    for place, share in enumerate(SHARES):
        is_same = chance.random(400) < share
        answered = int(is_same[:25].sum())
        true += int(is_same[25:].sum())
        counts.append(375)
        strata.append(
            Stratum(name=str(place), pairs=400, expected=share, same=answered, different=25 - answered)
        )
    return strata, counts, true


def test_totals_hold_the_truth_of_a_sample_as_often_as_they_say() -> None:
    missed = []
    for seed in range(40):
        strata, counts, true = sampled(seed)
        found = total(strata, counts, same_share)
        others = total(strata, counts, different_share)
        assert found.expected + others.expected == pytest.approx(sum(counts))
        if not found.least <= true <= found.most:
            missed.append(seed)
    assert len(missed) <= 5, f"seeds {missed}"


def test_a_stratum_nobody_answered_adds_nothing() -> None:
    found = total([Stratum(name="", pairs=500, expected=0.5)], [500], same_share)
    assert (found.expected, found.least, found.most) == (0.0, 0.0, 0.0)


def test_kappa_is_that_of_the_known_table() -> None:
    # 20 and 15 agreed, 5 and 10 not: agreement 0.7, by chance 0.5.
    ones = ["same"] * 25 + ["different"] * 25
    others = ["same"] * 20 + ["different"] * 5 + ["same"] * 10 + ["different"] * 15
    assert kappa(ones, others) == pytest.approx(0.4)
    assert kappa(["same"] * 3, ["same"] * 3) is None and kappa([], []) is None


@pytest.mark.parametrize("chance", [0.001, 0.02, 0.5, 0.995])
def test_odds_and_probability_are_each_others_inverse(chance: float) -> None:
    assert probability_of(log_odds(chance)) == pytest.approx(chance)
