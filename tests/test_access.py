"""Access databases: every kind of value, rows that moved or were deleted, and maps, chains and counts that lie."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import uuid
from io import BytesIO
from pathlib import Path

import pytest

from fixtures.builders.jet import (
    FOLDER,
    LISTED,
    LONG_NOTE,
    MEMO,
    NOTE,
    NUMERIC,
    TEXT,
    Book,
    Table,
    jet3,
    jet4,
)
from parsers import all_parsers
from parsers.contract import ProblemKind
from parsers.documents.access import access
from parsers.formats import jet_pages
from parsers.formats.jet_table import text
from pipeline.extract.select import select
from tests.artefacts import Yielded, from_bytes, run
from tests.damaged import cuts, mutants


def read(content: bytes, folder: Path) -> Yielded:
    return run(access, from_bytes(content, folder, "a.mdb"))


def rows(out: Yielded, at: int = 0) -> list[dict[str, object]]:
    sheet, table = out.sheets[at]
    names = ("row", *(sheet.header or ()))
    return [dict(zip(names, row.values(), strict=True)) for row in table.to_pylist()]


def told(out: Yielded) -> list[tuple[ProblemKind, str]]:
    return [(one.kind, one.locator) for one in out.problems]


@pytest.mark.parametrize("content", [jet4(), jet3(), jet4(version=2), jet4(version=3), jet4(key=0x0BADCAFE)])
def test_every_kind_of_value(content: bytes, tmp_path: Path) -> None:
    assert [one.full_name for one in select(all_parsers(), "/a/b", content[:4096]).chosen] == [
        "documents/access"
    ]
    out = read(content, tmp_path)
    assert out.sheets[0][0].name == "会員"
    found = {row["ID"]: row for row in rows(out)}
    assert sorted(found) == ["1", "2", "3", "4", "6"]
    one = LISTED[0]
    assert found["1"] | {"row": 1, "掛率": "-1.25"} == {
        "row": 1, "ID": "1", "氏名": f"{one.surname} {one.given}", "フリガナ": f"{one.surname_kana} {one.given_kana}",
        "生年月日": f"{one.born}", "電話番号": "-".join(one.phone), "メール": one.email, "年会費": "1000.5", "有効": "true",
        "備考": "inline", "識別": f"{{{uuid.UUID(int=1)}}}", "体重": "50.25", "掛率": "-1.25", "写真": None, "区分": "1",
    }  # fmt: skip
    assert (found["3"]["備考"], found["4"]["備考"], found["6"]["備考"]) == (NOTE, LONG_NOTE, None)
    assert (found["2"]["体重"], found["2"]["有効"]) == (None, "false")
    is_jet3 = content[0x14] == 0
    assert is_jet3 or found["4"]["掛率"] == "-4.25"
    linked = [] if is_jet3 else [(ProblemKind.UNSUPPORTED, "page:2")]
    assert told(out) == [*linked, (ProblemKind.UNSUPPORTED, "page:3")]
    assert out.problems[-1].column == "写真"


def test_hidden_tables_are_read_and_queries_are_none(tmp_path: Path) -> None:
    out = read(jet4(), tmp_path)
    assert [one.name for one, _ in out.sheets] == ["会員", "退会者"]
    assert [row["氏名"] for row in rows(out, 1)] == ["齋藤 修", "山﨑 葵"]


@pytest.mark.skipif(
    shutil.which("mdb-json") is None, reason="mdbtools is not on this machine: install mdbtools"
)
@pytest.mark.parametrize("name", ["jet4/members.mdb", "jet3/members97.mdb"])
def test_mdbtools_reads_the_same(name: str, tmp_path: Path) -> None:
    file = FOLDER / "access" / name
    asked = subprocess.run(
        ["mdb-json", str(file), "会員"],
        capture_output=True,
        check=True,
        env={"MDB_JET3_CHARSET": "CP932", "LC_ALL": "C.UTF-8"},
    )
    truth = [json.loads(line) for line in asked.stdout.decode().splitlines()]
    found = rows(read(file.read_bytes(), tmp_path))
    for column in ("氏名", "フリガナ", "電話番号", "メール", "備考"):
        assert [row[column] for row in found] == [row.get(column) for row in truth]
    assert [float(str(row["年会費"])) for row in found] == [row["年会費"] for row in truth]


def test_a_password_is_told(tmp_path: Path) -> None:
    assert told(read(jet4(version=2, key=5), tmp_path)) == [(ProblemKind.LOCKED, "page:0")]


def test_more_rows_stated_than_read(tmp_path: Path) -> None:
    table = Table("t", (("氏名", TEXT),), [("山田",)], stated=3)
    out = read(Book().bytes_of([table]), tmp_path)
    assert told(out) == [(ProblemKind.TRUNCATED, "page:3")]
    assert out.problems[0].message == "the table t says it has 3 rows, 1 are read"


def test_a_lost_catalogue_and_a_lost_map(tmp_path: Path) -> None:
    content = bytearray(jet4())
    content[2 * 4096] = 0xFF
    out = read(bytes(content), tmp_path)
    assert [(one.name[:5], table.num_rows) for one, table in out.sheets] == [("page ", 5), ("page ", 2)]
    assert told(out)[0] == (ProblemKind.DAMAGED, "page:2")
    content = bytearray(jet4())
    content[4096] = 0xFF
    out = read(bytes(content), tmp_path)
    assert sorted(str(row["ID"]) for row in rows(out)) == ["1", "2", "3", "4", "6"]
    assert (ProblemKind.DAMAGED, "page:3") in told(out)


def test_pages_no_longer_in_use_are_not_read(tmp_path: Path) -> None:
    content = jet4()
    table = content[3 * 4096 : 4 * 4096]
    data = next(
        at
        for at in range(4, len(content) // 4096)
        if content[at * 4096] == 1 and content[at * 4096 + 4 : at * 4096 + 8] == b"\3\0\0\0"
    )
    out = read(content + content[data * 4096 : (data + 1) * 4096], tmp_path)
    assert table[0] == 2 and len(rows(out)) == 5


def test_chains_that_go_round_end(tmp_path: Path) -> None:
    content = bytearray(jet4())
    places = [at for at in range(len(content) // 4096) if content[at * 4096 + 4 : at * 4096 + 8] == b"LVAL"]
    # The record of a long value begins with the pointer to the next: all point at the first.
    for at in places[1:]:
        (start,) = struct.unpack_from("<H", content, at * 4096 + 14)
        struct.pack_into("<I", content, at * 4096 + start, places[1] << 8)
    out = read(bytes(content), tmp_path)
    assert {row["ID"]: row["備考"] for row in rows(out)}["4"] is None
    assert [(one.kind, one.column) for one in out.problems][1] == (ProblemKind.DAMAGED, "備考")
    content = bytearray(jet4())
    struct.pack_into("<I", content, 3 * 4096 + 4, 3)
    assert read(bytes(content), tmp_path).sheets


def test_one_long_value_for_many_rows_is_bounded(tmp_path: Path) -> None:
    notes = ["長" * 1_000_000, *("短" * 100 for _ in range(60))]
    content = Book().bytes_of([Table("t", (("備考", MEMO),), [(one,) for one in notes])])
    pages = jet_pages.Pages(BytesIO(content), len(content))
    (_, start, end), *others = pages.slots(pages.page(4))
    long, changed = content[4 * 4096 + start :][: end - start], bytearray(content)
    for _, start, end in others:
        changed[4 * 4096 + start : 4 * 4096 + end] = long
    out = read(bytes(changed), tmp_path)
    lengths = [len(str(row["備考"])) for row in rows(out) if row["備考"]]
    assert set(lengths) == {1_000_000} and 10 < len(lengths) < 60
    assert [kind for kind, _ in told(out)] == [ProblemKind.LIMIT]


def test_a_map_of_pages_on_pages_of_its_own(tmp_path: Path) -> None:
    first = Table("a", (("備考", MEMO),), [("長" * 1_200_000,)])
    content = Book().bytes_of([first, Table("b", (("氏名", TEXT),), [("山田",), ("鈴木",)])])
    assert b"\x05\x01\0\0" in {content[at : at + 4] for at in range(0, len(content), 4096)}
    out = read(content, tmp_path)
    assert ([row["氏名"] for row in rows(out, 1)], [kind for kind, _ in told(out)]) == (
        ["山田", "鈴木"],
        [ProblemKind.LIMIT],
    )


def test_records_that_overlap_are_no_rows(tmp_path: Path) -> None:
    content = bytearray(Book().bytes_of([Table("t", (("氏名", TEXT),), [("山田",)])]))
    page = 4 * 4096
    (start,) = struct.unpack_from("<H", content, page + 14)
    struct.pack_into("<H", content, page + 12, 500)
    struct.pack_into("<500H", content, page + 14, *[start] * 500)
    out = read(bytes(content), tmp_path)
    assert len(rows(out)) <= 1


def test_code_pages_and_compressed_text() -> None:
    class Wide:
        is_jet3 = False

    pages: jet_pages.Pages = Wide()  # type: ignore[assignment]
    assert text(b"\xff\xfeabc", pages) == "abc"
    assert text(b"\xff\xfeab\0" + "山田".encode("utf-16-le") + b"\0c", pages) == "ab山田c"
    assert text(b"\xff\xfe\0" + "山田".encode("utf-16-le"), pages) == "山田"
    assert text("山田".encode("utf-16-le"), pages) == "山田"


def test_damage_never_raises(tmp_path: Path) -> None:
    small = Book().bytes_of(
        [Table("t", (("氏名", TEXT), ("掛率", NUMERIC), ("備考", 12)), [("山田", "1.25", NOTE)] * 9)]
    )
    for one in (
        *mutants([small, jet4(), jet3()], 11, 120),
        *cuts(jet4(), 12),
        *cuts(jet3(), 8),
        b"",
        small[:100],
    ):
        out = read(one, tmp_path)
        assert sum(table.num_rows for _, table in out.sheets) < 60
