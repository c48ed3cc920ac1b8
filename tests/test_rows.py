"""Persons of a sheet's rows: whom each column speaks of, what is no natural person, what is a candidate only."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from fixtures.persons import persons
from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from pipeline.match.personal_data.rows import (
    COMPANY,
    SAMPLE,
    SHARED_MAILBOX,
    mentions_of_rows,
    staff_once,
    subject_kind,
)

ITEMS = read_items()
MANY = persons(24, seed=83)
ONE, TWO, THREE = MANY[:3]


def full(one: Any) -> str:
    return f"{one.surname} {one.given}"


def mentions(header: tuple[str, ...] | None, *rows: tuple[str | None, ...]) -> list[dict[str, Any]]:
    """The mentions of a sheet given as rows."""
    width = len(rows[0])
    columns = {f"c{n:03d}": pa.array([row[n] for row in rows], pa.string()) for n in range(width)}
    (batch,) = pa.table({"row_number": pa.array(range(2, len(rows) + 2), pa.int64()), **columns}).to_batches()
    judged = judge(header, width, lambda: [batch], ITEMS)
    return mentions_of_rows("s1", judged, subject_kind(judged, header, ITEMS), batch, ITEMS).to_pylist()


def test_a_row_of_an_order_speaks_of_two_persons() -> None:
    header = (
        "注文番号",
        "注文者氏名",
        "注文者電話番号",
        "送付先氏名",
        "送付先郵便番号",
        "送付先住所",
        "送付先電話番号",
    )
    found = mentions(
        header,
        (
            "1001",
            full(ONE),
            "-".join(ONE.phone),
            full(TWO),
            TWO.postal_code,
            TWO.address,
            "-".join(TWO.phone),
        ),
        ("1002", full(THREE), "-".join(THREE.phone), None, None, None, None),
    )
    told = [
        (one["role"], one["full_name"], one["phone_key"] is not None, one["address_key"] is not None)
        for one in found
    ]
    assert told == [
        ("orderer", full(ONE), True, False),
        ("orderer", full(THREE), True, False),
        ("recipient", full(TWO), True, True),
    ]
    assert len({one["mention_id"] for one in found}) == 3


def test_a_role_without_a_name_is_the_main_persons() -> None:
    header = ("会員番号", "氏名", "送付先住所", "緊急連絡先電話番号")
    (found,) = mentions(header, ("A-1", full(ONE), ONE.address, "-".join(TWO.phone)))
    assert (found["role"], found["full_name"], found["items"]) == (
        "main",
        full(ONE),
        ["customer_number", "name", "address", "phone"],
    )
    # Somebody else's telephone is an item of the row, it is no key of this person.
    assert (found["phone_key"], found["address_key"]) == (None, None)


def test_members_of_a_family_numbered_in_the_header_are_persons_of_their_own() -> None:
    header = ("世帯番号", "氏名1", "生年月日1", "氏名2", "生年月日2")
    found = mentions(header, ("7", full(ONE), ONE.born.isoformat(), full(TWO), TWO.born.isoformat()))
    assert [(one["full_name"], one["birth_date"]) for one in found] == [
        (full(ONE), ONE.born.isoformat()),
        (full(TWO), TWO.born.isoformat()),
    ]


def test_an_item_over_several_columns_is_joined() -> None:
    header = (
        "氏名",
        "電話1",
        "電話2",
        "電話3",
        "郵便番号(上3桁)",
        "郵便番号(下4桁)",
        "生年月日(年)",
        "生年月日(月)",
        "生年月日(日)",
    )
    born = ONE.born
    (found,) = mentions(
        header,
        (
            full(ONE),
            *ONE.phone,
            ONE.postal_code[:3],
            ONE.postal_code[-4:],
            str(born.year),
            str(born.month),
            str(born.day),
        ),
    )
    assert found["phone_key"] == "+81" + "".join(ONE.phone)[1:]
    assert found["postal_code"] == ONE.postal_code.replace("-", "")
    assert found["birth_date"] == born.isoformat()


def test_a_firm_is_no_person_unless_somebody_is_named_beside_it() -> None:
    header = ("お客様名", "電話番号", "担当者名")
    found = mentions(
        header,
        ("株式会社見本商事", "-".join(ONE.phone), None),
        ("(有)例示", "-".join(TWO.phone), full(TWO)),
        (full(THREE), "-".join(THREE.phone), None),
    )
    assert [(one["role"], one["full_name"], one["doubt"]) for one in found] == [
        ("main", full(THREE), None),
        ("in_charge", full(TWO), None),
    ]
    firm = mentions(("氏名", "メールアドレス"), ("株式会社見本商事", ONE.email), (full(TWO), TWO.email))
    assert [(one["full_name"], one["doubt"]) for one in firm] == [
        ("株式会社見本商事", COMPANY),
        (full(TWO), None),
    ]


def test_a_sample_and_a_mailbox_of_an_office_are_kept_in_doubt() -> None:
    found = mentions(
        ("備考", "氏名", "メールアドレス"),
        ("記入例", full(ONE), ONE.email),
        (None, "山田 太郎", TWO.email),
        (None, None, "info@mail.example"),
        (None, full(THREE), THREE.email),
    )
    assert [one["doubt"] for one in found] == [SAMPLE, SAMPLE, SHARED_MAILBOX, None]


def test_a_sensitive_header_alone_makes_a_candidate_and_words_in_its_values_make_it_held() -> None:
    names = [full(one) for one in MANY]
    ill = mentions(
        ("氏名", "傷病名"), *[(name, "2型糖尿病" if n % 3 else None) for n, name in enumerate(names)]
    )
    assert [(one["categories"], one["candidates"]) for one in ill[:2]] == [
        (["name"], []),
        (["name", "medical_treatment_record"], []),
    ]
    codes = mentions(("氏名", "傷病名"), *[(name, f"区分{n % 4}") for n, name in enumerate(names)])
    assert {tuple(one["categories"]) for one in codes} == {("name",)}
    assert {tuple(one["candidates"]) for one in codes} == {("medical_treatment_record",)}


def test_what_a_password_column_holds_is_told_by_its_values() -> None:
    plain = mentions(("氏名", "パスワード"), (full(ONE), "Secret#1"), (full(TWO), "hunter22"))
    hashed = mentions(
        ("氏名", "パスワード"), (full(ONE), "5f4dcc3b5aa765d61d8327deb882cf99"), (full(TWO), "0" * 32)
    )
    assert plain[0]["categories"] == ["name", "password_plain"]
    assert hashed[0]["categories"] == ["name", "password_hashed"]


def test_a_weak_header_needs_support() -> None:
    goods = mentions(("name", "price"), ("ノートパソコン", "100"), ("えんぴつ", "200"), ("黒板", "300"))
    assert goods == []
    people = mentions(("name", "email"), (full(ONE), ONE.email), (full(TWO), TWO.email))
    assert [one["full_name"] for one in people] == [full(ONE), full(TWO)]


def test_a_sheet_without_header_is_judged_by_its_values() -> None:
    rows = [
        (
            full(one),
            f"{one.surname_kana} {one.given_kana}",
            one.address,
            one.born.isoformat(),
            "-".join(one.phone),
        )
        for one in MANY
    ]
    found = mentions(None, *rows)
    assert len(found) == len(MANY)
    assert found[0]["items"] == ["name", "name_kana", "address", "birth_date", "phone"]


def test_a_short_year_is_a_date_and_no_key() -> None:
    (found,) = mentions(("氏名", "生年月日"), (full(ONE), "55.3.4"))
    assert ("birth_date" in found["items"], found["birth_date"]) == (True, None)


def test_staff_in_charge_of_many_rows_are_one_mention_each() -> None:
    header = ("お客様氏名", "電話番号", "営業担当者")
    rows = [(full(one), "-".join(one.phone), full(THREE)) for one in MANY]
    columns = {f"c{n:03d}": pa.array([row[n] for row in rows], pa.string()) for n in range(3)}
    table = pa.table({"row_number": pa.array(range(2, len(rows) + 2), pa.int64()), **columns})
    batches = table.to_batches(max_chunksize=7)
    judged = judge(header, 3, lambda: batches, ITEMS)
    known: set[str] = set()
    found = [
        staff_once(mentions_of_rows("s1", judged, "customer", one, ITEMS), ITEMS, known).to_pylist()
        for one in batches
    ]
    told = [(one["role"], one["subject_kind"]) for part in found for one in part]
    assert told.count(("main", "customer")) == len(MANY)
    assert told.count(("in_charge", "employee")) == 1
