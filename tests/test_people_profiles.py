"""What joins by little is weighed by all that two persons say, and of a name alone it is told that it is a guess."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import Clusters, cluster
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema

Said = dict[str, str]
_OTHERS = 10_000


def people(said: list[Said]) -> tuple[Clusters, list[int]]:
    """Clusters of some mentions among others, each said twice, of whom many have the surname or the given name; and the likely person of each."""
    names = [f"見本名{n:04d}" if n % 2 else f"氏{n:04d}太郎" for n in range(_OTHERS)]
    others = [
        {"name_key": name, "phone_key": f"+8190{n:08d}", "email_key": f"p{n}@mail.example", **other}
        for n, name in enumerate(names)
        for other in ({}, {"address_key": f"東京都港区見本町{n}-1-1"})
    ]
    rows = [{"mention_id": f"m{n:06d}", **one} for n, one in enumerate([*said, *others])]
    schema = full_schema(MENTION)
    connection = duckdb.connect(":memory:")
    table = pa.table(
        {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}
    )
    connection.register("mention", table)
    found = cluster(connection)
    connection.close()
    return found, found.people["likely"][: len(said)].tolist()


ONE: Said = {"name_key": "見本太郎", "phone_key": "+819011112222", "email_key": "one@mail.example"}
OTHER: Said = {"name_key": "見本太郎", "phone_key": "+819033334444", "email_key": "other@mail.example"}
BETWEEN: Said = {"name_key": "見本太郎", "address_key": "東京都千代田区見本町1-2-3"}


def test_a_mention_that_contradicts_nobody_makes_no_one_human_of_two() -> None:
    _, (one, other, between) = people([ONE, OTHER, BETWEEN])
    assert one != other
    assert between in (one, other)


def test_whoever_comes_first_two_homonyms_stay_two() -> None:
    _, (between, other, one) = people([BETWEEN, OTHER, ONE])
    assert one != other
    assert between in (one, other)


def test_two_mentions_of_one_human_with_a_value_in_common_over_a_third_are_one() -> None:
    # Another telephone and another address, but the mail that both persons' other mentions have.
    moved: Said = {**ONE, "phone_key": "+819055556666", "address_key": "大阪府大阪市北区見本町9-9"}
    _, (one, second, between) = people([ONE, moved, BETWEEN])
    assert one == second == between


def test_a_name_alone_that_two_bear_is_a_guess_and_counts_nobody_anew() -> None:
    found, persons = people([ONE, OTHER, {"name_key": "見本太郎"}])
    assert persons[2] in persons[:2]
    assert len(set(persons)) == 2
    assert found.is_guess[:3].tolist() == [False, False, True]
    assert found.reason_words[found.reasons["likely"][2]] == "may be any of them"


def test_a_name_beside_what_a_human_is_told_apart_by_is_no_guess() -> None:
    found, _ = people([ONE, {"name_key": "見本太郎", "phone_key": ONE["phone_key"]}])
    assert not np.any(found.is_guess[:2])
