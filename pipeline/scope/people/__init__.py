"""Persons from mentions, in three bounds, each a partition of the mentions and each coarser than the one before.

- high joins only what cannot be two: at least two things agree, nothing contradicts, and the case's own frequencies leave no
  room for chance.
- likely joins what is more probably one human than two.
- low joins everything that could be the same human and is told apart by neither date of birth nor name; a mention without
  anything that identifies makes no person of its own beside others.

How: mentions that say the same are one *form* (`forms`). Pairs of forms come from keys they share (`pairs`) and are weighed by what
agrees and how rare it is (`model`: Fellegi and Sunter, "A Theory for Record Linkage", JASA 64, 1969, with the frequencies of
values; learned from the case, held by the figures of `rules/people/model.toml` where it has few pairs). Joins go in falling weight
and never over a contradiction (`merging`). What the keys of this case must miss, and what chance must join, is estimated
(`errors`) and widens the bounds where they are counted. Where reviewers answered a sample of pairs (`strata`), their answers hold as
rulings do, and say where the case's own thresholds lie and how often its links are wrong (`calibration`).
"""

from pipeline.scope.people.bounds import BOUNDS
from pipeline.scope.people.cluster import (
    STEPS,
    Clusters,
    Interval,
    Ruled,
    Weighed,
    batches,
    cluster,
    distinct,
    weighed,
)

__all__ = [
    "BOUNDS",
    "STEPS",
    "Clusters",
    "Interval",
    "Ruled",
    "Weighed",
    "batches",
    "cluster",
    "distinct",
    "weighed",
]
