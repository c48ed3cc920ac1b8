"""What stands twice for speed agrees with itself, and what is estimated with a plain count: closeness of names, keys, doubts, groups."""

from __future__ import annotations

import random
from itertools import combinations

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from fixtures import populations
from pipeline.scope.people import Clusters, cluster
from pipeline.scope.people import doubts as doubts_module
from pipeline.scope.people.doubts import at_least, doubts
from pipeline.scope.people.errors import counted_twice
from pipeline.scope.people.forms import Forms, read_forms
from pipeline.scope.people.merging import is_close_name
from pipeline.scope.people.pairs import CONTRADICTING, NAME_LEVELS, Pairs, closeness, compared
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema

SEED = 20261127
_SIGNS = {
    "kanji": "佐藤田中沙織恵子一郎",
    "kana": "サトウタナカオリエコイチロ",
    "latin": "abcdehiklmnorstuvy",
}


def _made_names(kind: str, chance: random.Random) -> list[tuple[str, str]]:
    """Pairs of names: made apart, with slips, turned round, cut, or with another beginning or end."""
    found = []
    for _ in range(700):
        one = "".join(chance.choices(_SIGNS[kind], k=chance.randint(1, 5 if kind == "kanji" else 14)))
        other = list(one)
        for _ in range(chance.randint(0, 4)):
            at = chance.randrange(len(other)) if other else 0
            what = chance.randrange(4)
            if what == 0:
                other.insert(at, chance.choice(_SIGNS[kind]))
            elif what == 1 and len(other) > 1:
                del other[at]
            elif what == 2 and at + 1 < len(other):
                other[at], other[at + 1] = other[at + 1], other[at]
            elif other:
                other[at] = chance.choice(_SIGNS[kind])
        second = "".join(other)
        cut = chance.randint(0, len(second))
        shape = chance.randrange(5)
        made = (
            second,
            second[cut:] + second[:cut],
            second[: max(cut, 1)],
            second[cut:] or second,
            one[: len(one) // 2] + second,
        )
        found.append((one, made[shape]))
    return found


@pytest.mark.parametrize("kind", _SIGNS)
def test_closeness_of_names_is_the_same_in_sql_and_one_by_one(kind: str) -> None:
    names = [pair for pair in _made_names(kind, random.Random(SEED)) if pair[0] != pair[1]]
    asked = pa.table(
        {"k": range(len(names)), "a": [one for one, _ in names], "b": [other for _, other in names]}
    )
    connection = duckdb.connect(":memory:")
    connection.register("asked", asked)
    levels = [
        level
        for _, level in connection.sql(f"SELECT k, {closeness('a', 'b')} FROM asked ORDER BY k").fetchall()
    ]
    connection.close()
    far = {NAME_LEVELS.index(one) for one in CONTRADICTING}
    assert len(set(levels)) >= 5, "the made names are of too few kinds"
    wrong = [
        (pair, NAME_LEVELS[level])
        for pair, level in zip(names, levels, strict=True)
        if is_close_name(*pair) == (level in far)
    ]
    assert not wrong, f"seed {SEED}: {wrong[:5]}"


def test_each_pair_that_shares_a_key_is_compared_once() -> None:
    connection, found, pairs, forms = _clustered(seed=31, persons=400, noise="dirty")
    keys = list(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True))
    assert len(set(keys)) == len(keys) and all(one < other for one, other in keys)
    by_phone: dict[int, list[int]] = {}
    for form, code in enumerate(forms.code["phone"].tolist()):
        if code:
            by_phone.setdefault(code, []).append(form)
    missing = {pair for own in by_phone.values() if len(own) <= 24 for pair in combinations(own, 2)} - set(
        keys
    )
    assert not missing and len(found) > 0
    connection.close()


def test_groups_are_counted_as_each_alone() -> None:
    connection, found, _, _ = _clustered(seed=32, persons=300, noise="usual")
    chance = np.random.default_rng(SEED)
    group = chance.integers(0, 4, len(found)).astype(np.int32)
    mask, sure = chance.random(len(found)) < 0.7, chance.random(len(found)) < 0.95
    by_group = found.counted_by(group, mask, sure)
    assert by_group == {number: found.counted(mask & (group == number), sure) for number in range(4)}
    connection.close()


