"""ESE databases from bytes: values typed by name, null columns, long values; damage told and the rest read."""

from __future__ import annotations

import io
import random
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyesedb
import pytest

from fixtures.builders import ese as builder
from fixtures.builders.ese import Col, EseTable
from fixtures.builders.ese_databases import SID, damaged, ole, sid_bytes
from parsers.contract import Problem, ProblemKind, Status
from parsers.formats import ese
from parsers.formats.ese import open_database
from parsers.formats.ese_values import Field, moment, sid
from parsers.formats.filetime import ticks
from tests.artefacts import from_bytes

AT = datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)
COLUMNS = (
    Col("number", builder.I32), Col("when", builder.DATE_TIME), Col("count", builder.U16), Col("big", builder.I64),
    Col("is_set", builder.BOOLEAN), Col("guid", builder.GUID), Col("short", builder.TEXT), Col("long", builder.LONG_TEXT),
    Col("blob", builder.LONG_BINARY),
)  # fmt: skip
FIELDS = {column.name: Field(name=column.name) for column in COLUMNS}


def row(number: int) -> dict[str, object]:
    return {
        "number": number,
        "when": ole(AT + timedelta(minutes=number)),
        "count": None if number % 3 == 0 else number,
        "big": -number,
        "is_set": number % 2,
        "guid": bytes([number % 256, 1]) * 8 if number % 5 else None,
        "short": f"短い{number}",
        "long": None if number % 2 else f"長い文{number}" * (1 if number % 10 else 400),
        "blob": bytes(range(256)) * (9 if number % 20 == 7 else 1),
    }


def built(count: int = 300, **options: Any) -> bytes:
    tables = [
        EseTable(name="first", columns=COLUMNS, rows=[row(number) for number in range(1, count + 1)]),
        EseTable(name="second", columns=COLUMNS[:2], rows=[row(number) for number in range(1, 6)]),
    ]
    return builder.build(tables, **options)


def read(content: bytes, folder: Path, table: str = "first") -> tuple[list[ese.Record], list[Problem]]:
    with open_database(from_bytes(content, folder)) as database:
        if not database.is_open or not database.has(table):
            return [], list(database.problems())
        records = list(database.records(table, FIELDS, key="number"))
        return records, list(database.problems())


def test_values_are_typed_and_null_columns_are_none(tmp_path: Path) -> None:
    records, problems = read(built(), tmp_path)
    assert problems == []
    assert len(records) == 300
    assert [one.locator for one in records] == [f"first#{number}" for number in range(1, 301)]
    for record in records:
        stored, values = row(record.values["number"]), record.values
        assert values["when"] == AT + timedelta(minutes=values["number"])
        assert {name: values[name] for name in ("count", "big", "short", "long", "blob")} == {
            name: stored[name] for name in ("count", "big", "short", "long", "blob")
        }
        assert values["is_set"] is bool(stored["is_set"])
        assert (values["guid"] is None) is (stored["guid"] is None)


def test_the_built_database_is_read_the_same_by_the_library_alone() -> None:
    file = pyesedb.file()
    file.open_file_object(io.BytesIO(built()))
    table = file.get_table_by_name("first")
    assert (table.number_of_records, [one.name for one in table.columns]) == (
        300,
        [one.name for one in COLUMNS],
    )
    record = table.get_record(6)
    assert record.get_value_data_as_integer(0) == 7
    assert record.get_value_data_as_string(6) == "短い7"
    assert record.get_value_data_as_long_value(8).get_data() == row(7)["blob"]
    # The library gives the bytes a null column is filled with; this is why they are looked for.
    assert table.get_record(2).get_value_data(2) == b"**"


@pytest.mark.parametrize("page_size", [2048, 4096, 8192, 16384, 32768])
def test_every_size_of_pages_is_read(page_size: int, tmp_path: Path) -> None:
    records, problems = read(built(100, page_size=page_size), tmp_path)
    assert (len(records), problems) == (100, [])


