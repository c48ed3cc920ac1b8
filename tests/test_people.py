"""The bounds hold the truth of made populations, and a second, plain method joins the same mentions."""

from __future__ import annotations

import random
from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pytest

from fixtures.persons import persons
from pipeline.scope.people import BOUNDS, STEPS, Ruled, cluster
from pipeline.tables.catalogue import MENTION
from pipeline.tables.schema import full_schema

_KEYS = ("name_key", "birth_date", "phone_key", "email_key", "address_key", "number_key")


def clustered(mentions: list[dict[str, str | None]], *rulings: Ruled) -> dict[str, int]:
    """Persons in each bound."""
    return {bound: len(people) for bound, people in people_of(mentions, *rulings).items()}


def people_of(
    mentions: list[dict[str, str | None]], *rulings: Ruled, answers: Sequence[Ruled] = ()
) -> dict[str, list[set[int]]]:
    """The persons of each bound, as the numbers of their mentions."""
    schema = full_schema(MENTION)
    rows = [{"mention_id": f"m{n:06d}", **one} for n, one in enumerate(mentions)]
    connection = duckdb.connect(":memory:")
    connection.register(
        "mention",
        pa.table(
            {field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in schema}
        ),
    )
    cluster(connection, rulings, reviewed=answers)
    people: dict[str, dict[int, set[int]]] = {bound: {} for bound in BOUNDS}
    for n, *persons_of in connection.sql(f"SELECT n, {', '.join(BOUNDS)} FROM clustered").fetchall():
        for bound, person in zip(BOUNDS, persons_of, strict=True):
            people[bound].setdefault(person, set()).add(n)
    connection.close()
    return {bound: list(own.values()) for bound, own in people.items()}


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
            {"name_key": "見本太郎", "birth_date": "1983-05-20"},
        ]
    ) == {
        "high": 2,
        "likely": 2,
        "low": 2,
    }


def test_the_same_name_alone_is_one_human_at_least_and_two_at_most() -> None:
    # Among few mentions the same full name is no chance; only the widest bound leaves it open.
    assert clustered([{"name_key": "見本太郎"}, {"name_key": "見本太郎"}]) == {
        "high": 2,
        "likely": 1,
        "low": 1,
    }


def test_a_slip_in_a_date_of_birth_is_one_human_only_with_more_than_a_name() -> None:
    born = [{"name_key": "見本太郎", "birth_date": day} for day in ("1983-05-20", "1983-05-21")]
    assert clustered(born) == {"high": 2, "likely": 2, "low": 1}
    with_mail = [{**one, "email_key": "taro@mail.example"} for one in born]
    assert clustered(with_mail) == {"high": 1, "likely": 1, "low": 1}


def test_a_prefecture_left_out_of_an_address_makes_no_other_place() -> None:
    lived = [{"name_key": "見本太郎", "address_key": where} for where in ("長野県見本市1-1", "見本市1-1")]
    assert clustered(lived) == {"high": 1, "likely": 1, "low": 1}


def test_who_is_registered_twice_is_one_human_where_all_else_agrees() -> None:
    whole = {"name_key": "見本太郎", "birth_date": "1983-05-20", "phone_key": "1", "address_key": "見本市1-1"}
    assert clustered([{**whole, "number_key": f"member:{n}"} for n in (17, 18)]) == {
        "high": 1,
        "likely": 1,
        "low": 1,
    }
    del whole["birth_date"]  # father and son of one name would say the same
    assert clustered([{**whole, "number_key": f"member:{n}"} for n in (17, 18)])["high"] == 2


def test_another_surname_at_the_same_address_is_one_human_where_the_given_name_is_the_same() -> None:
    found = clustered([{"name_key": name, "address_key": "見本市1-1"} for name in ("見本沙織", "例示沙織")])
    assert found == {"high": 2, "likely": 1, "low": 1}


