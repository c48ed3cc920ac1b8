"""Takes what parsers yield and writes it as parts: provenance in front, values that cannot be stored told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from parsers.contract import Batch, Problem, ProblemKind, Row, Table
from pipeline import digest
from pipeline.tables.schema import full_schema
from pipeline.tables.write import Part, PartWriter

_ROWS_PENDING = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The provenance of rows to come."""

    case_id: str
    evidence_id: str
    entry_id: str | None
    parser: str
    version: str


class Sink:
    """One folder of parts, one file per table, and one per sheet; nothing of it is named by evidence."""

    def __init__(self, folder: Path) -> None:
        """Parts are written under `folder`, as `<table>.parquet` and `sheets/<sheet id>.parquet`."""
        self._folder = folder
        self._writers: dict[str, PartWriter] = {}
        self._pending: dict[str, list[dict[str, Any]]] = {}
        self._tables: dict[str, Table] = {}
        self._sheets: list[tuple[str, PartWriter]] = []

    def add(
        self, table: Table, origin: Origin, locator: str | None, values: Mapping[str, Any], status: str = "ok"
    ) -> list[Problem]:
        """Add one row; a value that its column cannot hold becomes null and is told as a problem."""
        checked, problems = dict(values), []
        for column in table.columns:
            value = checked.get(column.name)
            if value is None:
                continue
            try:
                pa.scalar(value, column.type)
            except (
                pa.ArrowInvalid,
                pa.ArrowTypeError,
                OverflowError,
                UnicodeEncodeError,
                ValueError,
                TypeError,
            ) as error:
                checked[column.name] = _storable(value, column.type)
                if checked[column.name] is None:
                    problems.append(_unstorable(locator, column.name, error))
        where = {"case_id": origin.case_id, "evidence_id": origin.evidence_id, "entry_id": origin.entry_id}
        by = {
            "locator": None if locator is None else storable(locator),
            "parser": origin.parser,
            "parser_version": origin.version,
        }
        self._tables[table.name] = table
        pending = self._pending.setdefault(table.name, [])
        pending.append({**where, **by, "status": status, **checked})
        if len(pending) >= _ROWS_PENDING:
            self._flush(table)
        return problems

    def add_row(self, origin: Origin, row: Row) -> list[Problem]:
        """Add a parser's row."""
        return self.add(row.table, origin, row.locator, row.values, str(row.status))

    def add_batch(self, origin: Origin, batch: Batch) -> None:
        """Add a parser's batch.

        Raises:
            pa.ArrowInvalid: the batch has not the columns of its table.
        """
        self._flush(batch.table)
        count = batch.rows.num_rows
        constant = (origin.case_id, origin.evidence_id, origin.entry_id)
        front = [pa.repeat(pa.scalar(value, pa.string()), count) for value in constant]
        front.append(batch.locators.cast(pa.string()))
        front += [
            pa.repeat(pa.scalar(value, pa.string()), count)
            for value in (origin.parser, origin.version, str(batch.status))
        ]
        own = [batch.rows.column(column.name) for column in batch.table.columns]
        self._writer(batch.table).write(
            pa.RecordBatch.from_arrays([*front, *own], schema=full_schema(batch.table))
        )

    def open_sheet(self, sheet_id: str, width: int) -> PartWriter:
        """A writer for the rows of one sheet; it is ended with the others by `close`."""
        columns = [("row_number", pa.int64()), *((f"c{index:03d}", pa.string()) for index in range(width))]
        writer = PartWriter(self._folder / "sheets" / f"{sheet_id}.parquet", pa.schema(columns))
        self._sheets.append((sheet_id, writer))
        return writer

    def close(self) -> tuple[list[tuple[str, Part]], list[tuple[str, Part]]]:
        """End every file; gives (table, part) and (sheet id, part), each sorted by name."""
        for table in list(self._tables.values()):
            self._flush(table)
        tables = [(name, writer.close()) for name, writer in sorted(self._writers.items())]
        sheets = [(name, writer.close()) for name, writer in sorted(self._sheets, key=lambda one: one[0])]
        return tables, sheets

    def _writer(self, table: Table) -> PartWriter:
        if table.name not in self._writers:
            self._writers[table.name] = PartWriter(self._folder / f"{table.name}.parquet", full_schema(table))
        return self._writers[table.name]

    def _flush(self, table: Table) -> None:
        pending = self._pending.pop(table.name, [])
        if pending:
            schema = full_schema(table)
            columns = [pa.array([row.get(field.name) for row in pending], field.type) for field in schema]
            self._writer(table).write(pa.RecordBatch.from_arrays(columns, schema=schema))


def storable(value: str) -> str:
    r"""Text that Arrow can hold: lone surrogates written as `\uDNNN`, nothing else changed."""
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def _storable(value: Any, kind: pa.DataType) -> Any:
    """A text, or a list of texts, as a column of texts can hold it; None for anything else."""
    if isinstance(value, str) and pa.types.is_string(kind):
        return storable(value)
    is_list = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
    if is_list and pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return [storable(one) for one in value]
    return None


def sheet_id(origin: Origin, locator: str) -> str:
    """Identifier of a sheet, which is also the name of its file."""
    return digest.short(origin.evidence_id, origin.entry_id or "", storable(locator))


def _unstorable(locator: str | None, column: str, error: BaseException) -> Problem:
    return Problem(
        kind=ProblemKind.DAMAGED,
        locator=locator or "",
        message=f"value does not fit its column ({type(error).__name__}); it is left null",
        column=column,
    )