def compressed(text: str, kind: int) -> bytes:
    """Seven bits for each sign, behind a byte of kind and bits in the last byte ([EDB] Compressed values)."""
    bits = sum(ord(sign) << 7 * place for place, sign in enumerate(text))
    size = 7 * len(text)
    return bytes([kind << 3 | (size - 1) % 8]) + bits.to_bytes((size + 7) // 8, "little")


def test_compressed_texts_are_read_and_compressed_bytes_are_told(tmp_path: Path) -> None:
    text, blob = compressed("Compressed in seven bits", 2), compressed("seven", 1)
    content = builder.build(
        [EseTable(name="first", columns=COLUMNS, rows=[{"number": 1, "long": text, "blob": blob}])]
    )
    page = 7 * 4096
    table = content[page : page + 4096]
    for stored in (text, blob):
        assert b"\x01" + stored in table
        table = table.replace(b"\x01" + stored, b"\x03" + stored)  # the flag of compressed values
    (record,), (problem,) = read(content[:page] + builder.sealed(6, table) + content[page + 4096 :], tmp_path)
    assert record.values["long"] == "Compressed in seven bits"
    assert (record.values.get("blob"), problem.column) == (None, "blob")


def test_dates_are_ole_dates_or_filetimes_and_nothing_else() -> None:
    assert moment(struct.pack("<d", ole(AT))) == AT
    assert moment(struct.pack("<Q", ticks(AT))) == AT
    assert moment(bytes(8)) is None
    for odd in (float("nan"), float("inf"), -5.0, 3e6, 1e300):
        with pytest.raises(ValueError):
            moment(struct.pack("<d", odd))


def test_security_identifiers() -> None:
    assert sid(sid_bytes(SID)) == SID
    assert sid(bytes.fromhex("010100000000000512000000")) == "S-1-5-18"
    for odd in (
        b"",
        b"\1",
        bytes.fromhex("0102000000000005120000"),
        bytes.fromhex("020100000000000512000000"),
    ):
        with pytest.raises(ValueError):
            sid(odd)


def test_a_database_that_was_not_closed_is_told(tmp_path: Path) -> None:
    records, problems = read(built(state=builder.DIRTY), tmp_path)
    assert [(one.kind, one.locator) for one in problems] == [(ProblemKind.AMBIGUOUS, "52")]
    assert {one.status for one in records} == {Status.PARTIAL}


def leaves(content: bytes) -> list[int]:
    """Pages that are leaves of the first table and not its root."""
    found = []
    for page in range(1, len(content) // 4096 - 1):
        place = (page + 1) * 4096
        owner, flags = struct.unpack_from("<I8xI", content, place + 24)
        if owner == 10 and flags & 3 == 2:
            found.append(page)
    return found


def test_a_leaf_that_is_lost_costs_its_own_records_only(tmp_path: Path) -> None:
    content = built()
    for page in leaves(content):
        records, problems = read(damaged(content, page), tmp_path)
        assert 0 < 300 - len(records) < 60
        assert {one.status for one in records} == {Status.PARTIAL}
        assert [one.kind for one in problems] == [ProblemKind.DAMAGED] * 2
        assert "first" in problems[0].message
        assert problems[0].locator == str((page + 1) * 4096)
        whole, _ = read(damaged(content, page), tmp_path, "second")
        assert [one.status for one in whole] == [Status.OK] * 5


def test_a_leaf_of_large_pages_that_is_lost_costs_its_own_records_only(tmp_path: Path) -> None:
    content = built(1500, page_size=32768)
    whole, _ = read(content, tmp_path)
    assert len(whole) == 1500
    pages = [
        page
        for page in range(1, len(content) // 32768 - 1)
        if struct.unpack_from("<I8xI", content, (page + 1) * 32768 + 24) == (10, 0xA802)
    ]
    assert len(pages) > 2
    records, problems = read(damaged(content, pages[1], page_size=32768), tmp_path)
    assert 0 < len(records) < 1500
    assert [one.kind for one in problems] == [ProblemKind.DAMAGED] * 2
    changed = bytearray(content)
    changed[(pages[1] + 1) * 32768 + 20000] ^= 1
    records, problems = read(bytes(changed), tmp_path)
    assert problems[0].message.startswith(f"page {pages[1]} does not hold its checksum")
    assert {one.status for one in records} == {Status.PARTIAL}


def test_a_root_that_is_lost_costs_nothing(tmp_path: Path) -> None:
    content = built()
    records, problems = read(damaged(content, 6), tmp_path)
    assert len(records) == 300
    assert {one.kind for one in problems} == {ProblemKind.DAMAGED}


def test_a_catalogue_that_is_lost_is_read_from_its_shadow(tmp_path: Path) -> None:
    records, problems = read(damaged(built(), 4), tmp_path)
    assert len(records) == 300
    assert any("shadow" in one.message for one in problems)


def test_a_header_that_is_lost_is_read_from_its_copy(tmp_path: Path) -> None:
    content = built()
    records, problems = read(content[:100] + b"\xff" * 50 + content[150:], tmp_path)
    assert len(records) == 300
    assert [one.kind for one in problems] == [ProblemKind.DAMAGED]
    assert {one.status for one in records} == {Status.PARTIAL}
    assert read(b"\xff" * 8192 + content[8192:], tmp_path)[1][0].kind is ProblemKind.UNRECOGNISED


def test_a_changed_byte_is_told_though_the_library_takes_it(tmp_path: Path) -> None:
    content = bytearray(built())
    place = (leaves(bytes(content))[2] + 1) * 4096 + 300
    content[place] ^= 1
    records, problems = read(bytes(content), tmp_path)
    assert [one.kind for one in problems][0] is ProblemKind.DAMAGED
    assert {one.status for one in records} == {Status.PARTIAL}


def test_pages_that_lead_in_a_circle_end(tmp_path: Path) -> None:
    content = built()
    first, second, *_ = leaves(content)
    place = (second + 1) * 4096
    page = bytearray(content[place : place + 4096])
    struct.pack_into("<I", page, 20, first)  # the next page is the one before
    records, problems = read(
        content[:place] + builder.sealed(second, bytes(page)) + content[place + 4096 :], tmp_path
    )
    assert len(records) < 300
    assert any("leads back" in one.message for one in problems)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.8, 0.9, 0.97, 0.999])
def test_a_cut_database_is_told(share: float, tmp_path: Path) -> None:
    content = built()
    records, problems = read(content[: int(len(content) * share)], tmp_path)
    assert len(records) <= 300
    assert problems
    assert not records or {one.status for one in records} == {Status.PARTIAL} or len(records) == 300


def test_no_bytes_and_other_bytes(tmp_path: Path) -> None:
    for content in (b"", b"MZ" * 5000, bytes(70000), builder.build([])[:4096]):
        with open_database(from_bytes(content, tmp_path)) as database:
            assert not database.is_open
            assert len(list(database.problems())) == 1


@pytest.mark.parametrize("is_sealed", [False, True])
def test_changed_bytes_never_raise_and_never_lose_rows_in_silence(is_sealed: bool, tmp_path: Path) -> None:
    content = built(120)
    for seed in range(60):
        chance = random.Random(seed)
        changed = bytearray(content)
        for _ in range(chance.choice((1, 4, 20))):
            place = chance.randrange(len(changed))
            changed[place] = chance.randrange(256)
            page = place // 4096
            if is_sealed and page >= 2:
                changed[page * 4096 : (page + 1) * 4096] = builder.sealed(
                    page - 1, bytes(changed[page * 4096 : (page + 1) * 4096])
                )
        records, problems = read(bytes(changed), tmp_path)
        if not is_sealed and len(records) < 120:
            assert problems, f"seed {seed}"


def test_no_more_records_than_asked_for(tmp_path: Path) -> None:
    with open_database(from_bytes(built(), tmp_path)) as database:
        assert len(list(database.records("first", FIELDS, most=10))) == 10
        assert [one.kind for one in database.problems()] == [ProblemKind.LIMIT]
