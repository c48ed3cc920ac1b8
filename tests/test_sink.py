"""Rows checked together are kept, and told of, exactly as rows checked one by one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.contract import (
    Batch,
    Column,
    Problem,
    ProblemKind,
    Row,
    Status,
    Table,
    integer,
    text,
    texts,
    utc,
)
from pipeline.extract.parse import gathered
from pipeline.extract.sink import Origin, Sink
from pipeline.tables.write import Part

TABLE = Table(
    "one",
    Column("name", text, "A text."),
    Column("number", integer, "A number."),
    Column("seen_at", utc, "An instant."),
    Column("words", texts, "Texts."),
)
OTHER = Table("other", Column("name", text, "A text."))
AT = datetime(2026, 9, 28, 9, 12, 30, tzinfo=UTC)
ORIGIN = Origin(case_id="K", evidence_id="pc", entry_id="e1", parser="windows/one", version="1")
NOTHING = Problem(kind=ProblemKind.DAMAGED, locator="9", message="nothing")


def written(folder: Path, rows: list[Row], together: int) -> tuple[list[Problem], list[tuple[str, Part]]]:
    """The problems and parts of rows added so many at a time; one at a time they are checked value by value."""
    sink = Sink(folder)
    told: list[Problem] = []
    for start in range(0, len(rows), together):
        few = rows[start : start + together]
        if together == 1:
            told += sink.add(few[0].table, ORIGIN, few[0].locator, few[0].values, str(few[0].status))
        else:
            told += sink.add_rows(ORIGIN, few)
    return told, sink.close()[0]


def made(count: int, wrong: dict[int, dict[str, Any]] | None = None) -> list[Row]:
    rows = []
    for number in range(count):
        values = {"name": f"値{number}", "number": number, "seen_at": AT + timedelta(seconds=number)}
        rows.append(TABLE.row(str(number), **(values | (wrong or {}).get(number, {}))))
    return rows


def test_what_does_not_fit_is_told_as_it_is_of_single_rows(tmp_path: Path) -> None:
    wrong = {
        3: {"number": 1 << 63, "name": b"\xff"},
        700: {"seen_at": "yesterday"},
        701: {"name": "half \ud842"},
        702: {"words": ["a", "\udc00"]},
        1999: {"words": [1]},
    }
    rows = made(2100, wrong)
    told, parts = written(tmp_path / "one", rows, 1)
    assert [(one.locator, one.column) for one in told] == [("3", "name"), ("3", "number"), ("700", "seen_at"), ("1999", "words")]  # fmt: skip
    assert written(tmp_path / "many", rows, 512)[0] == told
    stored = pq.read_table(parts[0][1].path).to_pylist()
    assert (stored[3]["name"], stored[3]["number"], stored[700]["seen_at"]) == (None, None, None)
    assert (stored[701]["name"], stored[702]["words"]) == ("half \\ud842", ["a", "\\udc00"])


@pytest.mark.parametrize("together", [2, 512, 2000])
def test_the_file_is_the_same_byte_for_byte(tmp_path: Path, together: int) -> None:
    rows = made(4100, {5: {"number": "five"}, 2500: {"name": None, "number": None}})
    one = written(tmp_path / "one", rows, 1)[1]
    many = written(tmp_path / "many", rows, together)[1]
    assert [(name, part.sha256, part.rows_sha256, part.rows) for name, part in one] == [
        (name, part.sha256, part.rows_sha256, part.rows) for name, part in many
    ]


ANY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 65), 1 << 65),
    st.floats(),
    st.text(st.characters(codec=None), max_size=4),
    st.binary(max_size=4),
    st.datetimes(timezones=st.sampled_from([None, UTC])),
    st.lists(st.one_of(st.text(max_size=2), st.integers()), max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(ANY, ANY, ANY, ANY), min_size=2, max_size=6))
def test_any_values_are_told_and_stored_alike(
    tmp_path_factory: pytest.TempPathFactory, values: list[tuple[Any, ...]]
) -> None:
    names = [column.name for column in TABLE.columns]
    rows = [TABLE.row(str(n), **dict(zip(names, one, strict=True))) for n, one in enumerate(values)]
    folder = tmp_path_factory.mktemp("any")
    one_told, one = written(folder / "one", rows, 1)
    many_told, many = written(folder / "many", rows, len(rows))
    assert one_told == many_told
    assert one[0][1].rows_sha256 == many[0][1].rows_sha256


def test_status_and_provenance_stand_in_front(tmp_path: Path) -> None:
    rows = [TABLE.row("a"), TABLE.row("b\udc00", Status.RECOVERED, name="x")]
    parts = written(tmp_path, rows, 2)[1]
    front = ("case_id", "evidence_id", "entry_id", "locator", "parser", "parser_version", "status", "name")
    assert [tuple(row[name] for name in front) for row in pq.read_table(parts[0][1].path).to_pylist()] == [
        ("K", "pc", "e1", "a", "windows/one", "1", "ok", None),
        ("K", "pc", "e1", "b\\udc00", "windows/one", "1", "recovered", "x"),
    ]


def test_order_is_kept_and_tables_are_not_mixed() -> None:
    first, second = made(3), [OTHER.row("x"), OTHER.row("y")]
    given = [*first[:2], NOTHING, first[2], *second]
    assert list(gathered(iter(given), 100)) == [first[:2], NOTHING, first[2:], second]


def test_rows_are_cut_where_the_limit_is_passed() -> None:
    batch = Batch(table=OTHER, locators=pa.array(["0", "1"]), rows=pa.RecordBatch.from_pydict({"name": ["a", "b"]}))  # fmt: skip
    rows = made(6)
    given = [batch, NOTHING, *rows]
    assert list(gathered(iter(given), 4))[2] == rows[:3]


def test_what_came_before_a_parser_raised_is_kept() -> None:
    def broken() -> Iterator[Row]:
        yield from made(2)
        raise ValueError("a fault of the parser")

    got = []
    with pytest.raises(ValueError, match="a fault"):
        for one in gathered(broken(), 100):
            got.append(one)  # noqa: PERF402
    assert got == [made(2)]


def test_it_can_be_left_early() -> None:
    given = gathered(iter([*made(2), NOTHING, *made(2)]), 100)
    assert next(given) == made(2)
    given.close()


def test_a_text_in_a_column_of_another_kind_is_a_problem(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    told = sink.add(TABLE, ORIGIN, "0", {"number": "five", "seen_at": ""})
    told += sink.add(TABLE, ORIGIN, "1", {"name": ["a"], "number": ["b"], "words": ["\udc00"]})
    assert [(one.locator, one.column) for one in told] == [
        ("0", "number"), ("0", "seen_at"), ("1", "name"), ("1", "number"),
    ]  # fmt: skip
    stored = pq.read_table(sink.close()[0][0][1].path).to_pylist()
    assert [stored[1][name] for name in ("name", "number", "words")] == [None, None, ["\\udc00"]]
