"""Parquet and Arrow: every type as text, groups of rows on both sides of damage, and footers that lie."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fixtures.builders.structured import FOLDER, LISTED, columns, feather_bytes, parquet_bytes, scenarios
from parsers import all_parsers
from parsers.contract import ProblemKind
from parsers.documents.parquet_table import parquet_table
from pipeline.extract.select import select
from tests.artefacts import Yielded, artefact, from_bytes, run
from tests.damaged import cut, flipped, in_child


def fixture(name: str) -> Yielded:
    one = scenarios()["parquet_table"][name]
    return run(parquet_table, artefact(FOLDER / "parquet_table" / name / one.artefact, one.path))


def read(content: bytes, folder: Path) -> Yielded:
    return run(parquet_table, from_bytes(content, folder, "a.parquet"))


def rows(found: Yielded) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in found.sheets[0][1].to_pylist()]


def written(table: pa.Table, **options: object) -> bytes:
    out = pa.BufferOutputStream()
    pq.write_table(table, out, **options)
    return out.getvalue().to_pybytes()


@pytest.mark.parametrize("name", ["members", "feather"])
def test_every_type_is_text(name: str) -> None:
    found = fixture(name)
    assert found.problems == []
    assert found.sheets[0][0].header == (
        "氏名", "address.zip", "address.town", "phones", "raw", "seen_at", "born", "price", "is_kept", "group",
    )  # fmt: skip
    one, two, three = LISTED
    assert rows(found) == [
        (1, f"{one.surname} {one.given}", one.postal_code, one.town, f'["{"-".join(one.phone)}"]', "東京", "2026-04-01 01:00:00.000000Z", "1970-01-01", "1.50", "true", "a"),
        (2, f"{two.surname} {two.given}", two.postal_code, two.town, f'["{"-".join(two.phone)}"]', "ff00", None, "1900-01-01", None, None, "b\\x00"),
        (3, f"{three.surname} {three.given}", None, None, f'["{"-".join(three.phone)}"]', None, "1969-12-31 23:59:59.999999Z", "10183-09-21", "-3.00", "false", "a"),
    ]  # fmt: skip


def test_a_damaged_group_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    table = pa.table({"name": [f"山田{at:04d}" for at in range(30)], "n": list(range(30))})
    content = bytearray(
        written(table, row_group_size=10, compression="none", use_dictionary=False, write_page_checksum=True)
    )
    at = content.index("山田0015".encode())
    content[at] ^= 0xFF
    found = read(bytes(content), tmp_path)
    assert [row[0] for row in rows(found)] == [*range(1, 11), *range(21, 31)]
    assert rows(found)[-1] == (30, "山田0029", "29")
    assert [(one.kind, one.locator) for one in found.problems] == [(ProblemKind.DAMAGED, "row:11")]


def test_an_arrow_file_without_its_end_gives_its_batches(tmp_path: Path) -> None:
    out = pa.BufferOutputStream()
    table = pa.table({"n": pa.array(range(4000), pa.int32())})
    with pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=1000)
    content = out.getvalue().to_pybytes()
    found = read(content[: len(content) * 3 // 4], tmp_path)
    assert {len(rows(found)) % 1000, rows(found)[0], rows(found)[1999]} == {0, (1, "0"), (2000, "1999")}
    assert [one.kind for one in found.problems] == [ProblemKind.TRUNCATED, ProblemKind.DAMAGED]


def streamed(table: pa.Table, compression: str | None = None) -> bytes:
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(
        out, table.schema, options=pa.ipc.IpcWriteOptions(compression=compression)
    ) as writer:
        writer.write_table(table, max_chunksize=1000)
    return out.getvalue().to_pybytes()


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_streams_and_compressed_batches(compression: str | None, tmp_path: Path) -> None:
    table = pa.table({"氏名": [f"山田{at}" for at in range(2500)]})
    content = streamed(table, compression)
    found = read(content, tmp_path)
    assert ([row[1] for row in rows(found)], found.problems) == (table.column(0).to_pylist(), [])
    found = read(content[: len(content) * 2 // 3], tmp_path)
    assert [row[1] for row in rows(found)] == table.column(0).to_pylist()[: len(rows(found))]
    assert [one.kind for one in found.problems] == [ProblemKind.DAMAGED]
    for name in ("a.arrows", "a.arrow"):
        assert [one.full_name for one in select(all_parsers(), f"/{name}", content[:4096]).chosen] == [
            "documents/parquet_table"
        ]


def test_text_that_is_no_utf_8_is_told_as_what_it_is(tmp_path: Path) -> None:
    raw = pa.array(["東京都千代田区".encode("cp932"), None, b"plain"], pa.binary())
    name = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    found = read(written(pa.table({"name": name})), tmp_path)
    assert rows(found) == [(1, "東京都千代田区"), (2, None), (3, "plain")]


def test_limits_are_told(tmp_path: Path) -> None:
    found = read(written(pa.table({"a": ["x" * 1_100_000, "y"]})), tmp_path)
    assert [len(str(row[1])) for row in rows(found)] == [1 << 20, 1]
    assert [one.kind for one in found.problems] == [ProblemKind.LIMIT]
    found = read(written(pa.table({f"c{at}": [1] for at in range(1030)})), tmp_path)
    assert (found.sheets[0][0].width, [one.kind for one in found.problems]) == (1024, [ProblemKind.LIMIT])


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    found = read(written(columns().slice(0, 0)), tmp_path)
    assert (found.sheets[0][0].width, rows(found), found.problems) == (10, [], [])


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"FEA1" + bytes(40), "unsupported"), (b"PARE" + bytes(40), "locked"), (b"PAR1", "damaged"), (b"PAR1" + b"\xff" * 40 + b"PAR1", "damaged"), (b"ARROW1\0\0" + b"\xff" * 90, "damaged")],
)  # fmt: skip
def test_what_is_no_table_is_told(content: bytes, kind: str, tmp_path: Path) -> None:
    assert [str(one.kind) for one in read(content, tmp_path).problems] == [kind]


def damage(folder: Path) -> None:
    """Read damaged tables of both kinds; called in a child."""
    for content in (parquet_bytes(), feather_bytes(), written(columns(), compression="zstd")):
        for one in (*cut(content, 12), *flipped(content, 150)):
            read(one, folder)


def test_damaged_bytes_neither_raise_nor_crash(tmp_path: Path) -> None:
    in_child("tests.test_parquet_table", f"damage(Path({str(tmp_path)!r}))")
