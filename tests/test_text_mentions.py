"""Mentions in running text: names with what stands near them, each person once, and whom nobody names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fixtures.persons import persons
from pipeline.match.personal_data.passages import SURNAME_ALONE, UNSURE_NAME, Segment, mentions_of_text
from pipeline.match.personal_data.rows import SAMPLE, SHARED_MAILBOX
from pipeline.match.personal_data.texts import find_items, read_text_rules

RULES = read_text_rules()
MANY = persons(3, seed=79)
ONE, TWO, THREE = ("-".join(one.phone) for one in MANY)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A name as a finder gives it."""

    start: int
    end: int
    text: str
    score: float = 0.9
    reason: str = "label"


def told(
    *segments: str, names: tuple[str, ...] = (), score: float = 0.9, own: tuple[str, ...] = ()
) -> tuple[list[Any], list[Any]]:
    """The mentions and items of segments in which each of `names` is found wherever it stands."""
    made = []
    for number, content in enumerate(segments, 1):
        found = [
            Found(start=start, end=start + len(name), text=name, score=score)
            for name in names
            for start in range(len(content))
            if content.startswith(name, start)
        ]
        made.append(
            Segment(
                locator=f"line:{number}",
                content=content,
                hits=find_items([content], RULES)[0],
                names=sorted(found, key=lambda one: one.start),
            )
        )
    mentions, items = mentions_of_text("entry", made, RULES.items, frozenset(own))
    return mentions.to_pylist(), items


def named(*segments: str, names: tuple[str, ...]) -> list[tuple[str | None, bool]]:
    return [(one["full_name"], one["phone_key"] is not None) for one in told(*segments, names=names)[0]]


def test_a_telephone_is_that_of_the_name_in_front_of_it() -> None:
    text = f"氏名:蓮見 太郎\n氏名:例示 花子\n電話:{ONE}"
    assert named(text, names=("蓮見 太郎", "例示 花子")) == [("蓮見 太郎", False), ("例示 花子", True)]


def test_a_telephone_in_front_of_the_only_name_is_its_own() -> None:
    assert named(f"電話:{ONE} (蓮見 太郎)", names=("蓮見 太郎",)) == [("蓮見 太郎", True)]
    # Beyond an empty line begins something else.
    assert named(f"電話:{ONE}\n\n蓮見 太郎 様", names=("蓮見 太郎",)) == [("蓮見 太郎", False)]


def test_a_name_that_stands_again_with_its_telephone_has_it() -> None:
    assert named("蓮見 太郎 様", f"氏名:蓮見 太郎\n電話:{ONE}", names=("蓮見 太郎",)) == [("蓮見 太郎", True)]


def test_the_same_name_with_another_telephone_is_a_mention_of_its_own() -> None:
    text = f"氏名:蓮見 太郎\n電話:{ONE}\n氏名:蓮見 太郎\n電話:{TWO}"
    found, _ = told(text, names=("蓮見 太郎",))
    assert [one["full_name"] for one in found] == ["蓮見 太郎", "蓮見 太郎"]
    assert len({one["phone_key"] for one in found}) == 2
    assert len({one["mention_id"] for one in found}) == 2


def test_a_passage_makes_one_mention_with_all_its_items() -> None:
    one = MANY[0]
    text = (
        f"お名前:蓮見 太郎 様\n生年月日:1980年3月4日\n〒{one.postal_code} {one.address}\n電話:{ONE}\nメール:{one.email}\n"
        "会員番号:A-001234\n糖尿病で通院中とのこと\n"
    )
    (found,), items = told(text, names=("蓮見 太郎",))
    assert (found["birth_date"], found["number_key"], found["email_key"]) == (
        "1980-03-04",
        "customer_number:A001234",
        one.email,
    )
    assert {"name", "birth_date", "phone", "email", "customer_number", "postal_code", "address"} <= set(
        found["items"]
    )
    assert (found["candidates"], found["doubt"]) == (["medical_treatment_record"], None)
    assert "medical_treatment_record" not in found["categories"]
    assert {row["mention_id"] for row in items} == {found["mention_id"]}
    assert all(text[int(row["locator"].split("+")[1]) :].startswith(row["value_text"]) for row in items)


def test_a_mail_address_without_a_name_is_a_mention_and_a_telephone_is_not() -> None:
    found, items = told(f"連絡先 {ONE} / {MANY[1].email}")
    assert [one["email_key"] for one in found] == [MANY[1].email]
    assert [(row["item"], row["mention_id"] is None) for row in items] == [("phone", True), ("email", False)]


def test_a_mailbox_of_an_office_is_nobodys() -> None:
    found, _ = told("蓮見 太郎 様 お問い合わせは support@shop.example まで", names=("蓮見 太郎",))
    assert [(one["full_name"], one["email_key"], one["doubt"]) for one in found] == [
        ("蓮見 太郎", None, None),
        (None, "support@shop.example", SHARED_MAILBOX),
    ]


def test_what_is_in_doubt_says_why() -> None:
    assert told("田中 様", names=("田中",))[0][0]["doubt"] == SURNAME_ALONE
    assert told("蓮見 太郎", names=("蓮見 太郎",), score=0.3)[0][0]["doubt"] == UNSURE_NAME
    assert told("記入例 山田太郎", names=("山田太郎",))[0][0]["doubt"] == SAMPLE


def test_a_signature_of_the_clients_own_staff_is_an_employees() -> None:
    text = "蓮見 太郎\n営業部\nTEL 03-1234-5678\nhasumi@client.example"
    (found,), _ = told(text, names=("蓮見 太郎",), own=("client.example",))
    assert found["subject_kind"] == "employee"
    (other,), _ = told(text, names=("蓮見 太郎",))
    assert other["subject_kind"] == "unknown"


def test_text_without_persons_names_nobody() -> None:
    assert told("本日は晴天なり。", "") == ([], [])


def test_what_opens_or_pays_is_masked_and_keeps_its_place() -> None:
    text = "蓮見 太郎 ID: taro01 パスワード: Secret#1 カード番号4111-1111-1111-1111"
    (found,), items = told(text, names=("蓮見 太郎",))
    assert {"password", "credit_card_number"} <= set(found["items"])
    shown = {row["item"]: row for row in items}
    assert (shown["password"]["value_text"], shown["credit_card_number"]["value_text"]) == (
        "****",
        "****1111",
    )
    for name, value in (("password", "Secret#1"), ("credit_card_number", "4111-1111-1111-1111")):
        row = shown[name]
        start = int(row["locator"].split("+")[1])
        assert text[start : start + row["sign_count"]] == value
        assert value not in str(row)
