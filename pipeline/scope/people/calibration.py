"""From answers on a sample of pairs to shares, thresholds and errors: nothing here knows a case.

- The share of pairs of one human in a stratum is that of its answers, drawn towards the probability the model gives, which weighs
  as `PRIOR_ANSWERS` answers (a beta posterior). Beside it stands the interval of the answers alone (Clopper and Pearson,
  "The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial", Biometrika 26, 1934).
- The shares of the bands of weight are made to rise with the weight (pool adjacent violators: Ayer and others, Annals of
  Mathematical Statistics 26, 1955) and joined to a curve from weight to probability. Where the curve reaches the
  probability a bound joins from stands the case's own threshold.
- Numbers over several strata have the limits of their parts put together as variances are (MOVER: Zou and Donner, Statistics in
  Medicine 27, 2008).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

PRIOR_ANSWERS = 8.0
LEVEL = 0.95
# So many answers that say same or different are needed before a threshold moves.
LEAST_ANSWERS = 60
_SMALLEST = 1e-9
_Points = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A band of pairs: how many there are, what the model holds their share of one human to be, and what was answered."""

    name: str
    pairs: int
    expected: float
    same: int = 0
    different: int = 0

    @property
    def answered(self) -> int:
        """Pairs that were answered by same or different."""
        return self.same + self.different

    @property
    def share(self) -> float:
        """The share of pairs of one human, the model's counting as `PRIOR_ANSWERS` answers."""
        return (PRIOR_ANSWERS * self.expected + self.same) / (PRIOR_ANSWERS + self.answered)

    def limits(self) -> tuple[float, float]:
        """The limits of `share`: so probable it lies between them as `LEVEL` says."""
        ones = PRIOR_ANSWERS * self.expected + self.same
        others = PRIOR_ANSWERS * (1 - self.expected) + self.different
        tail = (1 - LEVEL) / 2
        return quantile(tail, ones, others), quantile(1 - tail, ones, others)

    def exact(self) -> tuple[float, float]:
        """The limits of the share by the answers alone, whatever the model holds: 0 and 1 where there is none."""
        tail = (1 - LEVEL) / 2
        least = quantile(tail, self.same, self.different + 1) if self.same else 0.0
        most = quantile(1 - tail, self.same + 1, self.different) if self.different else 1.0
        return least, most


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number as expected, with its limits."""

    expected: float
    least: float
    most: float


NOTHING_FOUND = Estimate(expected=0.0, least=0.0, most=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the answers of a clerical review say of a case's links.

    `before` and `after` are the model's probabilities from which on each bound joins, `refused` why a new one was not taken. `waiting` are pairs one reviewer answered against great odds.
    `false_links` and `missed_links` are pairs of the likely bound among those nobody answered; `twice` persons the low bound
    counts twice, `hidden` those the high bound takes for others.
    """

    strata: tuple[Stratum, ...]
    before: Mapping[str, float]
    after: Mapping[str, float]
    refused: Mapping[str, str] = field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    false_links: Estimate = NOTHING_FOUND
    missed_links: Estimate = NOTHING_FOUND
    twice: Estimate = NOTHING_FOUND
    hidden: Estimate = NOTHING_FOUND

    @property
    def answers(self) -> int:
        """Answers that say same or different, on pairs of the strata."""
        return sum(one.answered for one in self.strata)

    @property
    def errors(self) -> dict[str, Estimate]:
        """The errors by the names they have in `person_model`."""
        return {
            "false_links": self.false_links,
            "missed_links": self.missed_links,
            "counted_twice_low": self.twice,
            "taken_for_others_high": self.hidden,
        }


def recalibrated(
    bands: Sequence[Stratum], begins: Sequence[float], before: Mapping[str, float]
) -> dict[str, float]:
    """For each bound the model's probability at which pairs are of one human as often as the bound asks for.

    `bands` are the strata by weight in rising order, `begins` the weights they begin at. A threshold stays within the bands that
    hold pairs, or where it was; with too few answers all stay.
    """
    held = [(one, begin) for one, begin in zip(bands, begins, strict=True) if one.pairs]
    if sum(one.answered for one, _ in held) < LEAST_ANSWERS:
        return dict(before)
    weights = np.array([log_odds(one.expected) for one, _ in held])
    shares = risen([one.share for one, _ in held], [PRIOR_ANSWERS + one.answered for one, _ in held])
    curve = np.array([log_odds(one) for one in shares])
    found = {}
    for bound, asked in before.items():
        at, was = _reached(weights, curve, log_odds(asked)), log_odds(asked)
        # Where no pair stands nothing was asked: a threshold there makes no difference and is left.
        least, most = min(held[0][1], was), max(float(weights[-1]), was)
        found[bound] = probability_of(min(max(at, least), most))
    return found


