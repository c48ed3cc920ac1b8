"""Made populations: the same for a seed, true to themselves, and as noisy as was asked."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from fixtures import populations
from fixtures.populations import LEVELS, Noise, Population, names, noise, persons
from pipeline.tables.catalogue import DECEASED, MENTION
from pipeline.tables.schema import full_schema

SEED = 20
_QUIET = LEVELS["clean"]


@pytest.fixture(scope="module")
def usual() -> Population:
    return populations.make(seed=SEED, persons=20_000)


def only(name: str, rate: float, **more: float) -> Population:
    """A population with one kind of noise alone, in one source."""
    quiet = {one.name: 0.0 for one in fields(Noise)}
    return populations.make(
        seed=SEED, persons=20_000, sources=["members"], noise=Noise(**{**quiet, name: rate, **more})
    )


def by_person(population: Population, source: str, column: str) -> dict[int, str | None]:
    """What a source says of each person."""
    values = population.sources[source].column(column).to_pylist()
    return dict(zip(population.truth[source].tolist(), values, strict=True))


def test_the_same_seed_makes_the_same() -> None:
    one, again, other = (populations.make(seed=seed, persons=500) for seed in (SEED, SEED, SEED + 1))
    assert all(one.sources[name].equals(again.sources[name]) for name in one.sources)
    assert all((one.truth[name] == again.truth[name]).all() for name in one.truth)
    assert not one.sources["members"].equals(other.sources["members"])


def test_a_source_is_the_same_whatever_stands_beside_it() -> None:
    alone = populations.make(seed=SEED, persons=500, sources=["orders"])
    beside = populations.make(seed=SEED, persons=500, sources=6)
    assert alone.sources["orders"].equals(beside.sources["orders"])


def test_clean_rows_say_what_is_true() -> None:
    population = populations.make(seed=SEED, persons=2_000, noise="clean")
    (people,) = population.people
    given, surname = names.given_names(), names.surnames()
    for number, name in by_person(population, "members", "氏名").items():
        if number >= 0 and not people.is_deceased[number]:
            whole = f"{surname.written[int(people.surname[0][number])]} {given.written[int(people.given[number])]}"
            assert name == whole
    births = persons.days(people.birth)
    for number, born in by_person(population, "members", "生年月日").items():
        assert number < 0 or str(births[number]).replace("-", "/") == born


def test_numbers_are_of_one_person_in_a_registry_and_of_others_in_the_next() -> None:
    population = only("second_number", 0.05)
    numbers, truth = population.sources["members"].column("会員番号").to_pylist(), population.truth["members"]
    assert len(set(numbers)) == len(numbers)
    repeated = np.unique(truth, return_counts=True)[1]
    assert 0.04 < (repeated > 1).mean() < 0.06
    both = populations.make(seed=SEED, persons=20_000, sources=["members", "survey"], noise=_QUIET)
    issued, others = by_person(both, "members", "会員番号"), by_person(both, "survey", "カード会員番号")
    owner = {number: person for person, number in issued.items()}
    met = [person for person, number in others.items() if number in owner and owner[number] != person]
    assert len(met) > 1_000


@pytest.mark.parametrize(
    ("name", "column", "field"),
    [
        ("moves", "郵便番号", "town"),
        ("phone_changes", "電話番号", "phone"),
        ("mail_changes", "メールアドレス", "mail"),
        ("surname_changes", "氏名", "surname"),
    ],
)
def test_what_changed_is_as_often_as_asked(name: str, column: str, field: str) -> None:
    changed, still = (by_person(only(name, rate), "members", column) for rate in (0.08, 0.0))
    assert changed.keys() == still.keys(), field
    differs = np.mean([changed[one] != still[one] for one in changed])
    # Only women's mentions change surname; a house may move within a postal code.
    expected = 0.04 if name == "surname_changes" else 0.08
    assert differs == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("column", ["生年月日", "電話番号", "住所", "フリガナ", "氏名"])
def test_typos_are_as_often_as_asked(column: str) -> None:
    typed, right = (by_person(only("typos", rate), "members", column) for rate in (0.05, 0.0))
    differs = np.mean([typed[one] != right[one] for one in typed])
    # A date has no 13th month to exchange with; another way to write a given name may be the same one.
    assert 0.025 < differs < 0.056


def test_fields_are_left_empty_as_often_as_asked() -> None:
    half, full = (only("missing", rate).sources["members"] for rate in (0.5, 2.0))
    for column, base in (("メールアドレス", 0.2), ("性別", 0.1)):
        for table, times in ((half, 0.5), (full, 2.0)):
            assert table.column(column).null_count / table.num_rows == pytest.approx(base * times, rel=0.12)
    assert _empty(only("missing", 0.0).sources["members"]) <= {"備考"}


def _empty(table: pa.Table) -> set[str]:
    return {name for name in table.column_names if table.column(name).null_count}


def test_households_share_address_and_some_a_telephone() -> None:
    (people,) = only("households", 0.4).people
    place = people.town[0].astype(np.int64) * 10**9 + people.block[0] * 10**4 + people.room[0]
    _, index, counts = np.unique(place, return_inverse=True, return_counts=True)
    together = counts[index] > 1
    assert together.mean() == pytest.approx(0.4, rel=0.05)
    _, phone, phones = np.unique(people.phone[0], return_inverse=True, return_counts=True)
    assert 0.05 < (phones[phone] > 1)[together].mean() < 0.6
    assert (phones[phone] == 1)[~together].all()


def test_twins_share_birth_surname_and_address_and_no_name() -> None:
    (people,) = only("twins", 0.01, households=0.5).people
    second = np.flatnonzero(people.twin_of >= 0)
    first = people.twin_of[second]
    assert len(second) * 2 / len(people) == pytest.approx(0.01, rel=0.05)
    for column in (people.birth, people.surname[0], people.town[0], people.block[0], people.room[0]):
        assert (column[first] == column[second]).all()
    assert (people.given[first] != people.given[second]).all()


def test_surnames_have_the_frequency_they_have() -> None:
    drawn = names.surnames().draw(np.random.default_rng(SEED), np.zeros(200_000, np.int8))
    counts = np.bincount(drawn, minlength=len(names.surnames().written)) / len(drawn)
    for name, share in (("佐藤", 0.0151), ("鈴木", 0.0144), ("高橋", 0.0114), ("田中", 0.0107)):
        assert counts[names.surnames().written.index(name).as_py()] == pytest.approx(share, rel=0.1)
    assert 0.19 < counts[1999:].sum() < 0.22
    assert np.count_nonzero(counts[1999:]) > 10_000


def test_given_names_are_of_their_time_and_sex() -> None:
    given = names.given_names()
    chance = np.random.default_rng(SEED)
    old, young = (given.draw(chance, np.full(50_000, group, np.int8)) for group in (5, 9))

    def share(drawn: np.ndarray, name: str) -> float:
        return float(pc.mean(pc.equal(given.written.take(pa.array(drawn)), name)).as_py())

    assert share(old, "和子") == pytest.approx(0.034, rel=0.15) and share(young, "和子") < 0.002
    assert share(young, "陽葵") == pytest.approx(0.007, rel=0.2) and share(old, "陽葵") < 0.002


def test_homonyms_are_as_frequent_as_the_shares_of_names_make_them() -> None:
    quiet = Noise(**{one.name: 0.0 for one in fields(Noise)})
    made = populations.make(seed=SEED, persons=200_000, sources=["staff"], noise=quiet)
    (people,) = made.people
    whole = people.surname[0].astype(np.int64) * 10**6 + people.given
    counts = np.unique(whole, return_counts=True)[1]
    found = (counts * (counts - 1)).sum() / (len(people) * (len(people) - 1))
    # Sex and time of birth mix the groups given names are drawn from; surnames are drawn apart from both.
    year = persons.days(people.birth).astype("datetime64[Y]").astype(int) + 1970
    group = people.sex * (len(names.TIMES) + 1) + np.searchsorted(names.TIMES, year, side="right")
    given, mixed = names.given_names(), np.zeros(len(names.given_names().written))
    for index, share in enumerate(np.bincount(group, minlength=len(given.order)) / len(group)):
        np.add.at(mixed, given.order[index], share * np.diff(given.cumulated[index], prepend=0.0))
    surname = np.diff(names.surnames().cumulated[0], prepend=0.0)
    assert found == pytest.approx((surname**2).sum() * (mixed**2).sum(), rel=0.1)


def test_variants_are_written_at_the_rate_of_names_that_have_one() -> None:
    words = pa.array(["高橋", "渡辺", "佐藤"] * 5_000)
    varied = noise.with_variants(np.random.default_rng(SEED), 0.3, words)
    counted = {one["values"]: one["counts"] for one in pc.value_counts(varied).to_pylist()}
    assert counted["佐藤"] == 5_000
    assert counted["髙橋"] / 5_000 == pytest.approx(0.3, rel=0.1)
    assert (counted["渡邊"] + counted["渡邉"]) / 5_000 == pytest.approx(0.3, rel=0.15)


def test_a_digit_asked_to_be_wrong_is_wrong() -> None:
    numbers = pa.array([f"{one:08d}" for one in range(10_000_000, 10_005_000)])
    typed = noise.mistyped_digits(np.random.default_rng(SEED), 1.0, numbers, skip=2)
    assert not pc.any(pc.equal(typed, numbers)).as_py()
    assert pc.all(pc.equal(pc.utf8_slice_codeunits(typed, 0, 2), "10")).as_py()
    assert pc.all(pc.match_substring_regex(typed, r"^\d{8}$")).as_py()


def test_mentions_are_what_the_project_makes_of_the_rows(usual: Population) -> None:
    mentions, truth = populations.mentions(usual)
    assert mentions.schema.equals(full_schema(MENTION))
    ids = mentions.column("mention_id").to_pylist()
    assert ids == sorted(set(ids)) and len(truth) == len(ids)
    for key, least in (
        ("name_key", 0.9),
        ("phone_key", 0.7),
        ("number_key", 0.4),
        ("birth_date", 0.2),
        ("address_key", 0.7),
    ):
        assert 1 - mentions.column(key).null_count / len(ids) > least, key
    assert mentions.column("doubt").null_count < len(ids)
    # A remark that somebody is dead is right, or the row is none of a person; other doubts are of no person mostly.
    (people,) = usual.people
    dead = pc.fill_null(pc.equal(mentions.column("doubt"), DECEASED), False).to_numpy()
    buried = truth[dead]
    assert dead.sum() > 50
    assert people.is_deceased[buried[buried >= 0]].all()
    doubted = pc.is_valid(mentions.column("doubt")).to_numpy() & ~dead
    assert (truth[doubted] < 0).mean() > 0.8
    assert 0 < (truth < 0).mean() < 0.01


def test_each_mention_has_the_person_of_its_row() -> None:
    population = populations.make(seed=SEED, persons=300, noise="clean", sources=["staff", "members"])
    mentions, truth = populations.mentions(population)
    (people,) = population.people
    births = persons.days(people.birth)
    born = mentions.column("birth_date").to_pylist()
    assert sum(one is not None for one in born) > 150
    assert all(one is None or str(births[person]) == one for one, person in zip(born, truth, strict=True))


def test_written_in_parts_as_made_in_memory(tmp_path: Path) -> None:
    chosen = {"seed": SEED, "persons": 900, "sources": 4, "chunk_persons": 300}
    count = populations.write(tmp_path, **chosen)  # type: ignore[arg-type]
    mentions, truth = populations.mentions(populations.make(**chosen))  # type: ignore[arg-type]
    parts = sorted((tmp_path / "tables" / "mention").rglob("*.parquet"))
    assert len(parts) == 3
    whole = pa.concat_tables([pq.read_table(one) for one in parts]).sort_by("mention_id")
    assert count == whole.num_rows == mentions.num_rows
    keys = ["mention_id", "row_number", "name_key", "kana_key", "birth_date", "phone_key", "number_key"]
    assert whole.select(keys).equals(mentions.select(keys))
    told = pq.read_table(tmp_path / "truth.parquet").sort_by("mention_id")
    assert told.column("mention_id").to_pylist() == mentions.column("mention_id").to_pylist()
    assert told.column("person").to_pylist() == truth.tolist()


@pytest.mark.parametrize(
    "wrong", [{"sources": 7}, {"sources": 0}, {"sources": ["clients"]}, {"noise": "loud"}]
)
def test_what_there_is_not_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="there are"):
        populations.make(seed=SEED, persons=10, **wrong)  # type: ignore[arg-type]
