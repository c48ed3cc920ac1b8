"""What a parser yields is stored, and what its column cannot hold is told."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from parsers.contract import Column, Table, integer, text, texts
from pipeline.extract.sink import Origin, Sink

TABLE = Table(
    "one", Column("name", text, "A text."), Column("number", integer, "A number."), Column("words", texts, "Texts.")
)  # fmt: skip
ORIGIN = Origin(case_id="K", evidence_id="pc", entry_id="e1", parser="windows/one", version="1")


def test_a_text_in_a_column_of_another_kind_is_a_problem(tmp_path: Path) -> None:
    sink = Sink(tmp_path)
    told = sink.add(TABLE, ORIGIN, "0", {"number": "five"})
    told += sink.add(TABLE, ORIGIN, "1", {"name": ["a"], "number": ["b"], "words": ["\udc00"]})
    assert [(one.locator, one.column) for one in told] == [
        ("0", "number"), ("1", "name"), ("1", "number"),
    ]  # fmt: skip
    stored = pq.read_table(sink.close()[0][0][1].path).to_pylist()
    assert [stored[1][name] for name in ("name", "number", "words")] == [None, None, ["\\udc00"]]