def _reached(weights: _Points, curve: _Points, asked: float) -> float:
    """The lowest weight at which a rising curve reaches a value; beyond its ends it runs beside the model's."""
    if asked <= curve[0]:
        return float(weights[0] - (curve[0] - asked))
    if asked > curve[-1]:
        return float(weights[-1] + (asked - curve[-1]))
    after = int(np.searchsorted(curve, asked, side="left"))
    part = (asked - curve[after - 1]) / (curve[after] - curve[after - 1])
    return float(weights[after - 1] + part * (weights[after] - weights[after - 1]))


def risen(shares: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Shares that never fall, as near the given ones as their weights allow."""
    blocks: list[tuple[float, float, int]] = []
    for share, weight in zip(shares, weights, strict=True):
        blocks.append((share, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (one, of_one, count), (other, of_other, further) = blocks[-2:]
            both = of_one + of_other
            blocks[-2:] = [((one * of_one + other * of_other) / both, both, count + further)]
    return [share for share, _, count in blocks for _ in range(count)]


def total(
    strata: Sequence[Stratum], counts: Sequence[int], share: Callable[[Stratum], tuple[float, float, float]]
) -> Estimate:
    """So many of each stratum times a share of it (as expected, least and most); a stratum nobody answered says nothing."""
    expected = below = above = 0.0
    for one, count in zip(strata, counts, strict=True):
        if not one.answered or not count:
            continue
        middle, least, most = share(one)
        expected += count * middle
        below += (count * (middle - least)) ** 2
        above += (count * (most - middle)) ** 2
    return Estimate(
        expected=expected, least=max(0.0, expected - math.sqrt(below)), most=expected + math.sqrt(above)
    )


def same_share(one: Stratum) -> tuple[float, float, float]:
    """The share of one human, with its limits."""
    least, most = one.limits()
    return one.share, min(least, one.share), max(most, one.share)


def different_share(one: Stratum) -> tuple[float, float, float]:
    """The share of two humans, with its limits."""
    middle, least, most = same_share(one)
    return 1 - middle, 1 - most, 1 - least


def kappa(ones: Sequence[str], others: Sequence[str]) -> float | None:
    """Cohen's kappa of two reviewers' answers to the same pairs; None where chance alone would make them agree always.

    Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20, 1960.
    """
    count = len(ones)
    if not count:
        return None
    agreed = sum(a == b for a, b in zip(ones, others, strict=True)) / count
    by_chance = sum(ones.count(one) / count * (others.count(one) / count) for one in {*ones, *others})
    return None if by_chance > 1 - _SMALLEST else (agreed - by_chance) / (1 - by_chance)


def log_odds(chance: float) -> float:
    """The odds of a probability, base 2 logarithm: what a weight is."""
    held = min(max(chance, _SMALLEST), 1 - _SMALLEST)
    return math.log2(held / (1 - held))


def probability_of(weight: float) -> float:
    """The probability of a weight."""
    return 1 / (1 + math.exp2(-weight))


def quantile(chance: float, a: float, b: float) -> float:
    """The value below which a beta distribution lies with a probability."""
    if a <= 0:
        return 0.0
    if b <= 0:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(80):  # halving reaches what a double can tell apart
        middle = (low + high) / 2
        if beta_below(middle, a, b) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def beta_below(x: float, a: float, b: float) -> float:
    """How probable a beta distribution lies below x: the regularised incomplete beta function (DLMF 8.17)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    # The fraction converges fast on this side of the mean; the other is its complement (DLMF 8.17.4).
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of DLMF 8.17.22, by Lentz's method."""
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    found = d
    for m in range(1, 500):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + step * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + step / c
            c = c if abs(c) > tiny else tiny
            found *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return found
