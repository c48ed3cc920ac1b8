"""Whose a number is: lists that give the same humans the same numbers have one issuer, lists that give them others have two."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.scope.people import cluster
from pipeline.scope.people.forms import Forms, read_forms
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema

Said = dict[str, str]


def rows(sheet: str, numbers: range, first: int) -> list[Said]:
    """A list of humans by their place, numbered from `first` on."""
    return [
        {
            "sheet_id": sheet,
            "name_key": f"姓{human:03d}名{human:03d}",
            "phone_key": f"+8190{human:08d}",
            "number_key": f"customer_number:C{first + human:06d}",
        }
        for human in numbers
    ]


def connected(said: list[Said]) -> duckdb.DuckDBPyConnection:
    schema = full_schema(MENTION)
    held = [{"mention_id": f"m{n:06d}", **one} for n, one in enumerate(said)]
    connection = duckdb.connect(":memory:")
    connection.register(
        "mention",
        pa.table({f.name: pa.array([one.get(f.name) for one in held], f.type) for f in schema}),
    )
    return connection


def issuers_of(said: list[Said]) -> int:
    connection = connected(said)
    cluster(connection)  # leaves the table `numbered`
    forms: Forms = read_forms(connection, [])
    connection.close()
    return len(np.unique(forms.registry[forms.says("number")]))


def test_rows_that_say_the_same_in_two_lists_show_one_issuer() -> None:
    # Rows that repeat are one saying; one human registered twice among them makes no second issuer.
    one, other = rows("one", range(60), 0), rows("other", range(40, 100), 0)
    other[5]["number_key"] = "customer_number:C000999"
    assert issuers_of([*one, *other]) == 1


def test_the_same_humans_under_other_numbers_show_two_issuers() -> None:
    assert issuers_of([*rows("one", range(60), 0), *rows("other", range(40, 100), 5_000)]) == 2


def test_humans_that_one_issuer_has_numbered_are_a_floor() -> None:
    one, other = rows("one", range(60), 0), rows("other", range(40, 100), 0)
    connection = connected([*one, *other])
    found = cluster(connection)
    count = found.counted(np.ones(len(found), dtype=bool), np.ones(len(found), dtype=bool))
    connection.close()
    assert (count.low, count.likely, count.high) == (100, 100, 100)