def test_one_mail_address_and_date_of_birth_overrule_how_a_name_is_written() -> None:
    shared = {"birth_date": "1983-05-20", "email_key": "saori@mail.example"}
    written = [{"name_key": name, **shared} for name in ("見本沙織", "見本佐緒里")]
    assert clustered(written) == {"high": 2, "likely": 1, "low": 1}
    one_house = {"birth_date": "1983-05-20", "phone_key": "1", "address_key": "見本市1-1"}
    assert clustered([{"name_key": name, **one_house} for name in ("見本沙織", "見本佐緒里")])["likely"] == 2


def test_a_name_alone_that_several_bear_goes_to_him_of_whom_least_is_said() -> None:
    much = [{"name_key": "見本太郎", "number_key": "1", "phone_key": phone} for phone in ("1", "2", "3")]
    little = {"name_key": "見本太郎", "birth_date": "1983-05-20", "number_key": "2"}
    other = {"name_key": "見本次郎", "phone_key": "9"}
    found = people_of(
        [{**one, "birth_date": "1970-01-01"} for one in much] + [little, other, {"name_key": "見本"}]
    )
    assert {5} not in [set(one) for one in found["likely"]], "a surname is nobody new"
    assert any(5 in one and len(one) == 2 for one in found["likely"])


def test_dates_of_birth_refuse_nobody_where_the_case_shows_them_dirty() -> None:
    seed = 20261127
    found = {rate: clustered(_with_wrong_dates(rate, seed)) for rate in (0.0, 0.2)}
    assert found[0.0]["likely"] == 300, f"seed {seed}"
    assert found[0.2]["low"] <= 300 <= found[0.2]["high"], f"seed {seed}"
    assert found[0.2]["likely"] <= 303, f"seed {seed}"


def test_a_wrong_date_is_another_human_where_dates_are_clean() -> None:
    mentions = _with_wrong_dates(0.0, 20261127)
    mentions[1] = {**mentions[0], "birth_date": "2001-11-30"}
    assert clustered(mentions)["likely"] == 301


def _with_wrong_dates(rate: float, seed: int) -> list[dict[str, str | None]]:
    """Two mentions each of 300 persons; of so many the second has a date of birth of somebody else."""
    chance = random.Random(seed)
    found: list[dict[str, str | None]] = []
    for one in persons(300, seed=seed):
        said: dict[str, str | None] = {
            "name_key": one.surname + one.given,
            "birth_date": one.born.isoformat(),
            "phone_key": "".join(one.phone),
            "address_key": one.address,
            "number_key": one.number,
        }
        other = f"{chance.randint(1930, 2010)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        found += [
            said,
            {
                **said,
                "birth_date": other if chance.random() < rate else said["birth_date"],
                "email_key": one.email,
            },
        ]
    return found


def test_twins_of_one_household_are_two_humans() -> None:
    shared = {"birth_date": "1983-05-20", "phone_key": "1", "address_key": "見本市1-1"}
    found = clustered([{"name_key": "見本大輔", **shared}, {"name_key": "見本沙織", **shared}])
    assert found == {"high": 2, "likely": 2, "low": 2}


def test_one_number_and_one_date_of_birth_are_one_human_however_the_name_is_written() -> None:
    shared = {"birth_date": "1983-05-20", "number_key": "member:17", "address_key": "見本市1-1"}
    found = clustered([{"name_key": "見本沙織", **shared}, {"name_key": "例示佐緒里", **shared}])
    assert found == {"high": 2, "likely": 1, "low": 1}


@pytest.mark.parametrize("other", ["satotaro", "tarosatto", "taroasto"])
def test_a_name_in_latin_letters_may_stand_in_another_order_or_have_a_slip(other: str) -> None:
    shared = {"birth_date": "1983-05-20", "email_key": "taro@mail.example"}
    assert clustered([{"name_key": "tarosato", **shared}, {"name_key": other, **shared}])["likely"] == 1


def test_one_number_and_name_with_two_dates_of_birth_wait_for_a_ruling() -> None:
    shared = {"name_key": "見本沙織", "number_key": "member:17"}
    found = clustered([{**shared, "birth_date": "1983-05-20"}, {**shared, "birth_date": "1971-11-02"}])
    assert found == {"high": 2, "likely": 2, "low": 1}


