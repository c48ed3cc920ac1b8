"""Orders to banks: every field by its name, the trailer compared with what was read."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.builders.fixed_text import LISTED, half_width, order, orders, two_files
from parsers import all_parsers
from parsers.contract import ProblemKind
from parsers.documents.zengin_orders import zengin_orders
from parsers.formats import zengin
from pipeline.extract.select import select
from tests.artefacts import Yielded, from_bytes, run
from tests.damaged import mutants


def read(content: bytes, folder: Path) -> Yielded:
    return run(zengin_orders, from_bytes(content, folder, "a.dat"))


def rows(out: Yielded, at: int = 0) -> list[dict[str, object]]:
    sheet, table = out.sheets[at]
    names = ("record", *(sheet.header or ()))
    return [dict(zip(names, row.values(), strict=True)) for row in table.to_pylist()]


def told(out: Yielded) -> list[tuple[ProblemKind, str, str | None]]:
    return [(one.kind, one.locator, one.column) for one in out.problems]


def test_layouts_are_as_long_as_records() -> None:
    for kind in zengin.KINDS.values():
        last = kind.data[-1]
        assert last.start + last.size == zengin.RECORD_BYTES


@pytest.mark.parametrize("line_end", [b"", b"\r\n", b"\n"])
@pytest.mark.parametrize("path", ["/a/SOUFURI.DAT", "/a/soufuri.txt", "/a/furikomi", "/a/soufuri.csv"])
def test_orders_with_and_without_line_ends(tmp_path: Path, line_end: bytes, path: str) -> None:
    content = orders(line_end=line_end)
    assert [one.full_name for one in select(all_parsers(), path, content[:4096]).chosen] == [
        "documents/zengin_orders"
    ]
    out = read(content, tmp_path)
    assert not out.problems
    assert [one.name for one, _ in out.sheets] == ["総合振込"]
    assert [row["record"] for row in rows(out)] == [2, 3, 4, 5, 6]
    assert rows(out)[0] == {
        "record": 2, "振込先銀行番号": "0001", "銀行名": "ﾐｽﾞﾎ", "振込先支店番号": "001", "支店名": "ﾎﾝﾃﾝ", "手形交換所番号": "0000",
        "預金種目": "1", "口座番号": "1234501", "受取人名": half_width(f"{LISTED[0].surname_kana} {LISTED[0].given_kana}"),
        "振込金額": "0000010007", "新規コード": "0", "顧客コード1": "0000000001", "顧客コード2": "0000000007",
        "振込指定区分": "7", "識別表示": "",
    }  # fmt: skip
    assert out.texts[0].content.splitlines()[:5] == [
        "総合振込", "種別コード: 21", "コード区分: 0", "委託者コード: 9876543210", "委託者名: ｶ)ﾚｲｼﾖｳｼﾞ",
    ]  # fmt: skip


def test_several_headers_and_a_trailer_that_differs(tmp_path: Path) -> None:
    out = read(two_files(), tmp_path)
    assert [(one.name, one.locator, table.num_rows) for one, table in out.sheets] == [
        ("給与振込", "record:1", 3),
        ("口座振替", "record:6", 2),
    ]
    assert (rows(out, 1)[0]["顧客番号"], rows(out, 1)[0]["引落金額"]) == ("C00001", "0000010007")
    assert told(out) == [
        (ProblemKind.DAMAGED, "record:9", "合計件数"),
        (ProblemKind.TRUNCATED, "record:0", None),
    ]
    assert out.problems[0].message == "the trailer states 合計件数 000003, the records read give 2"


def test_a_sum_that_differs(tmp_path: Path) -> None:
    out = read(orders(stated=(5, 1)), tmp_path)
    assert told(out) == [(ProblemKind.DAMAGED, "record:7", "合計金額")]


def test_a_file_without_trailer_and_a_lost_header(tmp_path: Path) -> None:
    content = orders()
    out = read(content[: 120 * 4 + 50], tmp_path)
    assert len(rows(out)) == 4
    assert [kind for kind, _, _ in told(out)] == [ProblemKind.TRUNCATED] * 3
    lost = orders("11", line_end=b"\r\n") + b""
    second = orders("11", line_end=b"\r\n").replace(b"111", b"1?1", 1)
    out = read(lost.removesuffix(b"9".ljust(120) + b"\r\n") + second, tmp_path)
    assert [(one.name, table.num_rows) for one, table in out.sheets] == [("給与振込", 5), ("給与振込", 5)]
    assert told(out) == [(ProblemKind.DAMAGED, "record:8", None)]


def test_fields_that_are_no_numbers_and_bytes_behind_the_end(tmp_path: Path) -> None:
    content = orders().replace(b"1234501", b"12X4501")
    assert told(read(content, tmp_path)) == [(ProblemKind.DAMAGED, "record:2", None)]
    assert rows(read(content, tmp_path))[0]["口座番号"] == "12X4501"
    assert not read(orders() + b"\x1a", tmp_path).problems
    assert not read(orders() + b"9".ljust(120) * 3, tmp_path).problems
    assert told(read(orders() + order(LISTED[0], 1, 1), tmp_path)) == [
        (ProblemKind.AMBIGUOUS, "record:9", None)
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1",
        b"1210" + b"9" * 200,
        b"1" * 240,
        b"12 3 apples and pears\n" * 20,
        orders()[:120],
        b"1210" + b"\xff" * 236,
    ],
)
def test_what_only_begins_like_one_is_not_taken(content: bytes) -> None:
    assert not zengin.looks_like(content)


def test_damage_never_raises(tmp_path: Path) -> None:
    for one in mutants([orders(), orders(line_end=b"\r\n"), two_files()], 7, 200):
        out = read(one, tmp_path)
        assert sum(table.num_rows for _, table in out.sheets) < 40
