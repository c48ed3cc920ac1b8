"""A draw: pairs of mentions near the thresholds, so many of each stratum, and how many pairs each stands for.

Which pairs are drawn is a function of the case's tables, its rulings and answers, the seed and the number asked for. A draw holds no
value of a mention: identifiers, the stratum, the weight, and what agrees.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np

from pipeline import digest
from pipeline.case import Case
from pipeline.errors import CaseError, CustodyError, TableError
from pipeline.scope import people, reviewed, rulings
from pipeline.scope import stage as scope
from pipeline.scope.people import strata
from pipeline.scope.people.pairs import LEVELS, level
from pipeline.scope.reviewed import Pair, pair_of, pair_text
from pipeline.tables import read

DEFAULT_PAIRS = 120
# Whose counts of bearers show how telling an agreement is.
_COUNTED = {
    "name": "name",
    "birth_date": "birth",
    "phone": "phone",
    "email": "email",
    "place": "address",
    "number": "number",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One drawn pair: its stratum, its weight, the level of agreement of each field, and how many humans share an equal value."""

    pair: Pair
    stratum: str
    weight: float
    agreement: Mapping[str, str]
    shared_by: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """The pairs of one draw in the order in which they are shown, and how many pairs each stratum had."""

    id: str
    seed: int
    asked: int
    strata: Mapping[str, int]
    pairs: tuple[Drawn, ...]

    def as_json(self) -> dict[str, Any]:
        """The draw as JSON values, without its identifier, which is their digest."""
        return {
            "seed": self.seed,
            "asked": self.asked,
            "strata": dict(self.strata),
            "pairs": [
                {
                    "pair": pair_text(one.pair),
                    "stratum": one.stratum,
                    "weight": one.weight,
                    "agreement": dict(one.agreement),
                    "shared_by": dict(one.shared_by),
                }
                for one in self.pairs
            ],
        }

    def content(self) -> bytes:
        """The file of the draw."""
        return digest.canonical(self.as_json())

    @property
    def path(self) -> str:
        """Where the draw lies in the case."""
        return f"{reviewed.DRAWS}{self.id}.json"


def draw(case: Case, seed: int, asked: int) -> Draw:
    """Pairs drawn from the tables of a case as they stand; those answered before are not drawn again.

    Raises:
        TableError: the case was not scoped yet.
        CaseError: there is no pair in doubt or near it.
    """
    connection = _opened(case)
    try:
        found = scope.weighed(connection, case)
        made = drawn_from(connection, found, seed, asked)
    finally:
        connection.close()
    if not made.pairs:
        raise CaseError(
            "no pair of this case is left to be drawn: no two records are near enough to be one human, or all were answered"
        )
    return made


def _opened(case: Case) -> duckdb.DuckDBPyConnection:
    connection = read.connect(case.tables, case.work / "duckdb")
    if not connection.sql("SELECT count(*) FROM person_mention").fetchall()[0][0]:
        connection.close()
        raise TableError(
            f"{case.root} holds no persons yet, or nobody was found in it: `kanshiki run` it first"
        )
    rulings.hold_documents(connection, case)
    return connection


def drawn_from(connection: duckdb.DuckDBPyConnection, found: people.Weighed, seed: int, asked: int) -> Draw:
    """Pairs drawn from those `people.weighed` gave for a connection."""
    number = found.strata()
    none = np.zeros(0, dtype=np.int64)
    described = strata.described(number, found.weight, none, none)
    is_free = number >= 0
    is_free[strata.found_among(found.pairs, found.answers)] = False
    free = [np.flatnonzero(is_free & (number == place)) for place in range(len(described))]
    chance = np.random.default_rng(seed)
    chosen = [
        chance.choice(own, count, replace=False) if count else none
        for own, count in zip(free, strata.sizes(asked, described, [len(one) for one in free]), strict=True)
    ]
    # Mixed, so that a review that is stopped has seen some of every stratum.
    order = chance.permutation(np.concatenate([none, *chosen]))
    names = _mentions(connection, found, order)
    drawn = []
    for place in order.tolist():
        left, right = int(found.pairs.left[place]), int(found.pairs.right[place])
        pattern = found.pairs.pattern[place : place + 1]
        levels = {field: words[int(level(pattern, field)[0])] for field, words in LEVELS.items()}
        shared = {
            field: int(min(found.forms.humans[of][left], found.forms.humans[of][right]))
            for field, of in _COUNTED.items()
            if levels[field] == "exact"
        }
        drawn.append(
            Drawn(
                pair=_ordered(names[left], names[right]),
                stratum=described[int(number[place])].name,
                weight=round(float(found.weight[place]), 2),
                agreement={field: word for field, word in levels.items() if word},
                shared_by=shared,
            )
        )
    made = Draw(
        id="",
        seed=seed,
        asked=asked,
        strata={one.name: one.pairs for one in described},
        pairs=tuple(drawn),
    )
    return replace(made, id=digest.of_bytes(made.content())[:24])


def _ordered(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def _mentions(
    connection: duckdb.DuckDBPyConnection, found: people.Weighed, order: np.ndarray[tuple[int], np.dtype[Any]]
) -> dict[int, str]:
    """The identifier of the first mention of each form of some pairs."""
    forms = np.unique(np.concatenate([found.pairs.left[order], found.pairs.right[order]]))
    first = found.forms.first[forms].tolist()
    rows = connection.execute(
        "SELECT n, mention_id FROM numbered WHERE n IN (SELECT unnest(?))", [first]
    ).fetchall()
    named = dict(rows)
    return {int(form): named[mention] for form, mention in zip(forms, first, strict=True)}


def draws(case: Case) -> tuple[Draw, ...]:
    """The draws of a case in the order in which they were made.

    Raises:
        CustodyError: a file of a draw is gone or is not the one recorded.
    """
    if not case.review.is_dir():
        return ()
    found = []
    for path, sha256 in reviewed.recorded(case, reviewed.DRAWS).items():
        try:
            content = (case.root / path).read_bytes()
        except OSError as error:
            raise CustodyError(f"{path} cannot be read: {error}; put it back from a copy") from error
        if digest.of_bytes(content) != sha256:
            raise CustodyError(f"{path} is not the one the custody log names: put it back from a copy")
        # What the log names was written by `content`, so its form is known.
        found.append(_of_json(json.loads(content), sha256[:24]))
    return tuple(found)


def _of_json(stated: dict[str, Any], named: str) -> Draw:
    pairs = []
    for one in stated["pairs"]:
        pair = pair_of(one["pair"])
        if pair is None:
            raise CustodyError(f"{reviewed.DRAWS}{named}.json names a pair {one['pair']!r}, which is none")
        pairs.append(
            Drawn(
                pair=pair,
                stratum=one["stratum"],
                weight=one["weight"],
                agreement=one["agreement"],
                shared_by=one["shared_by"],
            )
        )
    return Draw(
        id=named, seed=stated["seed"], asked=stated["asked"], strata=stated["strata"], pairs=tuple(pairs)
    )
