"""Tables in fixed columns become sheets, whatever their columns are counted in; what only looks like one stays text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from fixtures.builders.fixed_text import (
    COLUMNS,
    LISTED,
    by_signs,
    cells,
    half_width,
    host_records,
    near_misses,
    paged,
    printed,
    ruled,
)
from parsers import all_parsers
from parsers.contract import ProblemKind
from parsers.documents.fixed_width import fixed_width
from parsers.formats import text_shape
from pipeline.extract.select import select
from tests.artefacts import Yielded, from_bytes, run
from tests.damaged import mutants


def read(content: bytes, folder: Path, name: str = "list.txt") -> Yielded:
    return run(fixed_width, from_bytes(content, folder, name))


def rows(out: Yielded) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for _, table in out.sheets for row in table.to_pylist()]


def chosen(content: bytes, path: str = "/srv/list.txt") -> list[str]:
    return [one.full_name for one in select(all_parsers(), path, content[:4096]).chosen]


@pytest.mark.parametrize("codec", ["cp932", "utf-8", "utf-16", "euc_jp"])
def test_columns_by_width_in_every_encoding(tmp_path: Path, codec: str) -> None:
    content = printed().replace("髙", "高").replace("﨑", "崎").encode(codec)
    assert chosen(content) == ["documents/fixed_width"]
    out = read(content, tmp_path)
    sheet = out.sheets[0][0]
    assert (sheet.header, sheet.header_row, sheet.codec) == (tuple(word for word, _ in COLUMNS), 1, codec)
    truth = [tuple(cell.replace("髙", "高").replace("﨑", "崎") for cell in cells(one)) for one in LISTED]
    assert [row[1:] for row in rows(out)] == truth
    assert [row[0] for row in rows(out)] == list(range(2, len(LISTED) + 2))
    assert not out.problems


def test_columns_without_a_header(tmp_path: Path) -> None:
    out = read(printed(has_header=False).encode("cp932"), tmp_path)
    assert out.sheets[0][0].header is None
    assert rows(out) == [(number, *cells(one)) for number, one in enumerate(LISTED, 1)]


def test_fields_of_bytes_that_touch(tmp_path: Path) -> None:
    assert chosen(host_records(), "/DATA/KAIIN.DAT") == ["documents/fixed_width"]
    out = read(host_records(), tmp_path)
    assert rows(out) == [
        (
            at, f"{at:010d}", f"{one.surname}　{one.given}", half_width(f"{one.surname_kana} {one.given_kana}"),
            f"{one.born:%Y%m%d}", f"{1 if one.sex == '男' else 2}{one.postal_code}", one.address,
        )
        for at, one in enumerate(LISTED, 1)
    ]  # fmt: skip


def test_columns_counted_in_signs_and_in_bytes(tmp_path: Path) -> None:
    assert [row[1:] for row in rows(read(by_signs().encode(), tmp_path))] == [
        (one.number, f"{one.surname} {one.given}", "-".join(one.phone), one.postal_code) for one in LISTED
    ]

    def stored(word: str, size: int) -> bytes:
        return word.encode().ljust(size)

    head = stored("番号", 10) + stored("氏名", 24) + "電話番号".encode()
    lines = [
        stored(one.number, 10) + stored(one.surname + one.given, 24) + "-".join(one.phone).encode()
        for one in LISTED
    ]
    out = read(b"\n".join([head, *lines]), tmp_path)
    assert [row[1:] for row in rows(out)] == [
        (one.number, one.surname + one.given, "-".join(one.phone)) for one in LISTED
    ]


def test_a_line_of_dashes_tells_the_columns(tmp_path: Path) -> None:
    out = read(ruled().encode("cp932"), tmp_path)
    assert (out.sheets[0][0].header, out.sheets[0][0].header_row) == (("ID", "CUSTOMER_NAME", "TEL"), 1)
    assert rows(out)[:2] == [
        (at, one.number, one.surname + one.given, "-".join(one.phone)) for at, one in enumerate(LISTED[:2], 3)
    ]


def test_titles_headers_printed_again_and_lines_beside(tmp_path: Path) -> None:
    out = read(paged().encode(), tmp_path)
    assert out.sheets[0][0].header_row == 3
    assert [row[1:] for row in rows(out)] == [cells(one) for one in LISTED]
    assert [(one.segment, one.locator, one.content) for one in out.texts] == [
        ("banner", "line:1", "会員名簿　　2026年4月1日現在"),
        ("lines", "line:29", "以上、計２４名（退会を除く）でございます"),
    ]
    assert [(one.kind, one.locator) for one in out.problems] == [(ProblemKind.AMBIGUOUS, "line:29")]


def test_a_table_that_ends_in_prose_is_text_as_a_whole(tmp_path: Path) -> None:
    content = printed() + "".join(
        f"第{at}条　会員は本規約を遵守し、常に誠実にこれを履行するものとします。\r\n" for at in range(20)
    )
    out = read(content.encode("cp932"), tmp_path)
    assert not out.sheets and "".join(one.content for one in out.texts) == content.replace("\r\n", "\n")


@pytest.mark.parametrize("name", near_misses())
@pytest.mark.parametrize("codec", ["utf-8", "cp932"])
def test_near_misses_stay_text(name: str, codec: str) -> None:
    content = near_misses()[name].encode(codec)
    assert text_shape.shape(content) == text_shape.PROSE
    # A log of logons has a parser of its own beside.
    assert set(chosen(content)) - {"servers/auth_log"} == {"documents/text"}


def test_logs_are_never_taken(tmp_path: Path) -> None:
    assert chosen(printed().encode("cp932"), "/var/log/list.log") == ["documents/text"]
    timed = "".join(f"[2026-04-01T09:{at:02d}:00] user{at:03d}   192.0.2.{at:<5} ok\n" for at in range(30))
    assert chosen(timed.encode()) == ["documents/text"]


def test_family_names_of_two_signs_are_no_column_of_their_own(tmp_path: Path) -> None:
    people = [one for one in LISTED if len(one.surname) == 2][:8]
    out = read(printed(people).encode("cp932"), tmp_path)
    assert [row[1:] for row in rows(out)] == [cells(one) for one in people]


def test_damage_is_told_and_never_raises(tmp_path: Path) -> None:
    content = bytearray(printed().encode("cp932"))
    content[content.index("東京".encode("cp932"))] = 0xFF
    out = read(bytes(content), tmp_path)
    assert [one.kind for one in out.problems] == [ProblemKind.DAMAGED]
    for one in mutants(
        [printed().encode("cp932"), host_records(), paged().encode(), by_signs().encode()], 5, 150
    ):
        read(one, tmp_path)
    read(b"", tmp_path)
    read(random.Random(1).randbytes(50_000), tmp_path)


def test_many_rows_are_all_read(tmp_path: Path) -> None:
    out = read(printed(LISTED * 500).encode("cp932"), tmp_path)
    assert len(rows(out)) == 12_000
    assert rows(out)[-1][1:] == cells(LISTED[-1])
