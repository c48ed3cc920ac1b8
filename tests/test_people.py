"""The bounds hold the truth of made populations, and a second, plain method joins the same mentions."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import pytest

from fixtures.persons import persons
from pipeline.match.values import CHECKS
from pipeline.scope.people import BOUNDS, cluster

_KEYS = ("name_key", "kana_key", "birth_date", "phone_key", "email_key", "address_key", "number_key")


def clustered(mentions: list[dict[str, str | None]]) -> dict[str, int]:
    """Persons in each bound."""
    rows = [{"mention_id": f"m{n:06d}", **dict.fromkeys(_KEYS), **one} for n, one in enumerate(mentions)]
    connection = duckdb.connect(":memory:")
    names = ("mention_id", *_KEYS)
    connection.register(
        "mention", pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
    )
    found = cluster(connection)
    connection.close()
    told = zip(found.column("bound").to_pylist(), found.column("person_id").to_pylist(), strict=True)
    counted: dict[str, set[str]] = {bound: set() for bound in BOUNDS}
    for bound, person in told:
        counted[bound].add(person)
    return {bound: len(people) for bound, people in counted.items()}


@pytest.mark.parametrize("seed", range(12))
def test_bounds_hold_the_truth(seed: int) -> None:
    chance = random.Random(seed)
    truth = persons(150, seed=seed)
    mentions = []
    for one in truth:
        whole = {
            "name_key": one.surname + one.given,
            "kana_key": one.surname_kana + one.given_kana,
            "birth_date": one.born.isoformat(),
            "phone_key": "".join(one.phone),
            "email_key": one.email,
            "address_key": one.address,
            "number_key": one.number,
        }
        for _ in range(chance.randint(1, 4)):
            kept = {name: value for name, value in whole.items() if chance.random() < 0.7}
            mentions.append(kept if kept else {"name_key": whole["name_key"]})
    chance.shuffle(mentions)
    found = clustered(mentions)
    assert found["low"] <= found["likely"] <= found["high"], f"seed {seed}"
    assert found["low"] <= len(truth) <= found["high"], f"seed {seed}"


def test_two_dates_of_birth_under_one_name_are_two_humans() -> None:
    assert clustered(
        [
            {"name_key": "見本太郎", "birth_date": "1970-01-01"},
            {"name_key": "見本太郎", "birth_date": "1980-01-01"},
        ]
    ) == {
        "high": 2,
        "likely": 2,
        "low": 2,
    }


def test_the_same_name_alone_is_one_human_at_least_and_two_at_most() -> None:
    assert clustered([{"name_key": "見本太郎"}, {"name_key": "見本太郎"}]) == {
        "high": 2,
        "likely": 2,
        "low": 1,
    }


def test_a_shared_telephone_does_not_make_a_household_one_human() -> None:
    found = clustered(
        [{"name_key": "見本太郎", "phone_key": "1"}, {"name_key": "見本花子", "phone_key": "1"}]
    )
    assert found["high"] == found["likely"] == 2
    assert found["low"] == 1


def test_a_mail_address_alone_is_nobody_new_in_the_low_bound() -> None:
    found = clustered([{"name_key": "見本太郎"}, {"email_key": "a@mail.example"}])
    assert found == {"high": 2, "likely": 2, "low": 1}


@pytest.mark.parametrize(
    ("check", "value", "wanted"),
    [
        ("card", "4111-1111-1111-1111", "4111111111111111"),
        ("card", "4111-1111-1111-1112", None),
        ("card", "1234567890123452", None),
        ("my_number", "123456789018", "123456789018"),
        ("my_number", "123456789012", None),
        ("birth_date", "令和元年5月1日", "2019-05-01"),
        ("birth_date", "S50.1.2", "1975-01-02"),
        ("birth_date", "1990/02/30", None),
        ("phone", "０９０－１２３４－５６７８", "+819012345678"),
        ("phone", "12345", None),
        ("postal_code", "〒100-0013", "1000013"),
        ("email", "A@Mail.Example", "a@mail.example"),
        ("email", "a@b", None),
    ],
)
def test_values_have_one_form_or_none(check: str, value: str, wanted: str | None) -> None:
    assert CHECKS[check](value) == wanted
