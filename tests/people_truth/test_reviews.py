"""A clerical review of made populations moves the figures towards the truth, and the interval still holds it, also where answers err."""

from __future__ import annotations

import pytest

from tests.people_truth.reviews import Reviewed, review
from tests.people_truth.scorer import Score

SEEDS = range(1, 7)
PERSONS = 250
ERRS = (0.0, 0.05)


@pytest.fixture(scope="module", params=["clean", "usual", "dirty"])
def runs(request: pytest.FixtureRequest) -> list[list[Reviewed]]:
    """Each population by its rates of error."""
    return [review(seed, PERSONS, 1 + seed % 6, request.param, ERRS) for seed in SEEDS]


def off(score: Score) -> int:
    """By how many persons the likely figure is off."""
    return abs(score.likely - score.persons)


def wrong_pairs(score: Score) -> int:
    """Pairs of mentions the likely figure joins wrongly or leaves apart wrongly."""
    found = score.pairs["likely"]
    return found.joined - found.right + found.true - found.right


@pytest.mark.parametrize("errs", range(len(ERRS)))
def test_the_interval_holds_the_truth_and_likely_comes_nearer_or_stays(
    runs: list[list[Reviewed]], errs: int
) -> None:
    own = [one[errs] for one in runs]
    for seed, one in zip(SEEDS, own, strict=True):
        before, after = one.before, one.after
        told = (
            f"seed {seed}: {before.low} - {before.likely} - {before.high} to {after.low} - {after.likely} - {after.high}, "
            f"truth {after.persons}, {one.wrong} answers wrong"
        )
        assert after.holds and after.is_ordered, told
        # Over- and undercounts cancel out: where a false link is cut and the rest of that human stays unlinked, the sum moves by one,
        # and a count that was right by chance may move within one in a hundred, which is what the likely figure promises.
        assert off(after) <= off(before) + max(1, round(after.persons / 100)) + one.wrong, told
        if not one.wrong:
            assert wrong_pairs(after) <= wrong_pairs(before), told
    before_all, after_all = (
        sum(off(one) for one in scores)
        for scores in ([one.before for one in own], [one.after for one in own])
    )
    # Wrong answers do harm, to fewer than they are: most stand against odds that one reviewer does not turn.
    assert after_all <= before_all + 1 + sum(one.wrong for one in own) // 4


def test_right_answers_make_the_interval_narrower(runs: list[list[Reviewed]]) -> None:
    widths = [
        sum(score.high - score.low for score in scores)
        for scores in ([one[0].before for one in runs], [one[0].after for one in runs])
    ]
    assert widths[1] < widths[0]


def test_the_errors_told_are_those_of_the_sample(runs: list[list[Reviewed]]) -> None:
    for one, erring in runs:
        for found in (one.review, erring.review):
            if found is None:
                continue
            for name, estimate in found.errors.items():
                assert 0 <= estimate.least <= estimate.expected <= estimate.most, name


def test_the_same_population_is_reviewed_the_same() -> None:
    assert review(3, 120, 4, "usual", ERRS) == review(3, 120, 4, "usual", ERRS)
