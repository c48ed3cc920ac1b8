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
