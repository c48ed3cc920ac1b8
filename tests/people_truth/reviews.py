"""Made populations reviewed by somebody who knows the truth, and errs as often as asked."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from fixtures import populations
from pipeline.review.draw import drawn_from
from pipeline.scope import people, reviewed
from pipeline.scope.people import Ruled
from pipeline.scope.people.calibration import Review
from pipeline.scope.reviewed import Pair
from tests.people_truth.scorer import Score, judged

PAIRS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """A population before and after its review: scores, answers, how many of them were wrong, and what they came to."""

    before: Score
    after: Score
    wrong: int
    review: Review | None


def review(seed: int, persons: int, sources: int, noise: str, errs: tuple[float, ...]) -> list[Reviewed]:
    """One population, drawn from once and reviewed once for each rate of error."""
    mentions, truth = populations.mentions(
        populations.make(seed=seed, persons=persons, sources=sources, noise=noise)
    )
    table = pa.table({"mention_id": mentions.column("mention_id"), "person": truth})
    person = dict(zip(mentions.column("mention_id").to_pylist(), truth.tolist(), strict=True))
    connection = duckdb.connect(":memory:")
    connection.register("mention", mentions)
    before = judged(connection, people.cluster(connection), table)
    pairs = [
        one.pair
        for one in drawn_from(connection, people.weighed(connection, is_framed=True), seed, PAIRS).pairs
    ]
    found = []
    for rate in errs:
        answers, wrong = _answers(pairs, person, rate, seed)
        clusters = people.cluster(connection, reviewed=answers)
        found.append(
            Reviewed(
                before=before, after=judged(connection, clusters, table), wrong=wrong, review=clusters.review
            )
        )
    connection.close()
    return found


def _answers(
    pairs: list[Pair], person: dict[str, int], rate: float, seed: int
) -> tuple[tuple[Ruled, ...], int]:
    """Answers by the truth, of which a share is turned; where answers cannot all be true the reviewer looks again."""
    chance = np.random.default_rng(seed)
    true = {(one, other): person[one] == person[other] >= 0 for one, other in pairs}
    said = {pair: is_same != (chance.random() < rate) for pair, is_same in true.items()}
    for loop in reviewed.contradictions(said):
        said |= {pair: true[pair] for pair in loop}
    wrong = sum(said[pair] != true[pair] for pair in pairs)
    return tuple(
        Ruled(one=one, other=other, is_same=is_same, is_confirmed=False)
        for (one, other), is_same in said.items()
    ), wrong