def test_a_surname_changed_by_marriage_is_one_human_where_the_rest_agrees() -> None:
    shared = {"birth_date": "1983-05-20", "phone_key": "1", "email_key": "saori@mail.example"}
    found = clustered([{"name_key": "見本沙織", **shared}, {"name_key": "例示沙織", **shared}])
    assert found == {"high": 1, "likely": 1, "low": 1}


def test_a_shared_telephone_does_not_make_a_household_one_human() -> None:
    found = clustered(
        [{"name_key": "見本太郎", "phone_key": "1"}, {"name_key": "見本花子", "phone_key": "1"}]
    )
    assert found == {"high": 2, "likely": 2, "low": 2}


def test_a_mail_address_alone_is_nobody_new_in_the_low_bound() -> None:
    found = clustered([{"name_key": "見本太郎"}, {"email_key": "a@mail.example"}])
    assert found == {"high": 2, "likely": 2, "low": 1}


def test_a_chain_that_ends_in_two_dates_of_birth_is_cut() -> None:
    chain = [
        {"name_key": "見本太郎", "birth_date": "1970-01-01", "phone_key": "1"},
        {"name_key": "見本太郎", "phone_key": "1", "email_key": "a"},
        {"name_key": "見本太郎", "email_key": "a", "birth_date": "1983-05-20"},
    ]
    found = people_of(chain)
    # Whose the middle one is, nobody knows: in the high bound it may be a third human.
    assert sorted(map(sorted, found["high"])) == [[0], [1], [2]]
    assert sorted(map(sorted, found["likely"])) in ([[0, 1], [2]], [[0], [1, 2]])


def test_mentions_that_say_the_same_stay_one_where_a_chain_is_cut() -> None:
    middle = {"name_key": "見本太郎", "phone_key": "1", "email_key": "a"}
    found = people_of(
        [
            {"name_key": "見本太郎", "birth_date": "1970-01-01", "phone_key": "1"},
            middle,
            middle,
            {"name_key": "見本太郎", "email_key": "a", "birth_date": "1983-05-20"},
        ]
    )
    assert sorted(map(sorted, found["high"])) == [[0], [1, 2], [3]]


def test_a_chain_over_number_and_mail_does_not_join_two_names() -> None:
    found = people_of(
        [
            {"name_key": "見本太郎", "number_key": "1"},
            {"number_key": "1", "email_key": "a"},
            {"name_key": "見本花子", "email_key": "a"},
        ]
    )
    assert sorted(map(sorted, found["likely"])) == [[0, 1], [2]]


def test_no_person_of_high_or_likely_has_two_dates_of_birth() -> None:
    seed = 20261005
    chance = random.Random(seed)
    words = [f"{n}" for n in range(6)]
    mentions = [
        {name: chance.choice(words) for name in _KEYS if name != "number_key" and chance.random() < 0.45}
        or {"name_key": "0"}
        for _ in range(400)
    ]
    found = people_of(mentions)
    # One mail address and one date of birth are one human in the likely bound, whatever the name.
    for bound, names in (("high", ("birth_date", "name_key")), ("likely", ("birth_date",))):
        for person in found[bound]:
            for name in names:
                values = {mentions[one].get(name) for one in person} - {None}
                assert len(values) <= 1, f"seed {seed}: {bound} {name} {values}"
    # Each bound is a refinement of the one below it.
    for finer, coarser in (("high", "likely"), ("likely", "low")):
        of = {one: index for index, person in enumerate(found[coarser]) for one in person}
        assert all(len({of[one] for one in person}) == 1 for person in found[finer]), f"seed {seed}"


def test_a_ruling_that_two_are_one_holds_in_every_bound() -> None:
    apart = [{"name_key": "見本太郎"}, {"name_key": "見本花子"}, {"name_key": "見本次郎"}]
    found = people_of(apart, Ruled(one="m000000", other="m000001", is_same=True))
    for bound in BOUNDS:
        assert sorted(map(sorted, found[bound])) == [[0, 1], [2]]


