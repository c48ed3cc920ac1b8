"""What rounds of runs come to: spreads, ratios of paired rounds, and how a ratio is to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The least, the middle and the greatest of some figures."""

    low: float
    middle: float
    high: float


def spread(figures: Sequence[float]) -> Spread:
    """The spread of figures.

    Raises:
        ValueError: there are none.
    """
    if not figures:
        raise ValueError("no figures: every round was a warm-up")
    return Spread(low=min(figures), middle=median(figures), high=max(figures))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Ours divided by theirs, round by round: what slowed the machine in a round slowed both.

    Raises:
        ValueError: the rounds are not paired, or one of them took no time at all.
    """
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} rounds of ours, but {len(theirs)} of theirs")
    if any(one <= 0 for one in theirs):
        raise ValueError("a round that took no time")
    return [own / other for own, other in zip(ours, theirs, strict=True)]


def reading(ratio: Spread) -> str:
    """What a ratio of times says: a range that touches 1.0 is a tie."""
    if ratio.low <= 1.0 <= ratio.high:
        return "tie"
    if ratio.high < 1.0:
        return f"{_times(1 / ratio.middle)} faster ({_times(1 / ratio.high)} to {_times(1 / ratio.low)})"
    return f"{_times(ratio.middle)} slower ({_times(ratio.low)} to {_times(ratio.high)})"


def told(figures: Spread, digits: int = 2) -> str:
    """A spread as text: least / middle / greatest."""
    return " / ".join(f"{one:.{digits}f}" for one in (figures.low, figures.middle, figures.high))


def _times(factor: float) -> str:
    return f"{factor:.0f}x" if factor >= 10 else f"{factor:.1f}x"
