"""Columns of a sheet: what they are taken for, by header and by value, and what only looks like persons."""

from __future__ import annotations

import pyarrow as pa
import pytest

from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from pipeline.match.personal_data.judgement import Judgement

ITEMS = read_items()
NAMES = ("見本 太郎", "例示 花子", "架空 次郎", "仮名 三奈", "試験 四郎")
# Shaped like names, and none of them in a list of names.
RARE = ("甕岡 鑑壮", "轟木 縁朱", "黛原 朧生", "鴇巣 霞央", "蕨垣 鞠斗")


def judged(header: tuple[str | None, ...] | None, *columns: list[str | None]) -> list[Judgement]:
    """The judgements over columns given as lists, in batches of three rows."""
    table = pa.table({f"c{n:03d}": pa.array(one, pa.string()) for n, one in enumerate(columns)})
    return judge(header, len(columns), lambda: table.to_batches(max_chunksize=3), ITEMS)


def test_a_header_proposes_and_the_values_decide() -> None:
    name, phone = judged(("氏名", "電話番号"), list(NAMES), ["090-1111-2222", "", None, "03-1234-5678", "x"])
    assert (name.item and name.item.name, name.proposed_by, name.filled, name.passed) == (
        "name",
        "header",
        5,
        5,
    )
    # Three are filled, two of them are telephone numbers: more than the share the rule asks.
    assert (phone.item and phone.item.name, phone.filled, phone.passed) == ("phone", 3, 2)


def test_a_header_whose_values_are_something_else_is_not_believed() -> None:
    (found,) = judged(("電話番号",), ["未登録", "未登録", "090-1111-2222", "なし"])
    assert found.item is None
    assert found.proposed_by == "none"


def test_a_column_without_header_is_judged_by_its_values_over_all_batches() -> None:
    (found,) = judged(None, [f"user{n}@mail.example" for n in range(25)])
    assert (found.item and found.item.name, found.proposed_by) == ("email", "values")
    # Of two values nothing is concluded, but it is seen that they look like persons.
    (few,) = judged(None, [f"user{n}@mail.example" for n in range(2)])
    assert few.item is None
    assert few.is_suspect


@pytest.mark.parametrize(
    ("header", "values", "is_suspect"),
    [
        (("担当の方",), list(RARE), True),
        (("who",), ["Taro Mihon", "Hanako Reiji", "Jiro Kaku"], True),
        (("商品名",), list(NAMES), False),
        (("備考",), ["退会"] * 5, False),
        (("数量",), ["1", "2", "3"], False),
        (("列",), [None, "", " "], False),
    ],
    ids=[
        "unknown header over names",
        "latin names",
        "a refused header",
        "a word that repeats",
        "numbers",
        "nothing filled",
    ],
)
def test_what_looks_like_persons_under_an_unknown_header_is_suspect(
    header: tuple[str], values: list[str | None], is_suspect: bool
) -> None:
    (found,) = judged(header, values)
    assert found.item is None
    assert found.is_suspect is is_suspect


def test_a_broad_word_holds_where_lists_of_names_know_the_values() -> None:
    known = ["佐藤 花子", "田中 太郎", "鈴木 一郎", "高橋 恵子"]
    shops = ["見本商事", "例示電機", "架空工業", "仮名物産"]
    assert [one.item and one.item.name for one in judged(("債務者名", "発注者名"), known, shops)] == [
        "name",
        None,
    ]


def test_a_role_with_a_word_for_name_is_no_given_name() -> None:
    (found,) = judged(("保証人名",), list(NAMES))
    assert found.item and found.item.name == "name"


def test_what_only_points_to_another_cell_is_not_counted() -> None:
    (found,) = judged(("連絡先住所",), ["東京都千代田区丸の内1-2-3", "同上", "同上", "〃", "本人と同じ"])
    assert (found.item and found.item.name, found.filled, found.passed) == ("address", 1, 1)


def test_a_place_that_is_a_surname_too_is_none_without_a_given_name() -> None:
    phones = [f"090-1111-{2200 + at}" for at in range(12)]
    places = ["石川", "宮崎", "長野", "山口", "千葉", "福島", "松本", "高崎", "三島", "川口", "上田", "秋田"]
    surnames = [
        "佐藤",
        "鈴木",
        "高橋",
        "田中",
        "伊藤",
        "渡辺",
        "山本",
        "中村",
        "小林",
        "加藤",
        "吉田",
        "石川",
    ]
    assert judged(None, places, phones)[0].item is None
    found = judged(None, surnames, phones)[0].item
    assert found and found.name == "surname"
    assert judged(None, surnames, ["x"] * 12)[0].item is None


def test_a_few_values_that_repeat_are_no_surnames() -> None:
    phones = [f"090-1111-{2200 + at}" for at in range(40)]
    assert judged(None, ["佐藤", "鈴木"] * 20, phones)[0].item is None


def test_streets_and_buildings_without_a_header_are_parts_of_an_address() -> None:
    names = ["佐藤 花子", "田中 太郎", "鈴木 一郎", "高橋 恵子", "渡辺 誠"]
    streets = ["丸の内1-2-3", "散田町3-4-5", "東原1丁目2番3号", "南原120", "平田三丁目四番五号"]
    rooms = ["グリーンハイツ204", "コーポ青葉 101号室", "ひかり荘3", "メゾン青葉301", "県営住宅2棟305"]
    found = [one.item and one.item.name for one in judged(None, names, streets, rooms)]
    assert found == ["name", "address_part", "address_part"]
    codes = ["イヤホン WX-3100", "ボトル500", "財布12", "タオル2", "昭和55年4月1日"]
    assert judged(None, names, codes)[1].item is None


def test_halves_of_readings_are_told_beside_one_another() -> None:
    last = ["サトウ", "スズキ", "タカハシ", "タナカ", "イトウ"]
    first = ["ハナコ", "イチロウ", "ケイコ", "マコト", "ユイ"]
    found = [one.item and one.item.name for one in judged(None, last, first)]
    assert found == ["surname_kana", "given_name_kana"]
    assert judged(None, last)[0].item is None


def test_the_reading_of_a_thing_is_none_of_a_person() -> None:
    halls = ["オオミヤホール", "ナカノカイカン", "オオミヤホール", "ナカノカイカン"] * 3
    phones = [f"090-1111-{2200 + at}" for at in range(12)]
    assert judged(("会場カナ", "電話番号"), halls, phones)[0].item is None


def test_a_holder_stands_right_behind_the_number_of_the_account() -> None:
    header = None
    names = ["佐藤 花子", "田中 太郎", "鈴木 一郎", "高橋 恵子"]
    columns = (["みずほ銀行"] * 4, ["普通"] * 4, ["1234567", "2345678", "3456789", "4567890"])
    behind = judged(header, *columns, names)
    before = judged(header, names, *columns)
    assert behind[3].item and behind[3].item.name == "bank_account_holder"
    assert before[0].item and before[0].item.name == "name"


def test_a_value_that_never_changes_below_a_weak_word_is_the_firm_that_sends() -> None:
    phones = [f"090-1111-{2200 + at}" for at in range(6)]
    assert judged(("ご依頼主名", "電話番号"), ["見本ストア"] * 6, phones)[0].item is None