def test_a_ruling_that_one_is_two_holds_in_every_bound() -> None:
    same = {"name_key": "見本太郎", "phone_key": "1"}
    found = people_of([same, same, same], Ruled(one="m000000", other="m000002", is_same=False))
    for bound in BOUNDS:
        assert sorted(map(sorted, found[bound])) == [[0, 1], [2]], bound


TWINS: list[dict[str, str | None]] = [
    {
        "name_key": "見本太郎",
        "birth_date": "1970-01-01",
        "phone_key": "+81311111111",
        "email_key": "a@x.example",
    },
    {
        "name_key": "見本太郎",
        "birth_date": "1970-01-01",
        "phone_key": "+81311111111",
        "address_key": "例市一",
    },
]
STRANGERS: list[dict[str, str | None]] = [
    {"name_key": "見本太郎", "birth_date": "1970-01-01"},
    {"name_key": "見本太郎", "birth_date": "1983-05-20"},
]


def answer(is_same: bool, *, is_confirmed: bool = False) -> Ruled:
    return Ruled(one="m000000", other="m000001", is_same=is_same, is_confirmed=is_confirmed)


def test_one_reviewer_does_not_part_what_is_all_but_sure_and_two_do() -> None:
    assert clustered(TWINS) == {"high": 1, "likely": 1, "low": 1}
    for is_confirmed, count in ((False, 1), (True, 2)):
        found = people_of(TWINS, answers=[answer(False, is_confirmed=is_confirmed)])
        assert {bound: len(people) for bound, people in found.items()} == dict.fromkeys(BOUNDS, count)


def test_one_reviewer_joins_what_a_contradiction_keeps_apart() -> None:
    assert clustered(STRANGERS) == {"high": 2, "likely": 2, "low": 2}
    found = people_of(STRANGERS, answers=[answer(True)])
    assert {bound: len(people) for bound, people in found.items()} == dict.fromkeys(BOUNDS, 1)


def test_what_a_reviewer_joined_says_so() -> None:
    schema = full_schema(MENTION)
    rows = [{"mention_id": f"m{n:06d}", **one} for n, one in enumerate(STRANGERS)]
    connection = duckdb.connect(":memory:")
    connection.register(
        "mention",
        pa.table({one.name: pa.array([row.get(one.name) for row in rows], one.type) for one in schema}),
    )
    found = cluster(connection, reviewed=[answer(True)])
    told = [found.reason_words[number] for number in found.reasons["likely"].tolist()]
    assert told == ["first mention of the person", "a reviewer's answer"]
    connection.close()


def test_what_is_answered_of_a_mention_holds_for_all_that_say_the_same() -> None:
    mentions = [STRANGERS[0], STRANGERS[1], STRANGERS[0], STRANGERS[1]]
    found = people_of(mentions, answers=[answer(True)])
    assert found["likely"] == [{0, 1, 2, 3}]


def test_two_that_say_the_same_can_be_answered_to_be_two() -> None:
    found = people_of([TWINS[0], TWINS[0]], answers=[answer(False, is_confirmed=True)])
    assert len(found["low"]) == 2


def test_a_name_parted_from_one_bearer_still_goes_with_another() -> None:
    mentions: list[dict[str, str | None]] = [
        {"name_key": "見本太郎"},
        {"name_key": "見本太郎", "birth_date": "1970-01-01"},
        {"name_key": "見本太郎", "birth_date": "1983-05-20"},
    ]
    first, second = (Ruled(one="m000000", other=f"m00000{n}", is_same=False) for n in (1, 2))
    assert people_of(mentions, answers=[second])["likely"] == [{0, 1}, {2}]
    assert {1} in people_of(mentions, answers=[first])["likely"]


def test_each_step_of_many_mentions_is_told() -> None:
    told: list[None] = []
    connection = duckdb.connect(":memory:")
    schema = full_schema(MENTION)
    connection.register("mention", schema.empty_table())
    cluster(connection, advance=lambda: told.append(None))
    connection.close()
    assert len(told) == STEPS
