"""Runs `people.cluster` over made populations, in memory or from Parquet, and gives the score and what it took."""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fixtures import populations
from fixtures.populations import Noise
from pipeline.scope import people
from pipeline.tables import read
from tests.people_truth.scorer import Score, judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One population clustered: from which seed, the score, the seconds `people.cluster` took, and the process's memory after it."""

    seed: int
    mentions: int
    score: Score
    seconds: float
    peak_kib: int = 0


def run(seed: int, persons: int, sources: int | Sequence[str], noise: Noise | str) -> Run:
    """One population, made, clustered and scored in memory."""
    mentions, truth = populations.mentions(
        populations.make(seed=seed, persons=persons, sources=sources, noise=noise)
    )
    return clustered(seed, mentions, truth)


def clustered(seed: int, mentions: pa.Table, truth: np.ndarray) -> Run:
    """Mentions clustered and scored."""
    connection = duckdb.connect(":memory:")
    connection.register("mention", mentions)
    started = time.perf_counter()
    clusters = people.cluster(connection)
    seconds = time.perf_counter() - started
    found = judged(
        connection, clusters, pa.table({"mention_id": mentions.column("mention_id"), "person": truth})
    )
    connection.close()
    return Run(seed=seed, mentions=mentions.num_rows, score=found, seconds=seconds)


def from_folder(seed: int, folder: Path) -> Run:
    """A written population clustered and scored."""
    connection = read.connect(folder / "tables", folder / "scratch", only=("mention",))
    started = time.perf_counter()
    clusters = people.cluster(connection)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    truth = pq.read_table(folder / "truth.parquet")
    found = judged(connection, clusters, truth)
    connection.close()
    return Run(seed=seed, mentions=truth.num_rows, score=found, seconds=seconds, peak_kib=peak)