def test_one_list_alone_is_not_taken_for_counted_twice() -> None:
    """What is expected to be counted twice lies between lists: of one list without repeats every row is a person."""
    connection, found, _, _ = _clustered(seed=33, persons=2_000, noise="usual")
    # The mailing is the one list that says neither telephone nor mail of anybody.
    mask = np.array(
        [
            is_mailing
            for (is_mailing,) in connection.sql(
                "SELECT max(phone_key IS NOT NULL OR email_key IS NOT NULL) OVER (PARTITION BY sheet_id) = false FROM numbered ORDER BY n"
            ).fetchall()
        ]
    )
    count = found.counted(mask, np.ones(len(found), dtype=bool))
    whole = found.counted(np.ones(len(found), dtype=bool), np.ones(len(found), dtype=bool))
    assert mask.sum() > 500 and whole.estimate - whole.likely > 5
    assert abs(count.likely - int(mask.sum())) <= 0.01 * mask.sum()
    connection.close()


@pytest.mark.parametrize("seed", range(20))
def test_doubts_follow_the_surest_tree(seed: int) -> None:
    """Beside a plain one: joins in falling weight, those that close a ring left out."""
    chance = np.random.default_rng(seed)
    count = 12
    ends = np.array([pair for pair in combinations(range(count), 2) if chance.random() < 0.3])
    weight = np.sort(chance.normal(3, 3, len(ends)).astype(np.float32))[::-1]
    ends = ends[chance.permutation(len(ends))]
    pairs = Pairs(
        left=ends[:, 0].astype(np.int32),
        right=ends[:, 1].astype(np.int32),
        pattern=np.zeros(len(ends), np.int16),
    )
    high, likely = np.arange(count, dtype=np.int32), np.zeros(count, np.int32)
    found = doubts(pairs, weight, high, likely)
    tree = {one: {one} for one in range(count)}
    wrong = 0.0
    for (one, other), own in zip(ends.tolist(), weight.tolist(), strict=True):
        if tree[one] is not tree[other]:
            wrong += max(1 - 1 / (1 + 2.0**-own), doubts_module._LEAST_DOUBT)
            tree[one] |= tree[other]
            for member in tree[one]:
                tree[member] = tree[one]
    assert len({id(one) for one in tree.values()}) == len(set(found.held.tolist())), f"seed {seed}"
    for one, other in combinations(range(count), 2):
        assert (found.held[one] == found.held[other]) == (tree[one] is tree[other]), f"seed {seed}"
    # Each person has the doubts on its way to the root, so none is left out.
    assert found.doubt.sum() >= min(wrong, 1.0) * 0.999, f"seed {seed}"


def test_at_least_is_cautious_with_few() -> None:
    assert at_least(1, 0.01) == 0
    assert at_least(100, 1.0) == 91
    assert at_least(5, 100.0) == 0


def test_counted_twice_is_what_falls_into_pieces() -> None:
    # 1,000 humans of two forms each, of whom 100 fall into two: 1,100 persons.
    assert counted_twice(1_100, 2_000, 1.1) == pytest.approx(100, rel=0.25)
    assert counted_twice(1_000, 1_000, 1.0) == 0.0


def _clustered(
    *, seed: int, persons: int, noise: str
) -> tuple[duckdb.DuckDBPyConnection, Clusters, Pairs, Forms]:
    """A made population clustered, with its pairs and forms; the connection is the caller's to close."""
    mentions, _ = populations.mentions(populations.make(seed=seed, persons=persons, sources=6, noise=noise))
    connection = duckdb.connect(":memory:")
    connection.register("mention", mentions)
    found: Clusters = cluster(connection)
    forms = read_forms(connection, [])
    return connection, found, compared(connection, forms), forms


def test_names_that_a_list_shows_to_be_shared_prove_less() -> None:
    """In a list whose humans, told apart by their dates of birth, share names a hundred times as often as names at large, a name alone joins nobody."""

    def found(shared_by: int) -> float:
        rows = [
            {
                "mention_id": f"a{number:04d}",
                "sheet_id": "list",
                "name_key": f"姓{number // shared_by}名{number // shared_by}",
                "birth_date": f"19{50 + number % 50}-{1 + number % 12:02d}-{1 + number // 12 % 28:02d}",
            }
            for number in range(400)
        ]
        connection = duckdb.connect(":memory:")
        schema = full_schema(MENTION)
        connection.register(
            "mention",
            pa.table({one.name: pa.array([row.get(one.name) for row in rows], one.type) for one in schema}),
        )
        chance = cluster(connection).model.fields["name"].chance
        connection.close()
        assert chance["kana"] / chance["exact"] == pytest.approx(2 / 3)
        assert chance["edit"] == 2e-4
        return chance["exact"]

    assert found(1) == pytest.approx(3e-6)
    # 200 pairs of 79,800 share a name.
    assert found(2) == pytest.approx(200 / (79_800 + 60_000), rel=0.01)
