"""Free text in the cells of a sheet: what it says of the row's main person."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pipeline.match.personal_data import remarks
from pipeline.match.personal_data.columns import judge
from pipeline.match.personal_data.items import read_items
from pipeline.match.personal_data.rows import mentions_of_rows
from pipeline.match.personal_data.texts import read_text_rules

ITEMS, RULES = read_items(), read_text_rules()
HEADER = ("氏名", "備考", "商品名")
ROWS = (
    ("蓮見 太郎", "うつ病で休職中", "高血圧症のための本"),
    ("例示 花子", "携帯は090-1111-2222へ変更", "えんぴつ"),
    ("架空 次郎", "特になし", "えんぴつ"),
    ("仮名 三奈", None, None),
)


def looked_at(rows: tuple[tuple[str | None, ...], ...]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    columns = {f"c{n:03d}": pa.array([row[n] for row in rows], pa.string()) for n in range(len(HEADER))}
    (batch,) = pa.table({"row_number": pa.array(range(2, len(rows) + 2), pa.int64()), **columns}).to_batches()
    judged = judge(HEADER, len(HEADER), lambda: [batch], ITEMS)
    found = remarks.of_batch(batch, judged, RULES)
    mentions = remarks.added(mentions_of_rows("s1", judged, "unknown", batch, ITEMS), found, batch)
    return mentions.to_pylist(), remarks.item_rows("s1", found, batch)


def test_a_remark_adds_to_the_person_of_its_row() -> None:
    mentions, _ = looked_at(ROWS)
    assert [(one["items"], one["candidates"]) for one in mentions] == [
        (["name"], ["medical_treatment_record"]),
        (["name", "phone"], []),
        (["name"], []),
        (["name"], []),
    ]
    # The telephone of a remark may be anybody's: it is no key.
    assert [one["phone_key"] for one in mentions] == [None] * 4


def test_what_was_found_says_where() -> None:
    mentions, items = looked_at(ROWS)
    assert [(one["locator"], one["item"], one["item_status"]) for one in items] == [
        ("s1:2:c001+0", "medical_record", "candidate"),
        ("s1:3:c001+3", "phone", "held"),
    ]
    assert [one["mention_id"] for one in items] == [mentions[0]["mention_id"], mentions[1]["mention_id"]]


def test_the_name_of_a_thing_says_nothing_of_a_person() -> None:
    assert "c002" not in " ".join(one["locator"] for one in looked_at(ROWS)[1])
