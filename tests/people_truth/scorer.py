"""Scores clusters against the truth: pairs joined rightly and wrongly, and whether the interval of counts holds the truth.

Counted by contingency, column by column: so many mentions of one cluster and one person make so many pairs.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import Clusters
from pipeline.tables.catalogue import DECEASED

BOUNDS = ("low", "likely", "high")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of mentions: joined and of one person, joined, of one person; and how many clusters and persons there are."""

    right: int
    joined: int
    true: int
    clusters: int
    persons: int

    @property
    def precision(self) -> float:
        """Share of the joined pairs that are of one person; 1 where none is joined."""
        return self.right / self.joined if self.joined else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs of one person that are joined; 1 where there is none."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Pairs) -> Pairs:
        """Both taken together, as pairs of populations that share nobody."""
        return Pairs(
            right=self.right + other.right, joined=self.joined + other.joined, true=self.true + other.true,
            clusters=self.clusters + other.clusters, persons=self.persons + other.persons,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a run of `people.cluster` gave, as counts of persons beside the truth, and the pairs of each bound."""

    persons: int
    low: int
    likely: int
    high: int
    estimate: int
    largest: int
    pairs: dict[str, Pairs]
    said: Pairs

    @property
    def holds(self) -> bool:
        """Whether the interval holds the truth."""
        return self.low <= self.persons <= self.high

    @property
    def is_ordered(self) -> bool:
        """Whether the likely count lies between the others."""
        return self.low <= self.likely <= self.high

    @property
    def error(self) -> float:
        """How far the likely count is off, as a share of the truth; below 0 for too few."""
        return self.likely / self.persons - 1 if self.persons else 0.0

    @property
    def second(self) -> float:
        """How far the persons as joined are off, as a share of the truth."""
        return self.estimate / self.persons - 1 if self.persons else 0.0

    @property
    def width(self) -> float:
        """How wide the interval is, as a share of the truth."""
        return (self.high - self.low) / self.persons if self.persons else 0.0


def score(clusters: np.ndarray, truth: np.ndarray) -> Pairs:
    """Pairs of a clustering: for each mention the number of its cluster, and of its person, below 0 for nobody.

    What speaks of nobody (a sample, a firm) is of one kind with nothing else: joined to anything, it is a wrong pair.
    """
    _, cluster = np.unique(clusters, return_inverse=True)
    persons = truth.astype(np.int64)
    count = len(np.unique(persons[persons >= 0]))
    nobody = persons < 0
    persons = np.where(nobody, persons.max(initial=0) + 1 + np.arange(len(persons)), persons)
    _, person = np.unique(persons, return_inverse=True)
    cell = cluster.astype(np.int64) * (int(person.max(initial=0)) + 1) + person
    _, together = np.unique(cell, return_counts=True)
    sizes, true = np.bincount(cluster), np.bincount(person)
    return Pairs(
        right=_pairs(together), joined=_pairs(sizes), true=_pairs(true), clusters=int(np.count_nonzero(sizes)), persons=count
    )  # fmt: skip


def judged(connection: duckdb.DuckDBPyConnection, clusters: Clusters, truth: pa.Table) -> Score:
    """The score of what `people.cluster` gave and left in a connection; `truth` has `mention_id` and `person`.

    Counts are those of the product: of whom it is in doubt whether that is a person at all, or whom a list tells to be dead, only the
    widest bound knows. `said` are the pairs of the likely bound without the mentions of which it is told that whose they are is a guess. The truth are the living: all but those of whom a list says that they are dead.
    """
    connection.register("made_truth", truth)
    found = connection.sql(
        "SELECT c.low, c.likely, c.high, m.doubt IS NULL AS is_sure, coalesce(m.doubt = $dead, false) AS is_told_dead, t.person "
        "FROM numbered m JOIN clustered c USING (n) JOIN made_truth t USING (mention_id) ORDER BY n",
        params={"dead": DECEASED},
    ).to_arrow_table()
    connection.unregister("made_truth")
    if found.num_rows != truth.num_rows:
        raise AssertionError(
            f"{truth.num_rows} mentions were given and {found.num_rows} came back with a person"
        )
    column = {name: found.column(name).to_numpy() for name in found.column_names}
    sure = column["is_sure"].astype(np.bool_)
    person = column["person"]
    pairs = {bound: score(column[bound][sure], person[sure]) for bound in BOUNDS}
    told = sure & ~clusters.is_guess
    sizes = np.unique(column["likely"][sure], return_counts=True)[1]
    is_told_dead = column["is_told_dead"].astype(np.bool_)
    is_dead = np.isin(column["likely"], column["likely"][is_told_dead])
    count = clusters.counted(np.ones(len(sure), dtype=bool), sure & ~is_dead)
    living = np.setdiff1d(person[person >= 0], person[is_told_dead])
    return Score(
        persons=len(living),
        low=count.low, likely=count.likely, high=count.high, estimate=count.estimate,
        said=score(column["likely"][told], person[told]),
        largest=int(sizes.max(initial=0)), pairs=pairs,
    )  # fmt: skip


def _pairs(counts: np.ndarray) -> int:
    many = counts.astype(np.int64)
    return int((many * (many - 1) // 2).sum())
