"""What was not read is estimated by the like of it in the same case, and by nothing where there is too little of it."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from pipeline.scope.coded import Mentions
from pipeline.scope.openness import SUSPECT, UNREAD, Open
from pipeline.scope.unread_persons import Estimate, estimates

_PER_BYTE = (10, 20, 30, 40, 50)  # bytes a person of the documents that were read


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(":memory:") as made:
        made.execute(
            "CREATE TABLE document (evidence_id VARCHAR, entry_id VARCHAR, name VARCHAR, sha256 VARCHAR, size_bytes BIGINT, is_complete BOOLEAN)"
        )
        made.execute(
            "CREATE TABLE file_entry (evidence_id VARCHAR, entry_id VARCHAR, name VARCHAR, size_bytes BIGINT)"
        )
        made.execute(
            "CREATE TABLE sheet (evidence_id VARCHAR, entry_id VARCHAR, sheet_id VARCHAR, row_count BIGINT)"
        )
        made.execute("CREATE TABLE sheet_column (sheet_id VARCHAR, is_suspect BOOLEAN)")
        made.execute("CREATE TABLE mention (sheet_id VARCHAR)")
        yield made


def hold(connection: duckdb.DuckDBPyConnection, persons: int, kind: str = "xlsx", likes: int = 5) -> Mentions:
    """So many documents of a kind with so many persons each; gives the mentions."""
    entries, entry = [], []
    for number, each in enumerate(_PER_BYTE[:likes]):
        row = ["pc", f"d{number}", f"list{number}.{kind.upper()}", f"sha{number}", persons * each, True]
        connection.execute("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", row)
        # A copy of the same bytes is no further like.
        connection.execute("INSERT INTO document VALUES ('pc', 'z' || ?, ?, ?, ?, ?)", row[1:])
        entries.append(("pc", f"d{number}"))
        entry += [number] * persons
    count = len(entry)
    nothing = np.zeros(count, dtype=np.int32)
    return Mentions(
        entry=np.array(entry, dtype=np.int32), entries=entries, category=nothing, categories=[()], item=nothing, items=[()],
        candidate=nothing, candidates=[()], kind=nothing, kinds=["unknown"], is_head=nothing > 0, is_shown=nothing > 0,
        is_sure=nothing == 0, is_dead=nothing > 0,
    )  # fmt: skip


def asked(
    connection: duckdb.DuckDBPyConnection, mentions: Mentions, name: str, size: int | None
) -> Estimate | None:
    connection.execute("INSERT INTO file_entry VALUES ('pc', 'locked', ?, ?)", [name, size])
    likely = np.arange(len(mentions), dtype=np.int32)
    found = estimates(
        connection, mentions, likely, [Open(reason=UNREAD, what=name, evidence_id="pc", entry_id="locked")]
    )
    return found.get((UNREAD, "pc", "locked"))


def test_a_locked_workbook_is_estimated_by_the_workbooks_that_were_read(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    found = asked(connection, hold(connection, 100), "secret.xlsm", 30_000)
    assert found is not None
    assert found.likely == 1_000  # a person in thirty bytes, the middle of the five
    assert 600 < found.low < found.likely < found.high < 3_000
    assert "5 xlsx documents" in found.method


@pytest.mark.parametrize(
    ("name", "size", "likes"),
    [
        ("secret.xlsx", 30_000, 4),
        ("secret.pdf", 30_000, 5),
        ("secret", 30_000, 5),
        ("secret.xlsx", None, 5),
        ("secret.xlsx", 0, 5),
    ],
)
def test_there_is_no_estimate_without_enough_of_the_like(
    connection: duckdb.DuckDBPyConnection, name: str, size: int | None, likes: int
) -> None:
    assert asked(connection, hold(connection, 100, likes=likes), name, size) is None


def test_documents_without_anybody_lower_the_estimate(connection: duckdb.DuckDBPyConnection) -> None:
    mentions = hold(connection, 100)
    connection.executemany(
        "INSERT INTO document VALUES ('pc', ?, ?, ?, 1000, true)",
        [[f"e{n}", f"empty{n}.xlsx", f"e{n}"] for n in range(6)],
    )
    found = asked(connection, mentions, "secret.xlsx", 30_000)
    assert found is not None
    assert (found.low, found.likely) == (0, 0)
    assert found.high > 1_000


def test_a_sheet_nobody_recognised_has_as_many_persons_as_rows_at_most(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        "INSERT INTO sheet VALUES ('pc', 'odd', 's1', 70), ('pc', 'odd', 's2', 5), ('pc', 'odd', 's3', 9)"
    )
    connection.execute(
        "INSERT INTO sheet_column VALUES ('s1', true), ('s1', true), ('s2', false), ('s3', true)"
    )
    connection.execute("INSERT INTO mention VALUES ('s3')")
    odd = Open(reason=SUSPECT, what="odd", evidence_id="pc", entry_id="odd")
    found = estimates(connection, hold(connection, 1), np.arange(5, dtype=np.int32), [odd])
    assert found[SUSPECT, "pc", "odd"] == Estimate(
        low=0, likely=70, high=70, method="rows of the sheet, one person each at most"
    )


def test_what_is_about_no_entry_is_not_estimated(connection: duckdb.DuckDBPyConnection) -> None:
    missing = Open(
        reason="traces that would show an exposure could not be looked at",
        what="pc x: missing",
        evidence_id="pc",
    )
    assert estimates(connection, hold(connection, 1), np.arange(5, dtype=np.int32), [missing]) == {}
