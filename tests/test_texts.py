"""Personal data in running text: what is found, where, how sure, and what only looks like it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from pipeline.match.personal_data.texts import find_items, read_text_rules

RULES = read_text_rules()


def held(text: str) -> list[tuple[str, str]]:
    """Items of a text that are held, as written."""
    return [(one.item, one.text) for one in find_items([text], RULES)[0] if one.status == "held"]


def candidates(text: str) -> list[str]:
    """Items of a text that are candidates."""
    return [one.item for one in find_items([text], RULES)[0] if one.status == "candidate"]


@pytest.mark.parametrize(
    "text",
    [
        "注文番号 4111-1111-1111-1112 は発送済みです",
        "品番 090-1234-5678 の在庫",
        "IMG_20210304_123456.jpg を受け取りました",
        "Ver. 3.12.1 から 3.12.4 へ更新",
        "NSS 3.12.1, H.264, S3.1.2",
        "2024年4月1日から2025年3月31日までの契約",
        "ISBN 978-4-00-310101-8",
        "請求金額 0120000000 円",
        "会議室 100-0001 号",
        "サーバ 192.0.2.1 を再起動した",
        "パスワードは別途お送りします",
        "名義変更の手続き、口座振替の案内、カードのご利用",
        "13:00-14:00 03-04 01-02",
        "UUID 550e8400-e29b-41d4-a716-446655440000",
    ],
)
def test_false_friends_are_nothing(text: str) -> None:
    assert held(text) == []


def test_places_are_signs_of_the_text_itself() -> None:
    text = "𠮷田様\n電話：０９０－１２３４－５６７８\nメール：ｔａｒｏ@example.jp"
    (found,) = find_items([text], RULES)
    assert [text[one.start : one.end] for one in found] == [
        "０９０－１２３４－５６７８",
        "ｔａｒｏ@example.jp",
    ]
    assert [one.value for one in found] == ["+819012345678", "taro@example.jp"]


def test_a_label_may_stand_on_the_line_above() -> None:
    assert held("生年月日\n1980年3月4日\n") == [("birth_date", "1980年3月4日")]


def test_digits_that_hold_by_luhn_are_no_card_without_a_word_for_it() -> None:
    assert held("控え 4111111111111111") == []
    assert held("カード番号は4111111111111111です") == [("credit_card_number", "4111111111111111")]
    assert held("4111-1111-1111-1111") == [("credit_card_number", "4111-1111-1111-1111")]


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("うつ病で通院しています", "medical_record"),
        ("身体障害者手帳2級を所持", "disability"),
        ("窃盗罪で懲役1年の判決", "criminal_record"),
        ("浄土真宗の信徒である", "creed"),
        ("現在妊娠12週です", "pregnancy"),
        ("生活保護を受給している", "public_assistance"),
        ("夫からの暴力で保護命令", "domestic_violence"),
    ],
)
def test_words_of_special_care_are_candidates_never_held(text: str, item: str) -> None:
    assert item in candidates(text)
    assert item not in [name for name, _ in held(text)]


@pytest.mark.parametrize(
    "text", ["総合病院の移転", "システム障害のお知らせ", "通信障害が発生しました", "炎天下の作業"]
)
def test_what_only_shares_a_sign_with_an_illness_is_none(text: str) -> None:
    assert candidates(text) == []


def test_many_texts_at_once_are_as_one_by_one() -> None:
    texts = [word for one in RULES.finds for word in (*one.examples, *one.near_misses)]
    assert find_items(texts, RULES) == [find_items([one], RULES)[0] for one in texts]


def test_the_fast_pattern_finds_whatever_the_whole_pattern_finds() -> None:
    for one in RULES.finds:
        for text in one.examples:
            folded = text.translate({0xFF10 + n: str(n) for n in range(10)} | {0xFF0D: "-", 0x3000: " "})
            if one.pattern.search(folded):
                assert pc.match_substring_regex(pa.array([folded]), one.fast)[0].as_py(), text


def test_hostile_text_is_gone_through() -> None:
    for text in (
        "",
        "\x00" * 5000,
        "0" * 300_000,
        "@" * 100_000,
        "(03)" * 50_000,
        "\n" * 200_000,
        "番号:" * 50_000,
    ):
        find_items([text], RULES)
