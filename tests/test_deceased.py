"""Rows that speak of the dead: what says so, what does not, and how they are counted apart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fixtures.builders.sheets import csv_bytes
from fixtures.persons import persons
from pipeline.case import load
from pipeline.tables.catalogue import DECEASED
from pipeline.why import why
from tests.test_rows import full, mentions
from tests.whole_case import ask, run_case

ONE, TWO, THREE, FOUR, FIVE = persons(5, seed=91)


def doubts(header: tuple[str, ...], *values: tuple[str | None, ...]) -> list[str | None]:
    """The doubts of rows of a member list with more columns behind name and telephone."""
    rows = [(full(ONE), "-".join(ONE.phone), *value) for value in values]
    return [one["doubt"] for one in mentions(("氏名", "電話番号", *header), *rows)]


@pytest.mark.parametrize(
    "remark",
    [
        "死亡",
        "逝去",
        "故人",
        "ご逝去のため退会",
        "2026年8月に死亡により退会",
        "本人死亡。書類は長女へ",
        "令和8年3月 他界",
        "お亡くなりになりました",
        "Deceased",
        "passed away in 2025",
        "DM停止(死去)",
    ],
)
def test_a_remark_says_that_the_person_is_dead(remark: str) -> None:
    assert doubts(("備考",), (remark,), ("特になし",)) == [DECEASED, None]


@pytest.mark.parametrize(
    "remark",
    [
        "死亡保険",
        "死亡保険金受取人を変更",
        "死亡診断書の写しを提出",
        "死亡診断書",
        "夫が死亡し名義を変更",
        "父逝去により来月休会",
        "ご主人様ご逝去のお悔やみ送付",
        "故人の長男、相続手続中",
        "死亡により世帯主変更",
        "死亡時の連絡先",
        "交通死亡事故の目撃者",
        "犬が死亡",
        "入院していたが死亡していない",
        "mother deceased",
        "not deceased",
        "お客様のご要望により退会",
    ],
)
def test_near_misses_of_a_death(remark: str) -> None:
    assert doubts(("備考",), (remark,)) == [None]


@pytest.mark.parametrize(
    ("header", "value", "is_dead"),
    [
        ("死亡年月日", "2026/08/03", True),
        ("死亡年月日", "令和8年8月3日", True),
        ("死亡年月日", "", False),
        ("死亡年月日", "0000-00-00", False),
        ("死亡フラグ", "1", True),
        ("死亡フラグ", "0", False),
        ("死亡フラグ", "無", False),
        ("date_of_death", "2026-08-03", True),
        ("生死区分", "死亡", True),
        ("生死区分", "生存", False),
        ("会員状態", "死亡退会", True),
        # What a policy pays at death, and when one joined.
        ("死亡保険金", "1", False),
        ("入会日", "2026/08/03", False),
    ],
)
def test_a_column_of_the_death_or_the_state_says_so(header: str, value: str, is_dead: bool) -> None:
    assert doubts((header,), (value,)) == [DECEASED if is_dead else None]


def test_a_name_may_bear_the_mark() -> None:
    rows = [
        (name, "090-1111-2222")
        for name in ("故 見本 太郎", "見本 太郎(故人)", "(故)見本 太郎", "見本 太郎", "故島 太郎")
    ]
    found = [one["doubt"] for one in mentions(("氏名", "電話番号"), *rows)]
    assert found == [DECEASED, DECEASED, DECEASED, None, None]


def test_a_remark_speaks_of_the_main_person_of_a_row_alone() -> None:
    header = ("契約者氏名", "契約者電話番号", "送付先氏名", "送付先電話番号", "備考")
    row = (full(ONE), "-".join(ONE.phone), full(TWO), "-".join(TWO.phone), "ご逝去")
    found = {one["full_name"]: one["doubt"] for one in mentions(header, row)}
    assert found == {full(ONE): DECEASED, full(TWO): None}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lost medium with a list that tells of two deaths, and another that holds one of the dead without a word."""
    root = tmp_path_factory.mktemp("case") / "case"
    (root / "evidence" / "usb").mkdir(parents=True)

    def row(one: Any, *more: str) -> tuple[str, ...]:
        return (full(one), f"{one.born:%Y/%m/%d}", "-".join(one.phone), *more)

    listed = [
        ("氏名", "生年月日", "電話番号", "備考"),
        row(ONE, "ご逝去のため退会"),
        row(TWO, "死亡保険加入"),
        row(THREE, ""),
        row(FOUR, "死亡"),
    ]
    other = [("氏名", "生年月日", "電話番号"), row(ONE), row(FIVE)]
    for name, content in (("members.csv", listed), ("letters.csv", other)):
        (root / "evidence" / "usb" / name).write_bytes(csv_bytes(content))
    item = '[[evidence]]\nid = "usb"\npath = "evidence/usb"\nrole = "leaked_medium"\nencryption = "none"\n'
    (root / "case.toml").write_text(
        f'[case]\nnumber = "T"\n[incident]\ncause = "loss"\nimproper_purpose = "no"\n{item}', encoding="utf-8"
    )
    run_case(root, until="scope")
    return root


def test_the_dead_are_in_no_low_or_likely_count_and_are_counted_apart(case: Path) -> None:
    told = {
        (dimension, value): bounds
        for dimension, value, *bounds in ask(
            case, "SELECT dimension, value, low, likely, high FROM affected_count WHERE grade = 'confirmed'"
        )
    }
    assert told["all", None] == [3, 3, 5]
    assert told["deceased", DECEASED] == [2, 2, 2]


def test_the_decision_takes_the_dead_out_of_both_bounds(case: Path) -> None:
    facts = {name: json.loads(value) for name, value in ask(case, "SELECT name, value FROM fact")}
    assert (facts["persons_lower"], facts["persons_upper"], facts["deceased"]) == (5, 5, 2)


def test_walking_back_from_the_likely_figure_names_the_living_alone(case: Path) -> None:
    named = {
        bound: [
            one.what for one in why(load(case), "confirmed", bound).below if one.what.startswith("person:")
        ]
        for bound in ("likely", "high")
    }
    assert (len(named["likely"]), len(named["high"])) == (3, 5)
